//! Child processes of `xizmat up`: the NATS server and the sealing process, each under a guard.

use std::{path::Path, process::Stdio, time::Duration};

use kernel::Failure;
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    process::{Child, ChildStdin, Command},
};

/// A running child. Closing its standard input stops it, whatever happens to us.
pub struct Guarded {
    name: &'static str,
    child: Child,
    /// Held apart from the child, because waiting for a child closes its input.
    input: Option<ChildStdin>,
}

impl Guarded {
    pub fn spawn(name: &'static str, program: &Path, arguments: &[String], log: &Path) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::internal("up.child", format!("{name} could not be started: {error}."));
        let ourselves = std::env::current_exe().map_err(failed)?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).map_err(failed)?;
        let mut child = Command::new(ourselves)
            .arg("guard")
            .arg("--")
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            // A Ctrl-C in the terminal reaches us alone; the children are stopped in order.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let input = child.stdin.take();
        Ok(Self { name, child, input })
    }

    pub async fn ended(&mut self) -> Failure {
        let status = self.child.wait().await;
        Failure::internal("up.child", format!("{} ended by itself ({status:?}).", self.name))
    }

    pub async fn stop(mut self) {
        drop(self.input.take());
        if tokio::time::timeout(Duration::from_secs(6), self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

/// Waits until the server greets, and refuses one that is too old.
pub async fn nats_ready(address: &str, server: &mut Guarded, log: &Path) -> Result<(), Failure> {
    for _ in 0..100 {
        if let Some(version) = greeting(address).await {
            return version_fits(&version);
        }
        let pause = tokio::time::sleep(Duration::from_millis(50));
        tokio::select! {
            () = pause => {}
            _ = server.ended() => return Err(Failure::internal("up.nats", format!("The NATS server did not start; {} says why.", log.display()))),
        }
    }
    Err(Failure::unavailable(
        "up.nats",
        format!("The NATS server at {address} does not answer; {} may say why.", log.display()),
    ))
}

async fn greeting(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let mut buffer = vec![0; 4096];
    let count = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut buffer)).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
    let info: serde_json::Value = serde_json::from_str(text.strip_prefix("INFO ")?.trim()).ok()?;
    info["version"].as_str().map(str::to_owned)
}

fn version_fits(version: &str) -> Result<(), Failure> {
    let mut parts = version.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or_default());
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if (major, minor) >= (2, 12) {
        return Ok(());
    }
    let message = format!("The NATS server is {version}; 2.12 or newer is needed (older ones silently drop filters).");
    Err(Failure::invalid("up.nats-too-old", message))
}

//! Child processes of `xizmat up`: the NATS server and the sealing process, each under a guard.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use kernel::Failure;
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    process::{Child, ChildStdin, Command},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// First pause before a child that ended by itself is started again; it doubles.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// A child that ran for this long gets the first pause again.
const SETTLED: Duration = Duration::from_secs(60);

/// What a child is and where it writes.
#[derive(Clone)]
pub struct Program {
    pub name: &'static str,
    pub path: PathBuf,
    pub arguments: Vec<String>,
    pub log: PathBuf,
    /// While this file is held by a program of an earlier start, ours waits.
    pub alone: Option<PathBuf>,
}

/// A running child. Closing its standard input stops it, whatever happens to us.
pub struct Guarded {
    child: Child,
    /// Held apart from the child, because waiting for a child closes its input.
    input: Option<ChildStdin>,
}

impl Program {
    pub fn start(&self) -> Result<Guarded, Failure> {
        let failed = |error: std::io::Error| {
            Failure::internal("up.child", format!("{} could not be started: {error}.", self.name))
        };
        let ourselves = std::env::current_exe().map_err(failed)?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).map_err(failed)?;
        let alone = self.alone.iter().flat_map(|file| ["--alone".into(), file.clone().into_os_string()]);
        let mut child = Command::new(ourselves)
            .arg("guard")
            .args(alone)
            .arg("--")
            .arg(&self.path)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            // A Ctrl-C in the terminal reaches us alone; the children are stopped in order.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let input = child.stdin.take();
        Ok(Guarded { child, input })
    }
}

impl Guarded {
    async fn ended(&mut self) {
        let _ = self.child.wait().await;
    }

    async fn stop(mut self) {
        drop(self.input.take());
        if tokio::time::timeout(Duration::from_secs(6), self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

/// A child that is started again whenever it ends by itself: cases wait for it, the platform does not end with it.
pub struct Kept {
    stop: CancellationToken,
    keeper: JoinHandle<()>,
}

impl Kept {
    pub fn keep(program: Program, child: Guarded) -> Self {
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(keep(program, child, stop.clone()));
        Self { stop, keeper }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        let _ = self.keeper.await;
    }
}

async fn keep(program: Program, mut child: Guarded, stop: CancellationToken) {
    let mut pause = PAUSE_MIN;
    loop {
        let started = Instant::now();
        tokio::select! {
            () = stop.cancelled() => return child.stop().await,
            () = child.ended() => {}
        }
        if started.elapsed() > SETTLED {
            pause = PAUSE_MIN;
        }
        tracing::error!(log = %program.log.display(), "{} ended by itself; it is started again", program.name);
        child = loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(PAUSE_MAX);
            match program.start() {
                Ok(child) => break child,
                Err(failure) => tracing::error!(%failure, "{} is still missing", program.name),
            }
        };
    }
}

/// Waits until the server greets, and refuses one that is too old.
pub async fn nats_ready(address: &str, server: &mut Guarded, log: &Path) -> Result<(), Failure> {
    for _ in 0..200 {
        if let Some(version) = greeting(address).await {
            return version_fits(&version);
        }
        let pause = tokio::time::sleep(Duration::from_millis(50));
        tokio::select! {
            () = pause => {}
            () = server.ended() => return Err(Failure::internal("up.nats", format!("The NATS server did not start; {} says why.", log.display()))),
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

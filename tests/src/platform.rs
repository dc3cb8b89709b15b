//! A whole platform and its counterparts, in a folder of their own, on free ports.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde::Deserialize;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

pub struct Platform {
    pub folder: TempDir,
    pub ready: Ready,
    pub counterparts: Counterparts,
    platform: Option<Child>,
    _sandbox: Child,
}

/// Where the outside parties' counterparts listen.
#[derive(Debug, Clone, Deserialize)]
pub struct Counterparts {
    pub url: String,
    /// What the contracts with them bring: the platform's configuration file.
    pub config: PathBuf,
}

/// What `xizmat up --json` prints when it is ready.
#[derive(Debug, Clone, Deserialize)]
pub struct Ready {
    pub portal: String,
    pub health: String,
    pub nats: String,
    pub accounts: Vec<Account>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    pub login: String,
    pub password: String,
    pub totp_secret: String,
    pub role: String,
    pub agency: String,
}

impl Platform {
    pub async fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder")).await
    }

    /// In a folder that was prepared (its `data` may be a small file system of its own).
    pub async fn start_in(folder: TempDir) -> Self {
        let (sandbox, counterparts) = start_sandbox(folder.path()).await;
        let (platform, ready) = start_platform(folder.path(), &counterparts, [0; 3]).await;
        Self { folder, ready, counterparts, platform: Some(platform), _sandbox: sandbox }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Ends the platform as a power cut would: no handler runs.
    pub async fn kill(&mut self) {
        if let Some(mut platform) = self.platform.take() {
            platform.kill().await.expect("the platform was running");
        }
    }

    pub async fn start_again(&mut self) {
        let Ready { portal, health, nats, .. } = &self.ready;
        let (platform, ready) =
            start_platform(self.folder.path(), &self.counterparts, [portal, health, nats].map(|url| port(url))).await;
        self.platform = Some(platform);
        self.ready = ready;
    }

    /// What a counterpart has seen.
    pub async fn ask(&self, path: &str) -> serde_json::Value {
        let url = format!("{}/{path}", self.counterparts.url);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = client.get(&url).send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        answer.json().await.unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// Tells a counterpart how to behave.
    pub async fn tell(&self, counterpart: &str, what: serde_json::Value) {
        let url = format!("{}/{counterpart}/control", self.counterparts.url);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = client.post(&url).json(&what).send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("platform.log")).unwrap_or_default()
    }
}

fn port(url: &str) -> u16 {
    url::Url::parse(url).ok().and_then(|url| url.port()).expect("it told its address")
}

pub fn binary(name: &str) -> PathBuf {
    let ours = std::env::current_exe().expect("a running test has a path");
    ours.ancestors().nth(2).expect("target/debug/deps/x").join(name)
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the repository")
}

async fn start_sandbox(folder: &Path) -> (Child, Counterparts) {
    let log = std::fs::File::create(folder.join("sandbox.log")).expect("a log file");
    let mut child = Command::new(binary("xizmat-sandbox"))
        .args(["--listen", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--json", "--contract"])
        .arg(folder.join("contract"))
        .arg("--platform-data")
        .arg(folder.join("data"))
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("build it first: make build");
    let line = first_line(&mut child, "the sandbox").await;
    let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (child, ready)
}

/// Port 0: a free one. A platform that starts again is where people left it.
async fn start_platform(folder: &Path, counterparts: &Counterparts, [port, health, nats]: [u16; 3]) -> (Child, Ready) {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("platform.log")).expect("a log file");
    let mut child = Command::new(binary("xizmat"))
        .args(["up", "--json", "--listen"])
        .arg(format!("127.0.0.1:{port}"))
        .args(["--health".to_owned(), format!("127.0.0.1:{health}"), "--nats-port".to_owned(), nats.to_string()])
        .arg("--data")
        .arg(folder.join("data"))
        .arg("--definitions")
        .arg(repository().join("examples"))
        .arg("--config")
        .arg(&counterparts.config)
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("build it first: make build");
    let line = first_line(&mut child, "the platform").await;
    let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (child, ready)
}

async fn first_line(child: &mut Child, who: &str) -> String {
    let output = child.stdout.take().expect("piped above");
    let mut lines = BufReader::new(output).lines();
    let line = tokio::time::timeout(Duration::from_secs(90), lines.next_line()).await;
    let line = line.unwrap_or_else(|_| panic!("{who} was not ready in time")).expect("its output is text");
    let line = line.unwrap_or_else(|| panic!("{who} ended before it was ready; its log says why"));
    // What it prints later must not block it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    line
}

//! A whole platform and its counterparts, in a folder of their own, on free ports.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{patience::Patience, visitor::Visitor};

pub struct Platform {
    pub folder: TempDir,
    pub ready: Ready,
    pub counterparts: Counterparts,
    /// Officers who have signed in, by login: an authenticator's code counts once, so tests share their sessions.
    pub(crate) officers: tokio::sync::Mutex<BTreeMap<String, Visitor>>,
    manner: Manner,
    platform: Option<Child>,
    _sandbox: Option<Child>,
}

/// How a platform is started.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// Civil time can be put forward.
    pub rehearsal: bool,
    /// The definitions' folder, watched for changes; the examples, not watched, when left out.
    pub watched: Option<PathBuf>,
    /// Another program for the NATS server.
    pub nats_server: Option<PathBuf>,
    /// Where an OpenTelemetry collector listens.
    pub collector: Option<String>,
    /// The name of a recovery that every database has to have been through.
    pub recovery: Option<String>,
    /// More of the configuration, as `key=value`.
    pub settings: Vec<String>,
}

/// Whoever tests at night waits for no morning, and few fictional people get the messages of many journeys.
const AT_ONCE: [&str; 4] = [
    "notifications.quiet.from_hour=0",
    "notifications.quiet.until_hour=0",
    "notifications.sms.per_hour=10000",
    "notifications.sms.per_day=10000",
];

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
        Self::start_as(folder, Manner::default()).await
    }

    pub async fn start_as(mut folder: TempDir, manner: Manner) -> Self {
        // For whoever looks for the cause of a failure.
        folder.disable_cleanup(std::env::var_os("KEEP_TEST_FOLDERS").is_some());
        let (sandbox, counterparts) = start_sandbox(folder.path()).await;
        let ports = std::array::from_fn(|_| testkit::free_port());
        let (platform, ready) = start_platform(folder.path(), &counterparts, &manner, ports).await;
        let officers = tokio::sync::Mutex::default();
        let started =
            Self { folder, ready, counterparts, officers, manner, platform: Some(platform), _sandbox: Some(sandbox) };
        started.counterparts_follow().await;
        started
    }

    /// One that stands elsewhere, in a cluster for example: the folder has `ready.json`, `counterparts.json` and `data/db`.
    pub fn standing(at: &Path) -> Self {
        let read = |name: &str| {
            let path = at.join(name);
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::os::unix::fs::symlink(at.join("data"), folder.path().join("data")).expect("the folder is new");
        Self {
            folder,
            ready: serde_json::from_slice(&read("ready.json")).expect("what `xizmat up` prints when it is ready"),
            counterparts: serde_json::from_slice(&read("counterparts.json")).expect("where the counterparts listen"),
            officers: tokio::sync::Mutex::default(),
            manner: Manner::default(),
            platform: None,
            _sandbox: None,
        }
    }

    /// Counterparts that call back begin once the platform has told its addresses.
    async fn counterparts_follow(&self) {
        let url = format!("{}/payme/control", self.counterparts.url);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let patience = Patience::default();
        while patience.lasts() {
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the counterparts did not find the platform");
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The process that runs all of its services.
    pub fn process(&self) -> u32 {
        self.platform.as_ref().and_then(Child::id).expect("the platform is running")
    }

    /// Ends the platform as a power cut would: no handler runs.
    pub async fn kill(&mut self) {
        if let Some(mut platform) = self.platform.take() {
            platform.kill().await.expect("the platform was running");
        }
    }

    /// Asks it to stop, as Ctrl-C does, and says how it ended.
    pub async fn stop(&mut self) -> ExitStatus {
        let mut platform = self.platform.take().expect("the platform was running");
        let pid = platform.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).expect("it has not ended yet");
        kill_process(pid, Signal::TERM).expect("it is ours");
        platform.wait().await.expect("it ends")
    }

    /// Puts a rehearsal's civil time forward, in every process of it.
    pub async fn advance(&self, seconds: u64) {
        assert!(self.manner.rehearsal, "only a rehearsal's time can be put forward");
        let (draft, file) = (self.data().join("run/clock-shift.new"), self.data().join("run/clock-shift"));
        let before = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<u64>().ok());
        std::fs::write(&draft, format!("{}\n", before.unwrap_or_default() + seconds))
            .expect("the folder can be written");
        std::fs::rename(draft, file).expect("both are in one folder");
        // Each process looks five times a second.
        tokio::time::sleep(Duration::from_millis(400)).await;
    }

    /// How far ahead of real time it lives, in seconds.
    pub fn ahead(&self) -> u64 {
        let text = std::fs::read_to_string(self.data().join("run/clock-shift")).unwrap_or_default();
        text.trim().parse().unwrap_or_default()
    }

    pub async fn start_again(&mut self) {
        let Ready { portal, health, nats, .. } = &self.ready;
        let (platform, ready) = start_platform(
            self.folder.path(),
            &self.counterparts,
            &self.manner,
            [portal, health, nats].map(|url| port(url)),
        )
        .await;
        self.platform = Some(platform);
        self.ready = ready;
    }

    /// Starts over databases that were put in the place of those that were there; nobody is signed in any more.
    pub async fn start_restored(&mut self, recovery: &str) {
        self.manner.recovery = Some(recovery.to_owned());
        self.officers = tokio::sync::Mutex::default();
        self.start_again().await;
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
    let ours = std::env::current_exe().expect("a running program has a path");
    // A test lies in `deps`, one folder below; a measurement lies beside it.
    let found = ours.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing; build it first: make build"))
}

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the repository")
}

async fn start_sandbox(folder: &Path) -> (Child, Counterparts) {
    let log = std::fs::File::create(folder.join("sandbox.log")).expect("a log file");
    let mut child = Command::new(binary("xizmat-sandbox"))
        .args(["--listen", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--json", "--bounces"])
        .arg(format!("127.0.0.1:{}", testkit::free_port()))
        .arg("--contract")
        .arg(folder.join("contract"))
        .arg("--platform-data")
        .arg(folder.join("data"))
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("build it first: make build");
    let line = first_line(&mut child, &folder.join("sandbox.log")).await;
    let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (child, ready)
}

/// A platform that starts again is where people left it.
async fn start_platform(
    folder: &Path,
    counterparts: &Counterparts,
    manner: &Manner,
    [port, health, nats]: [u16; 3],
) -> (Child, Ready) {
    let log =
        std::fs::OpenOptions::new().create(true).append(true).open(folder.join("platform.log")).expect("a log file");
    let mut command = Command::new(binary("xizmat"));
    if manner.rehearsal {
        command.args(["up", "--rehearsal"]);
    } else {
        command.arg("up");
    }
    if manner.watched.is_some() {
        command.arg("--watch");
    }
    if let Some(server) = &manner.nats_server {
        command.arg("--nats-server").arg(server);
    }
    if let Some(collector) = &manner.collector {
        command.arg("--set").arg(format!("telemetry.otlp_endpoint={collector}"));
    }
    if let Some(recovery) = &manner.recovery {
        command.arg("--set").arg(format!("recovery={recovery}"));
    }
    for setting in AT_ONCE.into_iter().chain(manner.settings.iter().map(String::as_str)) {
        command.arg("--set").arg(setting);
    }
    // Most of these are for tests, such as how many rounds; the platform refuses what it does not know.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("XIZMAT_") && text != "XIZMAT_NATS_SERVER" {
            command.env_remove(&name);
        }
    }
    let mut child = command
        .args(["--json", "--listen"])
        .arg(format!("127.0.0.1:{port}"))
        .args(["--health".to_owned(), format!("127.0.0.1:{health}"), "--nats-port".to_owned(), nats.to_string()])
        .arg("--data")
        .arg(folder.join("data"))
        .arg("--definitions")
        .arg(manner.watched.clone().unwrap_or_else(|| repository().join("examples")))
        .arg("--config")
        .arg(&counterparts.config)
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("build it first: make build");
    let line = first_line(&mut child, &folder.join("platform.log")).await;
    let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (child, ready)
}

async fn first_line(child: &mut Child, log: &Path) -> String {
    let output = child.stdout.take().expect("piped above");
    let mut lines = BufReader::new(output).lines();
    let said = || std::fs::read_to_string(log).unwrap_or_default();
    let mut patience = Patience::default();
    let line = loop {
        match tokio::time::timeout(Duration::from_secs(1), lines.next_line()).await {
            Ok(line) => break line.expect("its output is text"),
            Err(_) => assert!(
                patience.lasts_while(i64::try_from(said().len()).unwrap_or(i64::MAX)),
                "it was not ready in time:\n{}",
                said()
            ),
        }
    };
    let line = line.unwrap_or_else(|| panic!("it ended before it was ready:\n{}", said()));
    // What it prints later must not block it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    line
}

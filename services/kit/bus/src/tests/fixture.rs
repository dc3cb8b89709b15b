//! A real server on a free port, and roles with keys that trust each other.

use std::{ffi::OsStr, path::PathBuf, process::Child, sync::Arc};

use boot::{Kit, Stage};
use kernel::{Time, id::MessageId};
use proto::{Event as _, payments::v1::IntentCaptured};
use sql::outbox::Outgoing;
use tempfile::TempDir;

use crate::{Bus, Replicas, Settings, keys::Key};

pub struct Platform {
    pub dir: TempDir,
    pub kit: Kit,
    /// What roles that connect from now on are told.
    pub replicas: Replicas,
    url: String,
    port: u16,
    child: Option<Child>,
}

pub const ROLES: [&str; 5] = ["eservice", "payments", "portal", "identity", "docket"];

impl Platform {
    pub fn start() -> Self {
        let port = testkit::free_port();
        let mut platform = Self::at(format!("nats://127.0.0.1:{port}"));
        platform.port = port;
        platform.start_server();
        platform
    }

    /// Roles alone; the servers are somebody else's.
    pub fn at(url: String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let kit = Kit::system(Stage::Trial);
        let mut trusted = Vec::new();
        for role in ROLES {
            let key = Key::generate(&*kit.random);
            std::fs::write(dir.path().join(format!("{role}.key")), key.to_text()).unwrap();
            trusted.push(key.trusted(role, Time::from_seconds(0), None));
        }
        let trusted = serde_json::to_vec(&trusted).unwrap();
        std::fs::write(dir.path().join("trusted.json"), trusted).unwrap();
        let user = nkeys::KeyPair::new_user();
        let credentials = format!(
            "-----BEGIN NATS USER JWT-----\nunused.unused.unused\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
            user.seed().unwrap()
        );
        std::fs::write(dir.path().join("any.creds"), credentials).unwrap();
        Self { dir, kit, replicas: Replicas::One, url, port: 0, child: None }
    }

    pub fn start_server(&mut self) {
        let (port, storage) = (self.port.to_string(), self.storage());
        let arguments = ["-a", "127.0.0.1", "-p", &port, "-js", "-sd"].map(OsStr::new);
        self.child = Some(testkit::nats_server(arguments.into_iter().chain([storage.as_os_str()])));
    }

    /// An event of payments, not written yet.
    pub fn captured(&self, body: Vec<u8>) -> Outgoing {
        Outgoing {
            message_id: MessageId::new(&*self.kit.clock, &*self.kit.random),
            name: IntentCaptured::NAME.into(),
            agency: "justice".into(),
            case: None,
            time: self.kit.clock.now(),
            body,
        }
    }

    /// `kill -9`
    pub fn kill_server(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub fn storage(&self) -> PathBuf {
        self.dir.path().join("jetstream")
    }

    pub fn settings(&self, role: &str) -> Settings {
        let file = |name: &str| self.dir.path().join(name);
        Settings {
            url: self.url.clone(),
            credentials_file: file("any.creds"),
            role: role.to_owned(),
            key_file: file(&format!("{role}.key")),
            trusted_keys_file: file("trusted.json"),
            replicas: self.replicas,
            ..Settings::default()
        }
    }

    pub async fn bus(&self, role: &str) -> Bus {
        Bus::connect(&self.settings(role), self.kit.clock.clone(), self.kit.random.clone()).await.unwrap()
    }

    pub async fn database(&self, name: &str) -> sql::Database {
        let file = self.dir.path().join(format!("{name}.db"));
        sql::Database::open(&sql::Settings::file(file), &[]).await.unwrap()
    }

    pub fn key(&self, role: &str) -> Key {
        Key::read(&self.dir.path().join(format!("{role}.key"))).unwrap()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.kit.shutdown.cancel();
        if let Some(child) = &mut self.child {
            let ended = child.kill().and_then(|()| child.wait());
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

/// Waits until `condition` holds. Three minutes are no measure of anything: they only end a test that hangs.
pub async fn eventually<F: AsyncFn() -> bool>(what: &str, condition: F) {
    for _ in 0..1800 {
        if condition().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it never came true that {what}");
}

pub type Shared<T> = Arc<std::sync::Mutex<T>>;

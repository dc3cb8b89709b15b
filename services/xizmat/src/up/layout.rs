//! Where everything of one platform lies in its data folder, and the settings that follow from it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use boot::{Kit, Stage};
use identity::ClientSettings;
use kernel::Failure;
use rustix::fs::{FlockOperation, flock};
use tokio::net::TcpListener;

use super::{
    children::Program,
    instance::{Addresses, Instance},
};
use crate::settings::Settings;

/// The command line's name at identity; it has no secret and relies on PKCE.
pub const CLI_CLIENT: &str = "cli";
/// Where identity sends the command line's browser back; nobody listens there, the redirect itself carries the code.
pub const CLI_REDIRECT: &str = "http://127.0.0.1/cli";

/// How long the server of a platform that was killed a moment ago may take to end: its guard kills it before.
const LET_GO: Duration = Duration::from_secs(20);
/// Held by this folder's server for as long as it runs.
const SERVER_LOCK: &str = "run/nats.lock";

pub struct Layout {
    pub folder: PathBuf,
    pub logs: PathBuf,
    pub base_url: String,
    pub nats: exchange::Provisioned,
    pub nats_address: String,
    identity: identity::Provisioned,
}

impl Layout {
    /// Makes every key and secret that is missing; existing ones stay.
    pub fn prepare(instance: &Instance, listener: &TcpListener, nats_port: u16) -> Result<Self, Failure> {
        let folder = instance.folder.clone();
        for part in ["db", "logs", "keys/agencies", "ca"] {
            let path = folder.join(part);
            std::fs::create_dir_all(&path).map_err(|error| {
                Failure::invalid("up.data-folder", format!("{} cannot be made: {error}.", path.display()))
            })?;
        }
        let kit = Kit::system(Stage::Trial);
        let address = listener.local_addr().map_err(|error| Failure::internal("up.address", error.to_string()))?;
        let nats_address = format!("127.0.0.1:{}", free_port(nats_port, &folder.join(SERVER_LOCK))?);
        let roles: Vec<&str> = proto::permissions::ROLES.to_vec();
        let nats = exchange::prepare(&folder.join("nats"), &nats_address, &roles, &*kit.clock, &*kit.random)?;
        let identity = identity::provision(&folder.join("keys/identity"), &*kit.random)?;
        for key in ["lookup", "portal-session"] {
            boot::secrets::read_or_make_key(&folder.join(format!("keys/{key}.key")), &*kit.random)?;
        }
        Ok(Self {
            logs: folder.join("logs"),
            base_url: format!("http://localhost:{}", address.port()),
            folder,
            nats,
            nats_address,
            identity,
        })
    }

    /// What `up` decides by itself; what it is told by the configuration file, the environment and flags goes over it.
    pub fn settings(&self, told: &Settings) -> Settings {
        let mut settings = Settings { stage: told.stage, recovery: told.recovery.clone(), ..Settings::default() };
        // A PostgreSQL that is named takes the file's place: with both, a service would refuse to start.
        let database = |service: &str, told: &sql::Settings| match told.url_file {
            Some(_) => sql::Settings::default(),
            None => sql::Settings::file(self.folder.join(format!("db/{service}.sqlite"))),
        };
        macro_rules! place {
            ($($service:ident),*) => {$(
                settings.$service.database = database(stringify!($service), &told.$service.database);
                settings.$service.bus = self.nats.bus(stringify!($service));
            )*};
        }
        place!(identity, register, exchange, payments, signing, notifications, eservice, docket, portal);
        self.identity_settings(&mut settings.identity);
        settings.exchange.folder = self.nats.folder.clone();
        settings.payments.return_origins = vec![self.base_url.clone()];
        settings.notifications.agency_keys_dir = self.key("notifications");
        settings.notifications.numbers_key_file = self.key("numbers.key");
        settings.notifications.bounces_key_file = self.key("bounces.key");
        settings.eservice.agency_keys_dir = self.key("agencies");
        settings.eservice.lookup_key_file = self.key("lookup.key");
        settings.docket.reasons_key_file = self.key("reasons.key");
        settings.operator.bus = self.nats.bus(controller::ROLE);
        settings.operator.portal_url.clone_from(&self.base_url);
        settings.portal.base_url.clone_from(&self.base_url);
        settings.portal.issuer.clone_from(&settings.identity.issuer);
        settings.portal.client_secret_file = Some(self.identity.portal_secret_file.clone());
        settings.portal.session_key_file = self.key("portal-session.key");
        self.signing_settings(&mut settings.signing);
        settings
    }

    fn identity_settings(&self, identity: &mut identity::Config) {
        identity.issuer = format!("{}/identity", self.base_url);
        identity.signing_key_files = vec![self.identity.signing_key_file.clone()];
        identity.sealing_key_file.clone_from(&self.identity.sealing_key_file);
        identity.lookup_key_file = self.key("lookup.key");
        let names = |roles: &[&str]| -> Vec<String> { roles.iter().map(|role| (*role).to_owned()).collect() };
        let audiences =
            names(&["eservice", "docket", "payments", "signing", "notifications", "exchange", "identity", "register"]);
        identity.clients = vec![
            ClientSettings {
                id: "portal".into(),
                redirect_uris: vec![format!("{}/signed-in", self.base_url)],
                post_logout_redirect_uris: vec![format!("{}/", self.base_url)],
                secret_file: Some(self.identity.portal_secret_file.clone()),
                audiences,
            },
            ClientSettings {
                id: CLI_CLIENT.into(),
                redirect_uris: vec![CLI_REDIRECT.into()],
                audiences: names(&["exchange", "eservice", "payments", "identity", "register"]),
                ..ClientSettings::default()
            },
        ];
    }

    fn signing_settings(&self, signing: &mut signing::Config) {
        signing.agency_keys_dir = self.key("agencies");
        signing.ca_dir = self.folder.join("ca");
        signing.verify_url = format!("{}/verify", self.base_url);
    }

    fn key(&self, name: &str) -> PathBuf {
        self.folder.join("keys").join(name)
    }

    pub fn addresses(&self, health: &TcpListener) -> Result<Addresses, Failure> {
        let health = health.local_addr().map_err(|error| Failure::internal("up.address", error.to_string()))?;
        Ok(Addresses {
            portal: self.base_url.clone(),
            identity: format!("{}/identity", self.base_url),
            callback: format!("{}/callback", self.base_url),
            health: format!("http://localhost:{}", health.port()),
            nats: self.nats.url.clone(),
            agents: self.nats.agents.clone(),
        })
    }

    pub fn nats_server(&self, server: &Path) -> Program {
        Program {
            name: "the NATS server",
            path: server.to_owned(),
            arguments: vec!["-c".to_owned(), self.nats.server_config.display().to_string()],
            log: self.logs.join("nats.log"),
            // The server of a platform that was killed a moment ago may still be writing its storage.
            alone: Some(self.folder.join(SERVER_LOCK)),
        }
    }

    /// How far a rehearsal's time is ahead, in seconds.
    pub fn clock_shift(&self) -> PathBuf {
        self.folder.join("run/clock-shift")
    }

    /// The sealing process is a child of its own: nobody else opens seal keys (trust 11).
    pub fn sealing(&self, settings: &Settings, rehearsal: Option<&Path>) -> Result<Program, Failure> {
        let failed = |error: std::io::Error| {
            Failure::internal("up.child", format!("The sealing process could not be prepared: {error}."))
        };
        let config = self.folder.join("run/settings.toml");
        std::fs::write(&config, boot::config::dump(settings)).map_err(failed)?;
        let mut arguments = ["serve", "signing", "--config", &config.display().to_string()].map(str::to_owned).to_vec();
        if let Some(clock) = rehearsal {
            arguments.extend(["--rehearsal".to_owned(), clock.display().to_string()]);
        }
        let path = std::env::current_exe().map_err(failed)?;
        let log = self.logs.join("signing.log");
        Ok(Program { name: "the sealing process", path, arguments, log, alone: None })
    }
}

/// NATS cannot be handed a socket: a port that was free a moment ago is the best there is. What an earlier server of this
/// folder still holds will be free; what anybody else holds will not.
fn free_port(asked: u16, server_lock: &Path) -> Result<u16, Failure> {
    let until = Instant::now() + LET_GO;
    let bound = loop {
        let ending = is_held(server_lock);
        let bound = std::net::TcpListener::bind(("127.0.0.1", asked));
        if bound.is_ok() || !ending || Instant::now() > until {
            break bound;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let address = bound.and_then(|listener| listener.local_addr()).map_err(|error| {
        let message = format!(
            "Cannot listen on port {asked} for the NATS server: {error}. Stop what uses it, or give --nats-port."
        );
        Failure::conflict("up.port-in-use", message)
    })?;
    Ok(address.port())
}

fn is_held(lock: &Path) -> bool {
    let Ok(file) = std::fs::File::open(lock) else { return false };
    flock(&file, FlockOperation::NonBlockingLockShared).is_err()
}

#[cfg(test)]
mod tests {
    use boot::config::{Sources, load_over};

    use super::*;

    #[test]
    fn a_port_is_waited_for_while_an_earlier_server_of_the_folder_ends_and_refused_otherwise() {
        let lock = testkit::folder().join("server.lock");
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(free_port(port, &lock).unwrap_err().code, "up.port-in-use", "no server of ours");
        let held = std::fs::File::create(&lock).unwrap();
        assert_eq!(free_port(port, &lock).unwrap_err().code, "up.port-in-use", "none that runs");
        flock(&held, FlockOperation::NonBlockingLockExclusive).unwrap();
        let ends = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            drop((taken, held));
        });
        assert_eq!(free_port(port, &lock).unwrap(), port);
        ends.join().unwrap();
    }

    #[tokio::test]
    async fn the_bus_of_a_platform_on_one_machine_listens_on_that_machine_only() {
        let instance = Instance::open(&testkit::folder().join("loopback"), Stage::Trial).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let layout = Layout::prepare(&instance, &listener, 0).unwrap();
        let address: std::net::SocketAddr = layout.nats_address.parse().unwrap();
        assert!(address.ip().is_loopback(), "{address}");
        let written = std::fs::read_to_string(&layout.nats.server_config).unwrap();
        let listens: Vec<&str> = written.lines().filter(|line| line.trim_start().starts_with("listen")).collect();
        assert_eq!(listens, [format!("listen: \"{address}\"")], "in no other place");
        for more in ["http", "cluster", "leafnodes", "gateway", "websocket", "mqtt", "host", "port", "include"] {
            assert!(!written.lines().any(|line| line.trim_start().starts_with(more)), "{more} in:\n{written}");
        }
    }

    #[tokio::test]
    async fn a_postgresql_that_is_named_takes_the_place_of_the_file() {
        let instance = Instance::open(&testkit::folder().join("named"), Stage::Production).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let layout = Layout::prepare(&instance, &listener, 0).unwrap();
        let load = |base: &Settings, flags: &[&str]| {
            let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
            load_over::<Settings>(base, &Sources { flags, ..Sources::default() }).unwrap()
        };
        let one = ["stage=production", "payments.database.url_file=/run/payments.url"];
        let mut settings = load(&layout.settings(&load(&Settings::default(), &one)), &one);
        let payments = &settings.payments.database;
        assert_eq!((&payments.file, payments.url_file.as_deref()), (&None, Some(Path::new("/run/payments.url"))));
        assert!(settings.identity.database.file.as_ref().unwrap().ends_with("db/identity.sqlite"));
        assert_eq!(settings.judge().unwrap_err().code, "config.sqlite-in-production", "the others are still files");
    }
}

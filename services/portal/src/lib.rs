//! The portal: pages for citizens and officers. It keeps nothing but sessions; every other fact belongs to another service.

mod assets;
mod bus;
mod domain;
mod http;
mod locales;
mod store;

use std::{path::PathBuf, sync::Arc};

use boot::{Kit, Stage, Started};
use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use http::document;

/// How the portal runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where sessions are kept.
    pub database: sql::Settings,
    /// The portal's place on the bus.
    pub bus: ::bus::Settings,
    /// The address people see, without a slash at the end.
    pub base_url: String,
    /// Identity's address: the issuer of its tokens, without a slash at the end.
    pub issuer: String,
    /// Where the portal itself asks identity, when that is another address than browsers use: a way inside one network, such
    /// as `http://identity:8080/identity`. Left out: the issuer.
    pub identity_url: Option<String>,
    /// The portal's name at identity.
    pub client_id: String,
    /// The secret by which the portal proves itself to identity.
    pub client_secret_file: Option<PathBuf>,
    /// Key that seals sessions at rest; made when missing.
    pub session_key_file: PathBuf,
    /// Proxies of ours in front of the portal, whose `X-Forwarded-For` entries are believed.
    pub trusted_hops: usize,
    /// Origins of payment pages (such as https://checkout.example) to which a form may lead without a page in between.
    pub checkout_origins: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: sql::Settings::default(),
            bus: ::bus::Settings { role: "portal".into(), ..Default::default() },
            base_url: "http://localhost:8080".into(),
            issuer: "http://localhost:8080/identity".into(),
            identity_url: None,
            client_id: "portal".into(),
            client_secret_file: None,
            session_key_file: "portal-session.key".into(),
            trusted_hops: 0,
            checkout_origins: Vec::new(),
        }
    }
}

pub async fn start(kit: &Kit, config: Config) -> Result<Started, Failure> {
    let database = sql::Database::open(&config.database, store::MIGRATIONS).await?;
    let key = boot::secrets::read_or_make_key(&config.session_key_file, kit.random.as_ref())?;
    let asker_key = *kernel::keyed_hash(&key, &[b"asker"]).as_bytes();
    let sessions = store::Sessions::new(database.clone(), key, kit.clock.clone(), kit.random.clone());
    let connection = ::bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    bus::serve(&connection, &database, kit).await?;
    if kit.recovering {
        let router = web::traced(http::closed(&config, kit.stage == Stage::Trial), "portal", kit.random.clone());
        return Ok(Started { router: Some(router) });
    }
    let provider = http::Provider::new(&config, kit.clock.clone(), kit.random.clone())?;
    let cleaner = sessions.clone();
    let shutdown = kit.shutdown.clone();
    kit.spawn("portal-sessions", move || store::forget_ended(cleaner.clone(), shutdown.clone()));
    let portal = Arc::new(http::Portal {
        services: bus::Services::new(
            connection,
            provider.clone(),
            sessions.clone(),
            kit.clock.clone(),
            kit.random.clone(),
        ),
        provider,
        sessions,
        menus: http::Menus::default(),
        limits: http::Limits::new(&kit.clock),
        experiences: http::Experiences::default(),
        clock: kit.clock.clone(),
        random: kit.random.clone(),
        trial: kit.stage == Stage::Trial,
        asker_key,
        trust: http::Latest::default(),
        lists: http::Lists::default(),
        config,
    });
    let router = web::traced(http::router(portal), "portal", kit.random.clone());
    Ok(Started { router: Some(router) })
}

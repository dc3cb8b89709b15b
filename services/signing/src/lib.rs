//! Documents: rendered from the admitted revision's template, sealed by the agency, verifiable by anyone, revocable.
//!
//! Runs as a process of its own that alone opens seal keys (trust 11). Templates and foreign files are handled by
//! `worker`, a child without any rights. Standards: PDF/A-2a (ISO 19005-2), PDF/UA-1 (ISO 14289-1), PAdES B-B
//! (ETSI EN 319 142-1), X.509 (RFC 5280).

mod authority;
mod bus;
pub mod domain;
mod keys;
mod store;
pub mod worker;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::{Clock, Failure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use authority::{RootKey, init as init_authority, place as place_authority};
use domain::verify::{
    self, Trust, Verdict, all_from_pem,
    receipt::{self, Statement},
    root_from_pem,
};

/// Configuration of signing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where signing keeps documents and records.
    pub database: sql::Settings,
    /// How signing reaches the bus.
    pub bus: ::bus::Settings,
    /// Folder of the agencies' keys, which wrap the keys of their documents: `<agency>.documents.key`.
    pub agency_keys_dir: PathBuf,
    /// Folder of the authority: certificates, and the seals' keys under their wrapping key. Made by `xizmat ca init`;
    /// on a trial platform at first start.
    pub ca_dir: PathBuf,
    /// Address of the page that verifies documents; printed on them with `?number=…`.
    pub verify_url: String,
    /// Seconds after which the rendering of a document is given up.
    pub render_deadline_s: u64,
    /// Renderings at the same time; each takes up to 700 MB in the worst case, about 100 MB in a usual one.
    pub workers: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: sql::Settings::default(),
            bus: ::bus::Settings::default(),
            agency_keys_dir: "data/keys/agencies".into(),
            ca_dir: "data/ca".into(),
            verify_url: "http://localhost:8080/verify".into(),
            render_deadline_s: 10,
            workers: 2,
        }
    }
}

/// Opens authority and database and serves until shutdown.
pub async fn start(kit: &boot::Kit, config: Config) -> Result<boot::Started, Failure> {
    let authority = authority::Authority::open(&config.ca_dir, kit)?;
    let database = sql::Database::open(&config.database, store::MIGRATIONS).await?;
    let limits = worker::Limits {
        deadline: Duration::from_secs(config.render_deadline_s),
        workers: config.workers,
        ..worker::Limits::default()
    };
    let workers = Arc::new(worker::Workers::of_this_program(limits)?);
    let bus = ::bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    let office = bus::Office {
        revisions: ::bus::Revisions::new(bus.clone(), database.clone()),
        bus,
        database,
        authority,
        workers,
        clock: kit.clock.clone(),
        random: kit.random.clone(),
        stage: kit.stage,
        verify_url: config.verify_url,
        agency_keys_dir: config.agency_keys_dir,
        lanes: Mutex::new(HashMap::new()),
        lists: bus::status_list::Lists::default(),
    };
    bus::serve(Arc::new(office), kit).await?;
    Ok(boot::Started::default())
}

/// What the platform publishes for those who verify without a connection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Published<'a> {
    /// Of documents. Without it "withdrawn" is not checked.
    pub status_list: Option<&'a [u8]>,
    /// Of seals (DER). Without it a seal counts that was withdrawn.
    pub revocation_list: Option<&'a [u8]>,
}

/// Judges a file without any connection: `xizmat verify document FILE.pdf --trust root.pem`.
pub fn verify_offline(file: &[u8], root_pem: &[u8], lists: Published<'_>) -> Result<Verdict, Failure> {
    let root = root_of(root_pem)?;
    let status_list = lists.status_list.map(std::str::from_utf8).transpose().map_err(|_| unreadable("status list"))?;
    let trust = Trust { root: &root, revocation_list: lists.revocation_list, status_list };
    Ok(verify::verify(file, &trust, boot::SystemClock::default().now()))
}

/// Judges the text of a receipt's QR code without any connection: `xizmat verify receipt TEXT --trust root.pem --keys keys.pem`.
pub fn verify_receipt_offline(text: &str, root_pem: &[u8], keys_pem: &[u8]) -> Result<Statement, Failure> {
    let keys = std::str::from_utf8(keys_pem).ok().and_then(all_from_pem).ok_or_else(|| unreadable("file of keys"))?;
    receipt::verify(text, &root_of(root_pem)?, &keys)
}

fn root_of(pem: &[u8]) -> Result<x509_cert::Certificate, Failure> {
    std::str::from_utf8(pem).ok().and_then(root_from_pem).ok_or_else(|| unreadable("root certificate"))
}

fn unreadable(what: &str) -> Failure {
    Failure::invalid("verify.unreadable", format!("The {what} cannot be read."))
}

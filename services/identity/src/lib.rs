//! Identity: who people are and how they prove it. An OpenID Connect provider over HTTP for the portal and other
//! clients, and operations over the bus with which services ask about persons and officers.
//!
//! Citizens sign in through OneID (assurance `substantial`) or with PINFL and password (`low`), officers with password
//! and TOTP. A person's assertion for one command comes from `token` by token exchange (RFC 8693).
//!
//! The browser's cookie is `__Host-xizmat-identity` (Secure, HttpOnly, SameSite=Lax, `Path=/`), also on
//! <http://localhost>: Chromium and Firefox treat it as trustworthy.

mod bus;
mod domain;
mod http;
mod keys;
mod passwords;
mod provider;
mod provision;
mod store;
mod texts;
mod upstream;

use std::{path::PathBuf, sync::Arc, time::Duration};

use kernel::{Failure, Hash};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use domain::totp::authenticator_code;
pub use http::document;
pub use provision::{Provisioned, provision};
pub use upstream::oneid::Settings as OneIdSettings;

/// Configuration of identity.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address of the provider as browsers see it; its path is where the router is mounted.
    pub issuer: String,
    /// Where identity keeps its data.
    pub database: sql::Settings,
    /// How identity reaches the bus.
    pub bus: ::bus::Settings,
    /// Applications that may send people here to sign in.
    pub clients: Vec<ClientSettings>,
    /// OneID, where citizens prove who they are; without it only passwords are offered.
    pub oneid: Option<OneIdSettings>,
    /// PKCS#8 PEM files of P-256 keys: the first signs, all are published.
    pub signing_key_files: Vec<PathBuf>,
    /// File with 64 hexadecimal digits: the key that seals persons at rest.
    pub sealing_key_file: PathBuf,
    /// The key file that the e-service hosts call `lookup_key_file`: under it they recognise an officer who is named in a
    /// case. In a trial it is made at first start.
    pub lookup_key_file: PathBuf,
    /// The cost of passwords and how many are hashed at the same time.
    pub passwords: PasswordSettings,
    /// Path of the stylesheet on the same origin.
    pub stylesheet: String,
    /// Where "home" leads.
    pub home: String,
    /// How many proxies of ours stand in front and append to X-Forwarded-For.
    pub proxies: usize,
    /// For how many hours after a sign-in OneID's word that somebody is a company's director counts; the end of the session
    /// ends it earlier.
    pub mandate_hours: u32,
    /// For how many days a person is known after they last signed in or a service last asked about them, at least 1826: no
    /// case is under way for so long. Then what is known of them is destroyed; whoever comes back is the same person again. Officers
    /// are not forgotten.
    pub facts_kept_days: u32,
}

/// An OpenID Connect client.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSettings {
    /// `client_id`.
    pub id: String,
    /// Addresses a person may be sent back to, compared exactly.
    pub redirect_uris: Vec<String>,
    /// Addresses a person may be sent to after signing out, compared exactly.
    pub post_logout_redirect_uris: Vec<String>,
    /// File with the client's secret; without it the client is public and relies on PKCE.
    pub secret_file: Option<PathBuf>,
    /// Roles for which the client may ask for a person's assertion.
    pub audiences: Vec<String>,
}

/// argon2id: OWASP's minimum is 19 MiB and two passes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordSettings {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Hashes computed at the same time; memory is at most this times `memory_kib`.
    pub workers: usize,
    /// Sign-ins that wait for a worker; more are told to come back (429).
    pub queue: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            issuer: "http://localhost:8080/identity".into(),
            database: sql::Settings::default(),
            bus: ::bus::Settings::default(),
            clients: Vec::new(),
            oneid: None,
            signing_key_files: Vec::new(),
            sealing_key_file: PathBuf::new(),
            lookup_key_file: PathBuf::from("data/keys/lookup.key"),
            passwords: PasswordSettings::default(),
            stylesheet: "/assets/govuk.css".into(),
            home: "/".into(),
            proxies: 0,
            mandate_hours: 8,
            facts_kept_days: 3653,
        }
    }
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, workers: 2, queue: 32 }
    }
}

impl ClientSettings {
    fn read(&self) -> Result<domain::client::Client, Failure> {
        let secret = self.secret_file.as_deref().map(boot::secrets::read).transpose()?;
        if secret.as_ref().is_some_and(|secret| secret.len() < 32) {
            return Err(Failure::invalid(
                "identity.client-secret",
                format!("The secret of the client {} must have at least 32 characters.", self.id),
            ));
        }
        Ok(domain::client::Client {
            id: self.id.clone(),
            redirect_uris: self.redirect_uris.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
            secret: secret.map(|secret| Hash::of(secret.as_bytes())),
            audiences: self.audiences.clone(),
        })
    }
}

const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);

/// Opens the database, answers on the bus, and gives back the HTTP edge with paths relative to the issuer's.
pub async fn start(kit: &boot::Kit, config: Config) -> Result<boot::Started, Failure> {
    let provider = Arc::new(provider::Provider::open(kit, &config).await?);
    bus::serve(kit, &config.bus, provider.clone()).await?;
    boot::metrics::ERASED.not_yet(&["person"]);
    let sweeper = provider.clone();
    let shutdown = kit.shutdown.clone();
    kit.spawn("identity-sweep", move || {
        let (provider, shutdown) = (sweeper.clone(), shutdown.clone());
        async move {
            loop {
                provider.store.sweep().await?;
                forget(&provider).await?;
                let next = provider.clock.sleep_until(provider.clock.now().plus(SWEEP_EVERY));
                tokio::select! {
                    () = next => {}
                    () = shutdown.cancelled() => return Ok(()),
                }
            }
        }
    });
    let router = web::traced(http::router(provider), "identity", kit.random.clone());
    Ok(boot::Started { router: Some(router) })
}

/// One lot at a time: the next look takes the next.
async fn forget(provider: &provider::Provider) -> Result<(), Failure> {
    let forgotten = provider.store.forget(provider.clock.now().minus(provider.facts_kept)).await?;
    if forgotten > 0 {
        tracing::info!(forgotten, "people whom nobody needed any more were forgotten");
        boot::metrics::ERASED.add(&["person"], u32::try_from(forgotten).unwrap_or(u32::MAX));
    }
    Ok(())
}

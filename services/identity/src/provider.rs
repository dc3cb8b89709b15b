//! Everything a request to identity needs, put together once at the start.

use std::{sync::Arc, time::Duration};

use boot::Stage;
use kernel::{Clock, Failure, Random, Time};
use url::Url;

use crate::{
    Config,
    domain::{
        client::Client,
        password::{Cost, Hasher},
    },
    keys::SigningKeys,
    passwords::Passwords,
    store::{MIGRATIONS, Seals, Store},
    upstream::{Upstream, oneid::OneId},
};

pub struct Provider {
    /// Without a slash at its end; every address of the provider starts with it.
    pub issuer: String,
    pub clients: Vec<Client>,
    pub keys: SigningKeys,
    pub store: Store,
    pub passwords: Passwords,
    pub upstream: Option<Arc<dyn Upstream>>,
    pub stage: Stage,
    /// Common with the e-service hosts.
    pub lookup: [u8; 32],
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub stylesheet: String,
    /// Where "home" leads: the portal.
    pub home: String,
    pub hops: web::Hops,
    pub https: bool,
    /// How long a provider's word about companies counts.
    pub mandates_last: Duration,
    /// How long a person is known whom nobody needs.
    pub facts_kept: Duration,
    /// Sign-ins begun, by network: each is a row until it expires.
    pub beginnings: web::Limiter,
}

/// Generous: a service centre or a whole office comes from one address.
pub const BEGINNINGS: web::Rate = web::Rate { burst: 600, every: Duration::from_millis(100) };

impl Provider {
    pub async fn open(kit: &boot::Kit, config: &Config) -> Result<Self, Failure> {
        let issuer = check_issuer(config, kit.stage)?;
        let key = boot::secrets::read_key(&config.sealing_key_file)?;
        let seals = Arc::new(Seals::of(&key));
        let cost = Cost { memory_kib: config.passwords.memory_kib, passes: config.passwords.passes };
        let hasher = Hasher::new(seals.pepper, cost, &*kit.random)?;
        let database = sql::Database::open(&config.database, MIGRATIONS).await?;
        Ok(Self {
            clients: config.clients.iter().map(crate::ClientSettings::read).collect::<Result<_, _>>()?,
            keys: SigningKeys::load(&config.signing_key_files)?,
            store: Store::new(database, seals, kit.clock.clone(), kit.random.clone()),
            passwords: Passwords::new(hasher, config.passwords.workers, config.passwords.queue),
            upstream: upstream(config, kit.stage)?,
            stage: kit.stage,
            lookup: match kit.stage {
                Stage::Trial => boot::secrets::read_or_make_key(&config.lookup_key_file, &*kit.random)?,
                Stage::Production => boot::secrets::read_key(&config.lookup_key_file)?,
            },
            clock: kit.clock.clone(),
            random: kit.random.clone(),
            stylesheet: config.stylesheet.clone(),
            home: config.home.clone(),
            hops: web::Hops(config.proxies),
            https: issuer.scheme() == "https",
            mandates_last: Duration::from_secs(3600 * u64::from(config.mandate_hours)),
            facts_kept: facts_kept(config)?,
            beginnings: web::Limiter::new(BEGINNINGS, kit.clock.clone()),
            issuer: config.issuer.clone(),
        })
    }

    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// A mandate that was asserted before this moment counts no more.
    pub fn mandates_since(&self) -> Time {
        self.clock.now().minus(self.mandates_last)
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// Scheme, host and port of the provider itself.
    pub fn origin(&self) -> String {
        origin(&self.issuer)
    }
}

/// Longer than a case is under way: nothing tells identity that somebody's case still runs, and its letters need their name.
const FACTS_KEPT_DAYS_MIN: u32 = 1826;

fn facts_kept(config: &Config) -> Result<Duration, Failure> {
    if config.facts_kept_days < FACTS_KEPT_DAYS_MIN {
        return Err(Failure::invalid(
            "identity.facts-kept",
            "facts_kept_days is too short: people are known for 1826 days at least. Write the days that the law gives.",
        ));
    }
    Ok(Duration::from_secs(86_400 * u64::from(config.facts_kept_days)))
}

pub fn origin(address: &str) -> String {
    Url::parse(address).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

fn upstream(config: &Config, stage: Stage) -> Result<Option<Arc<dyn Upstream>>, Failure> {
    let Some(settings) = &config.oneid else { return Ok(None) };
    if settings.stage != stage {
        return Err(Failure::invalid(
            "identity.oneid-stage",
            "oneid.stage does not fit this platform: trial and production are never mixed.",
        ));
    }
    if stage == Stage::Production && !settings.is_https() {
        return Err(Failure::invalid("identity.oneid-address", "In production OneID's addresses start with https."));
    }
    let redirect_uri = format!("{}/oneid/callback", config.issuer);
    Ok(Some(Arc::new(OneId::new(settings.clone(), redirect_uri)?)))
}

fn check_issuer(config: &Config, stage: Stage) -> Result<Url, Failure> {
    let refuse = |message: &str| Err(Failure::invalid("identity.issuer", message));
    let Ok(issuer) = Url::parse(&config.issuer) else {
        return refuse("identity's issuer is not an address, such as https://my.gov.uz/identity.");
    };
    if config.issuer.ends_with('/') || issuer.query().is_some() || issuer.fragment().is_some() {
        return refuse("identity's issuer has no slash at its end, no query and no fragment.");
    }
    let local = matches!(issuer.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if issuer.scheme() != "https" && (stage == Stage::Production || !local) {
        return refuse("identity's issuer must be https; http is for a trial on this machine only.");
    }
    Ok(issuer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oneid(stage: Stage, address: &str) -> Config {
        let settings = crate::OneIdSettings {
            stage,
            authorize_url: format!("{address}/Authorization.do"),
            token_url: format!("{address}/Authorization.do"),
            client_id: "xizmat".into(),
            client_secret_file: "none".into(),
            scope: String::new(),
        };
        Config { oneid: Some(settings), ..Config::default() }
    }

    #[test]
    fn trial_and_production_are_never_mixed() {
        let code = |config: &Config, stage| upstream(config, stage).err().map(|failure| failure.code.into_owned());
        let (trial, working) = ("http://localhost:9000/oneid", "https://sso.egov.uz/sso/oauth");
        let stage = Some("identity.oneid-stage".to_owned());
        assert_eq!(code(&oneid(Stage::Trial, trial), Stage::Production), stage);
        assert_eq!(code(&oneid(Stage::Production, working), Stage::Trial), stage);
        let sandbox = code(&oneid(Stage::Production, trial), Stage::Production);
        assert_eq!(sandbox.as_deref(), Some("identity.oneid-address"));
        let local = Config { issuer: "http://localhost:8080/identity".into(), ..Config::default() };
        assert!(check_issuer(&local, Stage::Trial).is_ok());
        assert_eq!(check_issuer(&local, Stage::Production).unwrap_err().code, "identity.issuer");
    }
}

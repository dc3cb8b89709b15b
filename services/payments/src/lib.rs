//! Payments alone judges money: intents and attempts, an append-only double-entry ledger with an end of each day, providers,
//! refunds, suspense and the search for money that was taken without a service.

pub mod bus;
pub mod desk;
pub mod domain;
mod http;
pub mod providers;
pub mod store;
pub mod watch;

use std::{sync::Arc, time::Duration};

use boot::Stage;
use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bus::{Law, Office, OverBus, Revisions},
    desk::Desk,
    domain::{fees::Rates, provider::Provider},
    providers::payme::{self, Payme},
};

/// Configuration of payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where payments keeps its books.
    pub database: sql::Settings,
    /// How payments reaches the bus.
    pub bus: ::bus::Settings,
    /// Origins of the platform's own pages, to which providers may send people back.
    pub return_origins: Vec<String>,
    /// Payme; left out: not offered.
    pub payme: Option<payme::Settings>,
    /// Seconds after a case's end at which its money is judged: refunds under way have had their time by then.
    pub judge_after_s: u64,
    /// Seconds for which money is kept for a case that was restored to before it was paid: asked for the same fee again, the
    /// case has paid it; not asked, the money goes back.
    pub keep_restored_s: u64,
    /// Seconds for which money that came for a closed payment waits before it goes back by itself: finance officers may say
    /// meanwhile which open payment it belongs to. 0: it goes back at once.
    pub keep_suspense_s: u64,
    /// What providers keep of what they take.
    pub provider_fees: Vec<ProviderFee>,
}

/// The percentage that a provider keeps from a day on, until a later one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderFee {
    /// The provider's name: `payme`.
    pub provider: String,
    /// The first civil day in Tashkent on which it counts, such as `2026-01-01`.
    pub from: String,
    /// Percent of what was taken, such as `1.5`; exact.
    pub percent: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: sql::Settings::default(),
            bus: ::bus::Settings::default(),
            return_origins: vec!["http://localhost:8080".into()],
            payme: None,
            judge_after_s: 300,
            keep_restored_s: 30 * 86_400,
            keep_suspense_s: 86_400,
            provider_fees: Vec::new(),
        }
    }
}

/// What payment providers call, as an OpenAPI document.
pub fn document() -> serde_json::Value {
    payme::document()
}

pub async fn start(kit: &boot::Kit, config: Config) -> Result<boot::Started, Failure> {
    let database = sql::Database::open(&config.database, store::MIGRATIONS).await?;
    let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
    let mut payme_edge = None;
    if let Some(settings) = config.payme {
        same_stage(settings.stage, kit.stage)?;
        protected(&settings)?;
        let api_key = boot::secrets::read(&settings.api_key_file)?;
        payme_edge = Some((settings.clone(), boot::secrets::read(&settings.key_file)?));
        providers.push(Arc::new(Payme::new(settings, &api_key)?));
    }
    let fees = config.provider_fees.iter();
    let rates = Rates::checked(fees.map(|fee| (fee.provider.as_str(), fee.from.as_str(), fee.percent.as_str())))?;
    let desk = Desk::new(kit.clock.clone(), kit.random.clone(), providers);
    let desk = desk.keeping_suspense(Duration::from_secs(config.keep_suspense_s));
    let adapters = payme_edge.map(|(settings, key)| payme::router(desk.clone(), database.clone(), settings, &key));
    let bus = ::bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    let office = Office {
        desk,
        database: database.clone(),
        revisions: Arc::new(Revisions::new(bus.clone(), database.clone())),
        law: Arc::new(Law::standard()),
        standings: Arc::new(OverBus(bus.clone())),
        officers: Arc::new(OverBus(bus.clone())),
        receipts: Arc::new(OverBus(bus.clone())),
        agreements: Arc::new(OverBus(bus.clone())),
        return_origins: Arc::new(config.return_origins),
        keep_restored: Duration::from_secs(config.keep_restored_s),
        rates: Arc::new(rates),
    };
    bus::serve(&bus, &office, kit).await?;
    bus::follow_cases(&bus, &office, kit, Duration::from_secs(config.judge_after_s));
    ::bus::relay::run(&bus, &database, ::bus::Log::of("payments"), kit).await?;
    let shutdown = kit.shutdown.clone();
    kit.spawn("payments-watch", move || watch::run(office.clone(), shutdown.clone()));
    let router = http::router(adapters.into_iter().collect());
    Ok(boot::Started { router: Some(web::traced(router, "payments", kit.random.clone())) })
}

/// A trial provider on a production platform would take no money and give services away; the other way round it would
/// take real money for specimens.
fn same_stage(endpoint: Stage, platform: Stage) -> Result<(), Failure> {
    if endpoint == platform {
        return Ok(());
    }
    Err(Failure::invalid(
        "payment.stage-mismatch",
        "A payment provider is configured for another stage (trial, production) than the platform.",
    ))
}

/// Keys and money do not travel in the clear; a sandbox of our own on this machine answers by http only.
fn protected(settings: &payme::Settings) -> Result<(), Failure> {
    let https = [&settings.checkout_url, &settings.api_url].iter().all(|url| url.starts_with("https://"));
    if https || settings.stage == Stage::Trial {
        return Ok(());
    }
    Err(Failure::invalid("payment.provider-address", "In production a payment provider's addresses start with https."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_reaches_a_provider_by_https_only() {
        let working = payme::Settings { stage: Stage::Production, ..payme::Settings::default() };
        assert!(protected(&working).is_ok());
        let own = || "http://localhost:9000/payme".to_owned();
        let sandbox = payme::Settings { api_url: own(), ..working.clone() };
        assert_eq!(protected(&sandbox).unwrap_err().code, "payment.provider-address");
        let sandbox = payme::Settings { checkout_url: own(), ..working };
        assert_eq!(protected(&sandbox).unwrap_err().code, "payment.provider-address");
        let trial = payme::Settings { api_url: own(), ..payme::Settings::default() };
        assert!(protected(&trial).is_ok());
    }

    #[test]
    fn production_refuses_a_trial_provider() {
        assert!(same_stage(Stage::Production, Stage::Production).is_ok());
        let refused = same_stage(Stage::Trial, Stage::Production).unwrap_err();
        assert_eq!(refused.code, "payment.stage-mismatch");
        assert!(same_stage(Stage::Production, Stage::Trial).is_err());
    }
}

//! Payme's side of a payment: the page people pay on, the calls it makes to a merchant, and its receipts API, with its
//! failures on demand. Speaks the real protocol over real connections.

mod api;
mod control;
mod merchant;
mod page;
mod pay;
mod receipt;

use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    routing::{get, post},
};
use boot::SystemClock;
use kernel::Clock;
use serde::Deserialize;

use receipt::{Failure, Receipt};

/// How this Payme reaches its one merchant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The merchant's endpoint.
    pub merchant_url: String,
    /// Id of the merchant's cash register.
    pub merchant_id: String,
    /// User name in calls to the merchant.
    pub login: String,
    /// File with the key in calls to the merchant.
    pub key_file: PathBuf,
    /// File with the key the merchant uses for the receipts API.
    pub api_key_file: PathBuf,
    /// Send every call twice, as Payme's own sandbox does.
    pub twice: bool,
    /// Seconds after which a payment that was told to be late is completed by itself.
    pub late_after_s: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            merchant_url: "http://localhost:8080/callback/payme".into(),
            merchant_id: "xizmat-trial".into(),
            login: "Paycom".into(),
            key_file: PathBuf::new(),
            api_key_file: PathBuf::new(),
            twice: true,
            late_after_s: 3_600,
        }
    }
}

/// A transaction that is not performed within twelve hours is cancelled.
const TIMEOUT_MS: i64 = 43_200_000;

pub(crate) struct Payme {
    settings: Settings,
    http: reqwest::Client,
    clock: SystemClock,
    receipts: Mutex<BTreeMap<String, Receipt>>,
    /// What the next payments do, one each.
    planned: Mutex<VecDeque<Failure>>,
}

impl Payme {
    fn now_ms(&self) -> i64 {
        self.clock.now().millis()
    }

    fn receipts(&self) -> MutexGuard<'_, BTreeMap<String, Receipt>> {
        self.receipts.lock().expect("no holder of this lock panics")
    }

    fn planned(&self) -> MutexGuard<'_, VecDeque<Failure>> {
        self.planned.lock().expect("no holder of this lock panics")
    }

    fn receipt(&self, id: &str) -> Option<Receipt> {
        self.receipts().get(id).cloned()
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Receipt)) {
        if let Some(receipt) = self.receipts().get_mut(id) {
            change(receipt);
        }
    }
}

/// Routes relative to `/payme`; must be called inside a runtime, because receipts grow old by themselves.
pub fn router(settings: Settings) -> Router {
    let http = reqwest::Client::builder()
        .timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client without certificates of its own can always be made");
    let payme = Arc::new(Payme {
        settings,
        http,
        clock: SystemClock::default(),
        receipts: Mutex::default(),
        planned: Mutex::default(),
    });
    tokio::spawn(pay::grow_old(Arc::downgrade(&payme)));
    Router::new()
        .route("/checkout/{*parameters}", get(page::checkout))
        .route("/pay", post(pay::pay))
        .route("/api", post(api::receive))
        .route("/control", get(control::show).post(control::change))
        .with_state(payme)
}

//! Services' signing keys: the own one, and everybody's public ones with their validity.
//!
//! Platform services' keys lie in a file that is given at the start. Hosts of e-services come and go: the exchange, which
//! issues them, tells their keys, and for whom each may speak.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use kernel::{Failure, Hash, Random, Time};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::subject::{self, Address};

/// Keeps hosts' keys.
pub const KEEPER: &str = "exchange";

/// A service's private key. Its file holds the 32-byte seed as base64url text.
#[derive(Clone)]
pub struct Key {
    kid: String,
    signing: Arc<SigningKey>,
}

impl Key {
    pub fn generate(random: &dyn Random) -> Self {
        Self::from_seed(kernel::bytes::<32>(random))
    }

    pub fn from_seed(seed: [u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(&seed);
        let kid = kid_of(signing.verifying_key().as_bytes());
        Self { kid, signing: Arc::new(signing) }
    }

    pub fn read(file: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::internal("bus.key-file", format!("Cannot read the signing key {}.", file.display()))
                .with_detail(error)
        })?;
        Self::from_text(&text).ok_or_else(|| {
            Failure::internal(
                "bus.key-file",
                format!("The signing key {} is not 32 bytes in base64url.", file.display()),
            )
        })
    }

    /// From what the key's file holds.
    pub fn from_text(text: &str) -> Option<Self> {
        let seed = URL_SAFE_NO_PAD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        seed.map(Self::from_seed)
    }

    /// What the key's file holds.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.signing.to_bytes())
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The entry by which others trust this key.
    pub fn trusted(&self, service: &str, not_before: Time, not_after: Option<Time>) -> TrustedKey {
        TrustedKey {
            service: service.to_owned(),
            kid: self.kid.clone(),
            public: self.public(),
            not_before,
            not_after,
            scope: None,
        }
    }

    /// The public half, base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.signing.verifying_key().as_bytes())
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.signing.sign(bytes).to_bytes()
    }
}

/// The id of a public key follows from it.
pub fn kid_of(public: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(&Hash::of(public).as_bytes()[..12])
}

/// One line of the file of trusted keys. Old keys stay, so that old evidence can be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    pub service: String,
    pub kid: String,
    /// base64url of the 32-byte Ed25519 public key.
    pub public: String,
    pub not_before: Time,
    pub not_after: Option<Time>,
    /// For whom alone a host speaks; absent: for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// What a host of one agency's services may say and answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub agency: String,
    /// Empty: every service of the agency.
    pub services: Vec<String>,
}

/// Who signed a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    pub role: String,
    pub scope: Option<Scope>,
}

impl Signer {
    /// Whether a request or an event of this signer's may name the agency.
    pub fn speaks_for(&self, agency: &str) -> bool {
        self.scope.as_ref().is_none_or(|scope| agency == scope.agency || agency == subject::PLATFORM)
    }

    /// Whether this signer's answer to a request at that address counts.
    pub fn answers_for(&self, to: Address<'_>) -> bool {
        let Some(scope) = &self.scope else { return true };
        let serves = |service: &str| scope.services.is_empty() || scope.services.iter().any(|own| own == service);
        to.agency == scope.agency && to.service.is_none_or(serves)
    }
}

struct Known {
    signer: Signer,
    key: VerifyingKey,
    not_before: Time,
    not_after: Option<Time>,
}

/// An unknown key makes us look into the file, but strangers' ids must not keep us reading.
const READ_FOR_UNKNOWN_EVERY: Duration = Duration::from_secs(1);
/// A key whose validity was ended is trusted no longer than this.
const READ_EVERY: Duration = Duration::from_secs(60);

/// Everybody's public keys, read again when an unknown one is met and once a minute.
pub struct TrustedKeys {
    file: PathBuf,
    known: RwLock<HashMap<String, Known>>,
    looked: Mutex<Looked>,
    hosts: RwLock<HashMap<String, Known>>,
    asked: Mutex<Option<Instant>>,
    /// The keeper was asked, or has to be, and has not told since.
    waits: AtomicBool,
}

struct Looked {
    at: Instant,
    for_unknown: Option<Instant>,
}

impl TrustedKeys {
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let known = RwLock::new(load(file)?);
        let looked = Mutex::new(Looked { at: Instant::now(), for_unknown: None });
        Ok(Self {
            file: file.to_owned(),
            known,
            looked,
            hosts: RwLock::default(),
            asked: Mutex::default(),
            waits: AtomicBool::default(),
        })
    }

    /// Whether the keeper should be asked before a signature under this key is judged: it is nobody's that we know, or
    /// a host's that may have been withdrawn meanwhile.
    pub(crate) fn should_ask(&self, kid: &str) -> bool {
        if self.knows(kid) {
            return false;
        }
        let is_host = self.hosts.read().expect("no holder of this lock panics").contains_key(kid);
        let pause = if is_host { READ_EVERY } else { READ_FOR_UNKNOWN_EVERY };
        let mut asked = self.asked.lock().expect("no holder of this lock panics");
        if asked.is_some_and(|last| last.elapsed() < pause) {
            return false;
        }
        *asked = Some(Instant::now());
        if !is_host {
            self.waits.store(true, Ordering::SeqCst);
        }
        true
    }

    /// What the keeper told of the hosts, in place of what it told before.
    pub fn trust_hosts(&self, keys: &[TrustedKey]) -> Result<(), Failure> {
        let hosts = keys.iter().map(known).collect::<Result<_, _>>().map_err(|detail| {
            Failure::internal("bus.trusted-keys", "The hosts' keys cannot be read.").with_detail(detail)
        })?;
        *self.hosts.write().expect("no holder of this lock panics") = hosts;
        self.waits.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Checks a signature made at `time`; says who made it.
    pub(crate) fn verify(&self, kid: &str, time: Time, bytes: &[u8], signature: &[u8; 64]) -> Result<Signer, Failure> {
        let hosts = self.hosts.read().expect("no holder of this lock panics");
        if !hosts.contains_key(kid) {
            self.look_again(kid);
        }
        let known = self.known.read().expect("no holder of this lock panics");
        let known = known.get(kid).or_else(|| hosts.get(kid)).ok_or_else(|| self.unknown())?;
        if time < known.not_before || known.not_after.is_some_and(|end| time >= end) {
            return Err(refused("its signer's key was not valid then"));
        }
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        known.key.verify_strict(bytes, &signature).map_err(|_| refused("its signature does not fit"))?;
        Ok(known.signer.clone())
    }

    /// Whoever is refused gives up. While the keeper is away, nobody can tell a host that came meanwhile from a stranger.
    fn unknown(&self) -> Failure {
        if !self.waits.load(Ordering::SeqCst) {
            return refused("its signer is unknown");
        }
        let message = "Whether the message\u{2019}s signer is a host cannot be learned now; send it again in a moment.";
        Failure::unavailable("bus.signer-not-known-yet", message)
    }

    /// What cannot be read now, such as a file that is being replaced, leaves the keys as they were.
    fn look_again(&self, kid: &str) {
        let unknown = !self.knows(kid);
        let mut looked = self.looked.lock().expect("no holder of this lock panics");
        let soon = looked.for_unknown.is_some_and(|last| last.elapsed() < READ_FOR_UNKNOWN_EVERY);
        if looked.at.elapsed() < READ_EVERY && (!unknown || soon) {
            return;
        }
        let now = Instant::now();
        looked.at = now;
        if unknown {
            looked.for_unknown = Some(now);
        }
        match load(&self.file) {
            Ok(known) => *self.known.write().expect("no holder of this lock panics") = known,
            Err(failure) => tracing::warn!(?failure, "the trusted keys could not be read again"),
        }
    }

    fn knows(&self, kid: &str) -> bool {
        self.known.read().expect("no holder of this lock panics").contains_key(kid)
    }
}

pub(crate) fn refused(why: &str) -> Failure {
    Failure::unauthenticated("bus.signature", format!("The message is refused: {why}."))
}

fn load(file: &Path) -> Result<HashMap<String, Known>, Failure> {
    let malformed = |detail: String| {
        Failure::internal("bus.trusted-keys", format!("Cannot read the trusted keys {}.", file.display()))
            .with_detail(detail)
    };
    let text = std::fs::read(file).map_err(|error| malformed(error.to_string()))?;
    let keys: Vec<TrustedKey> = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
    keys.iter().map(known).collect::<Result<_, _>>().map_err(malformed)
}

fn known(key: &TrustedKey) -> Result<(String, Known), String> {
    let public = URL_SAFE_NO_PAD
        .decode(&key.public)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
        .ok_or_else(|| format!("{} is not an Ed25519 key", key.kid))?;
    let signer = Signer { role: key.service.clone(), scope: key.scope.clone() };
    Ok((key.kid.clone(), Known { signer, key: public, not_before: key.not_before, not_after: key.not_after }))
}

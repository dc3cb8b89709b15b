//! The rules of signing in: who may ask, what a proof is worth, how long it lasts. No I/O.

pub mod attempts;
pub mod authorize;
pub mod client;
pub mod exchange;
pub mod mandate;
pub mod password;
pub mod person;
pub mod pkce;
pub mod session;
pub mod staff;
pub mod token;
pub mod totp;

use std::collections::BTreeMap;

/// Parameters of one OAuth request; a repeated one never gets this far (RFC 6749, 3.1).
pub type Parameters = BTreeMap<String, String>;

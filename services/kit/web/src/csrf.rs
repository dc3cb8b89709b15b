//! Two independent guards against forged requests: where the browser says it comes from, and a token of the session.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Random, bytes};
use subtle::ConstantTimeEq;

/// What the browser itself says about a request's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Same,
    Other,
    /// An old browser or a program: the token decides.
    Silent,
}

/// `own`: scheme, host and port of this platform.
pub fn same_origin(headers: &HeaderMap, own: &str) -> Origin {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some("same-origin"), _) => Origin::Same,
        (Some(_), _) => Origin::Other,
        (None, Some(origin)) if origin.eq_ignore_ascii_case(own) => Origin::Same,
        (None, Some(_)) => Origin::Other,
        (None, None) => Origin::Silent,
    }
}

const LENGTH: usize = 32;

/// A session's secret for its forms. Each page shows it under a fresh mask, so that compression reveals nothing (BREACH).
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; LENGTH]);

impl Token {
    pub fn new(random: &dyn Random) -> Self {
        Self(bytes(random))
    }

    pub fn from_slice(kept: &[u8]) -> Option<Self> {
        Some(Self(kept.try_into().ok()?))
    }

    pub fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    pub fn masked(&self, random: &dyn Random) -> String {
        let mask: [u8; LENGTH] = bytes(random);
        let mut shown = [0; 2 * LENGTH];
        for index in 0..LENGTH {
            shown[index] = mask[index];
            shown[LENGTH + index] = mask[index] ^ self.0[index];
        }
        URL_SAFE_NO_PAD.encode(shown)
    }

    pub fn matches(&self, shown: &str) -> bool {
        let Ok(shown) = URL_SAFE_NO_PAD.decode(shown) else { return false };
        let Ok(shown) = <[u8; 2 * LENGTH]>::try_from(shown) else { return false };
        let unmasked: [u8; LENGTH] = std::array::from_fn(|index| shown[index] ^ shown[LENGTH + index]);
        bool::from(unmasked.ct_eq(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn a_token_looks_different_each_time_and_only_its_own_session_accepts_it() {
        let random = SeededRandom::new(1);
        let (mine, other) = (Token::new(&random), Token::new(&random));
        let (first, second) = (mine.masked(&random), mine.masked(&random));
        assert_ne!(first, second);
        assert!(mine.matches(&first) && mine.matches(&second));
        assert!(!other.matches(&first) && !mine.matches("") && !mine.matches(&first[1..]));
    }

    #[test]
    fn another_site_is_told_from_our_own() {
        let asked = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            same_origin(&headers, "http://localhost:8080")
        };
        assert_eq!(asked(&[("sec-fetch-site", "same-origin")]), Origin::Same);
        assert_eq!(asked(&[("sec-fetch-site", "same-site")]), Origin::Other);
        assert_eq!(asked(&[("sec-fetch-site", "none")]), Origin::Other);
        assert_eq!(asked(&[("origin", "http://localhost:8080")]), Origin::Same);
        assert_eq!(asked(&[("origin", "null")]), Origin::Other);
        assert_eq!(asked(&[("origin", "http://localhost:8090")]), Origin::Other);
        assert_eq!(asked(&[]), Origin::Silent);
    }
}

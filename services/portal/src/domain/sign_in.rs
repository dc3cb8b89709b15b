//! Rules of signing in: what is remembered while the person is at identity, and which answers count (OpenID Connect Core).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Failure, Hash, Random, Time, bytes};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// What a page needs of its visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Citizen,
    Officer,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Officer => "officer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Citizen, Self::Officer].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Whether what happened at a sign-in is as sure as what is asked (eIDAS levels).
pub fn is_enough(had: &str, asked: &str) -> bool {
    let rank = |level: &str| match level {
        "high" => 3,
        "substantial" => 2,
        "low" => 1,
        _ => 0,
    };
    rank(had) >= rank(asked)
}

/// Kept from the moment the browser leaves for identity until it comes back.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pending {
    pub state: String,
    pub nonce: String,
    /// PKCE (RFC 7636).
    pub verifier: String,
    pub kind: Kind,
    /// `acr_values`: what identity was asked for.
    pub level: String,
    pub then: String,
    /// `max_age`: how many seconds ago the sign-in may be at most.
    #[serde(default)]
    pub max_age_s: Option<u32>,
}

impl Pending {
    pub fn new(kind: Kind, level: &str, then: &str, random: &dyn Random) -> Self {
        let word = || URL_SAFE_NO_PAD.encode(bytes::<32>(random));
        Self {
            state: word(),
            nonce: word(),
            verifier: word(),
            kind,
            level: level.to_owned(),
            then: super::place::own_path(then).to_owned(),
            max_age_s: None,
        }
    }

    /// Asks for a sign-in that is not older than this.
    pub fn at_most(self, max_age_s: Option<u32>) -> Self {
        Self { max_age_s, ..self }
    }

    /// S256, the only method.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Hash::of(self.verifier.as_bytes()).as_bytes())
    }

    pub fn is_answered_by(&self, state: &str) -> bool {
        bool::from(self.state.as_bytes().ct_eq(state.as_bytes()))
    }
}

/// Claims of an ID token whose signature was verified.
#[derive(Clone, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    pub exp: i64,
    pub iat: i64,
    #[serde(default)]
    pub nonce: String,
    #[serde(default)]
    pub acr: String,
    /// When the person was asked who they are, in seconds.
    #[serde(default)]
    pub auth_time: i64,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Many(Vec<String>),
}

/// How far identity's clock may be ahead of ours.
const SKEW_S: i64 = 30;

impl Claims {
    pub fn check(&self, issuer: &str, client: &str, pending: &Pending, now: Time) -> Result<(), Failure> {
        let refuse = |why: &str| {
            Err(Failure::unauthenticated("portal.sign-in-refused", "The sign-in did not work. Try again.")
                .with_detail(why))
        };
        let for_us = match &self.aud {
            Audience::One(one) => one == client,
            Audience::Many(many) => many.iter().all(|one| one == client) && !many.is_empty(),
        };
        if self.iss != issuer || !for_us {
            return refuse("another issuer or audience");
        }
        if now.seconds() >= self.exp || self.iat > now.seconds() + SKEW_S {
            return refuse("expired or not yet valid");
        }
        if !bool::from(self.nonce.as_bytes().ct_eq(pending.nonce.as_bytes())) {
            return refuse("another nonce");
        }
        let officer = self.acr == Kind::Officer.as_str();
        if officer != (pending.kind == Kind::Officer) {
            return refuse("signed in as something else");
        }
        if !officer && !is_enough(&self.acr, &pending.level) {
            return refuse("less sure than asked");
        }
        if pending.max_age_s.is_some_and(|age| now.seconds() - self.auth_time > i64::from(age) + SKEW_S) {
            return refuse("signed in longer ago than asked");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn only_the_answer_to_this_browsers_question_counts() {
        let random = SeededRandom::new(4);
        let pending = Pending::new(Kind::Citizen, "substantial", "//evil", &random);
        assert_eq!(pending.then, "/");
        assert!(pending.is_answered_by(&pending.state.clone()) && !pending.is_answered_by(""));
        assert_eq!(pending.challenge().len(), 43);
        let claims = Claims {
            iss: "https://id".into(),
            sub: "1".into(),
            aud: Audience::One("portal".into()),
            exp: 100,
            iat: 40,
            nonce: pending.nonce.clone(),
            acr: "substantial".into(),
            auth_time: 40,
        };
        let check =
            |claims: &Claims, at: i64| claims.check("https://id", "portal", &pending, Time::from_seconds(at)).is_ok();
        assert!(check(&claims, 50));
        assert!(!check(&claims, 100));
        assert!(!check(&Claims { nonce: String::new(), ..claims.clone() }, 50));
        assert!(!check(&Claims { aud: Audience::Many(vec!["portal".into(), "other".into()]), ..claims.clone() }, 50));
        assert!(!check(&Claims { iss: "https://other".into(), ..claims.clone() }, 50));
        assert!(!check(&Claims { acr: "low".into(), ..claims.clone() }, 50));
        assert!(!check(&Claims { acr: "officer".into(), ..claims.clone() }, 50));
        let recent = pending.at_most(Some(20));
        let check =
            |claims: &Claims, at: i64| claims.check("https://id", "portal", &recent, Time::from_seconds(at)).is_ok();
        assert!(check(&claims, 90), "within the age and what clocks may differ by");
        assert!(!check(&claims, 91), "an older sign-in is no answer to a question for a recent one");
        assert!(!check(&Claims { auth_time: 0, ..claims }, 60), "one that does not say when it was is none either");
    }
}

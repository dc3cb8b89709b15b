//! What a sign-in is worth and for how long: assurance is what happened in this session, not what an account could do.

use std::time::Duration;

use kernel::{PersonId, SessionId, Time};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// A password alone.
    Low,
    /// A proofed identity (OneID), or a second factor on a proofed account.
    Substantial,
}

impl Assurance {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Substantial => "substantial",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "low" => Some(Self::Low),
            "substantial" => Some(Self::Substantial),
            _ => None,
        }
    }
}

/// A person signs in as a citizen or as an officer, never as both at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capacity {
    Citizen,
    Officer,
}

impl Capacity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Officer => "officer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "citizen" => Some(Self::Citizen),
            "officer" => Some(Self::Officer),
            _ => None,
        }
    }
}

/// How the person proved who they are (`amr`, RFC 8176 where it has a word).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    Password,
    PasswordTotp,
    OneId,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordTotp => "password-totp",
            Self::OneId => "oneid",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Password, Self::PasswordTotp, Self::OneId].into_iter().find(|method| method.as_str() == text)
    }

    pub fn references(self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::PasswordTotp => &["pwd", "otp", "mfa"],
            Self::OneId => &["oneid"],
        }
    }
}

/// One proof of identity that just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    pub person: PersonId,
    pub capacity: Capacity,
    pub assurance: Assurance,
    pub method: Method,
}

#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub proof: Proof,
    pub authenticated: Time,
    pub seen: Time,
    pub expires: Time,
}

/// What a client wants to be sure of (`acr_values`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    Low,
    Substantial,
    Officer,
}

impl Wanted {
    pub const ALL: [Self; 3] = [Self::Low, Self::Substantial, Self::Officer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Substantial => "substantial",
            Self::Officer => "officer",
        }
    }

    pub fn is_met_by(self, proof: &Proof) -> bool {
        match self {
            Self::Officer => proof.capacity == Capacity::Officer,
            Self::Low => proof.capacity == Capacity::Citizen,
            Self::Substantial => proof.capacity == Capacity::Citizen && proof.assurance >= Assurance::Substantial,
        }
    }
}

const IDLE: Duration = Duration::from_secs(60 * 60);
const CITIZEN: Duration = Duration::from_secs(8 * 60 * 60);
const OFFICER: Duration = Duration::from_secs(10 * 60 * 60);

/// When a session that starts now ends, whatever its owner does.
pub fn expiry(capacity: Capacity, now: Time) -> Time {
    now.plus(match capacity {
        Capacity::Citizen => CITIZEN,
        Capacity::Officer => OFFICER,
    })
}

impl Session {
    pub fn is_alive(&self, now: Time) -> bool {
        now < self.expires && now < self.seen.plus(IDLE)
    }

    /// The `acr` of an ID token.
    pub fn context(&self) -> &'static str {
        match self.proof.capacity {
            Capacity::Officer => Wanted::Officer.as_str(),
            Capacity::Citizen => self.proof.assurance.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(capacity: Capacity, assurance: Assurance) -> Proof {
        Proof { person: PersonId::from_bytes([1; 16]), capacity, assurance, method: Method::Password }
    }

    #[test]
    fn a_password_alone_never_meets_substantial() {
        let password = proof(Capacity::Citizen, Assurance::Low);
        assert!(Wanted::Low.is_met_by(&password));
        assert!(!Wanted::Substantial.is_met_by(&password));
        assert!(!Wanted::Officer.is_met_by(&password));
    }

    #[test]
    fn an_officer_acts_as_a_citizen_only_after_signing_in_as_one() {
        let officer = proof(Capacity::Officer, Assurance::Substantial);
        assert!(Wanted::Officer.is_met_by(&officer));
        assert!(!Wanted::Substantial.is_met_by(&officer));
        let citizen = proof(Capacity::Citizen, Assurance::Substantial);
        assert!(!Wanted::Officer.is_met_by(&citizen));
    }

    #[test]
    fn a_session_ends_by_silence_and_by_age() {
        let start = Time::from_seconds(1_000_000);
        let mut session = Session {
            id: SessionId::from_bytes([1; 16]),
            proof: proof(Capacity::Citizen, Assurance::Low),
            authenticated: start,
            seen: start,
            expires: expiry(Capacity::Citizen, start),
        };
        assert!(session.is_alive(start.plus(Duration::from_secs(3599))));
        assert!(!session.is_alive(start.plus(Duration::from_secs(3600))));
        session.seen = start.plus(CITIZEN);
        assert!(!session.is_alive(start.plus(CITIZEN)));
    }
}

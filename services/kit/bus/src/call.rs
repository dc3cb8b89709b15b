//! What a handler is given: a request whose caller, signature and person have been verified.

use kernel::{
    Failure, Hash, Time,
    id::{CommandId, MessageId, PersonId},
};

/// How sure we are who the person is (eIDAS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    Low,
    Substantial,
    High,
}

impl Assurance {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "low" => Some(Self::Low),
            "substantial" => Some(Self::Substantial),
            "high" => Some(Self::High),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Substantial => "substantial",
            Self::High => "high",
        }
    }
}

/// The person for whom a command is sent, as identity asserted it for exactly this command and payload.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: PersonId,
    /// Who acts: the person, or their representative.
    pub actor: PersonId,
    pub mandate: Option<String>,
    pub assurance: Assurance,
    pub authenticated: Time,
    pub command_id: CommandId,
    /// Signed in as an officer.
    pub officer: bool,
}

/// A request that was let in.
pub struct Call<Q> {
    pub request: Q,
    pub body_hash: Hash,
    pub agency: String,
    /// Present exactly when the operation is asked of the host of one service.
    pub service: Option<String>,
    /// Role of the service that asks; its signature was verified.
    pub caller: String,
    /// The agency for which alone the caller speaks, where it is a host.
    pub speaks_for: Option<String>,
    pub message_id: MessageId,
    pub time: Time,
    /// Nobody waits for the reply after it.
    pub deadline: Time,
    /// Present exactly when the operation demands a person.
    pub person: Option<Person>,
}

impl<Q> Call<Q> {
    /// The person, where the operation demands one.
    pub fn person(&self) -> Result<&Person, Failure> {
        self.person.as_ref().ok_or_else(|| Failure::unauthenticated("bus.person-required", "Sign in and try again."))
    }
}

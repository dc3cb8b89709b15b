//! Token exchange (RFC 8693): an access token becomes an assertion for one command, one operation and one payload.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{CommandId, PersonId, Time};
use serde::{Deserialize, Serialize};

use super::{
    Parameters,
    client::Client,
    session::Capacity,
    token::{Grant, subject},
};

pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
pub const ASSERTION: &str = "urn:xizmat:params:token-type:assertion";
/// `typ` of the JWT's header: no other token can be taken for an assertion.
pub const HEADER_TYPE: &str = "xizmat-assertion+jwt";
pub const LIFE: Duration = Duration::from_secs(60);

/// A request whose form is right; the subject token is still to be looked up.
#[derive(Debug)]
pub struct Request {
    pub subject_token: String,
    pub audience: String,
    pub operation: String,
    pub command: CommandId,
    pub payload: String,
    /// For whom the person acts; none: for themselves.
    pub principal: Option<PersonId>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub error: &'static str,
    pub description: &'static str,
}

pub fn read(parameters: &Parameters, client: &Client) -> Result<Request, Refused> {
    let field = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let refuse = |error, description| Err(Refused { error, description });
    if field("subject_token_type") != ACCESS_TOKEN || field("subject_token").is_empty() {
        return refuse("invalid_request", "subject_token must be an access token");
    }
    if parameters.contains_key("actor_token") {
        return refuse("invalid_request", "actor_token is not supported");
    }
    if field("requested_token_type") != ASSERTION {
        return refuse("invalid_request", "requested_token_type must be an assertion");
    }
    let audience = field("audience");
    if !client.audiences.iter().any(|allowed| allowed == audience) {
        return refuse("invalid_target", "this client may not ask for this audience");
    }
    let operation = field("operation");
    if !asks_for_a_person(audience, operation) {
        return refuse("invalid_target", "operation is not one that this audience does for a person");
    }
    let Ok(command) = field("command_id").parse::<CommandId>() else {
        return refuse("invalid_request", "command_id has 32 hexadecimal digits");
    };
    let payload = field("payload_hash");
    if URL_SAFE_NO_PAD.decode(payload).map(|hash| hash.len()) != Ok(32) {
        return refuse("invalid_request", "payload_hash is a SHA-256 in base64url");
    }
    let principal = match field("principal") {
        "" => None,
        id => match id.parse::<PersonId>() {
            Ok(principal) => Some(principal),
            Err(_) => return refuse("invalid_request", "principal has 32 hexadecimal digits"),
        },
    };
    Ok(Request {
        subject_token: field("subject_token").to_owned(),
        audience: audience.to_owned(),
        operation: operation.to_owned(),
        command,
        payload: payload.to_owned(),
        principal,
    })
}

/// The contracts say which operations are done on behalf of a person.
fn asks_for_a_person(callee: &str, operation: &str) -> bool {
    proto::permissions::FOR_PERSONS.contains(&(callee, operation))
}

/// Claims of a person's assertion (trust, rule 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    /// The one operation of that service.
    pub operation: String,
    pub iat: i64,
    pub exp: i64,
    pub jti: String,
    pub payload: String,
    pub acr: String,
    pub auth_time: i64,
    pub officer: bool,
    /// Whoever acts for the subject (RFC 8693, 4.1); none: the subject acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// By which kind of mandate they act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub sub: String,
}

/// `mandate`: for whom the person of the session acts, and by which kind of mandate.
pub fn assertion(
    issuer: &str,
    request: &Request,
    grant: &Grant,
    mandate: Option<(PersonId, String)>,
    now: Time,
) -> Assertion {
    let proof = &grant.session.proof;
    let (person, act, mandate) = match mandate {
        Some((principal, kind)) => (principal, Some(Actor { sub: subject(proof.person) }), Some(kind)),
        None => (proof.person, None, None),
    };
    Assertion {
        iss: issuer.to_owned(),
        sub: subject(person),
        aud: request.audience.clone(),
        operation: request.operation.clone(),
        iat: now.seconds(),
        exp: now.plus(LIFE).seconds(),
        jti: request.command.to_string(),
        payload: request.payload.clone(),
        acr: proof.assurance.as_str().to_owned(),
        auth_time: grant.session.authenticated.seconds(),
        officer: proof.capacity == Capacity::Officer,
        act,
        mandate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn asking(changes: &[(&str, &str)]) -> Result<Request, &'static str> {
        let mut parameters: Parameters = [
            ("subject_token", "token"),
            ("subject_token_type", ACCESS_TOKEN),
            ("requested_token_type", ASSERTION),
            ("audience", "eservice"),
            ("operation", "submit"),
            ("command_id", "0193a7f0c0de7000800000000000abcd"),
            ("payload_hash", HASH),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        for (name, value) in changes {
            parameters.insert((*name).to_owned(), (*value).to_owned());
        }
        let client = Client {
            id: "portal".into(),
            redirect_uris: vec![],
            post_logout_redirect_uris: vec![],
            secret: None,
            audiences: vec!["eservice".into()],
        };
        read(&parameters, &client).map_err(|refused| refused.error)
    }

    #[test]
    fn an_assertion_is_asked_for_one_operation_one_command_and_one_payload() {
        let request = asking(&[]).unwrap();
        let asked = (request.audience.as_str(), request.operation.as_str(), request.payload.as_str());
        assert_eq!(asked, ("eservice", "submit", HASH));
        assert_eq!(asking(&[("audience", "payments")]).unwrap_err(), "invalid_target");
        assert_eq!(asking(&[("audience", "")]).unwrap_err(), "invalid_target");
        assert_eq!(asking(&[("operation", "")]).unwrap_err(), "invalid_target");
        assert_eq!(asking(&[("operation", "approve-grant")]).unwrap_err(), "invalid_target", "another service's");
        assert_eq!(asking(&[("operation", "outbox-read")]).unwrap_err(), "invalid_target", "for nobody's sake");
        assert_eq!(asking(&[("command_id", "1")]).unwrap_err(), "invalid_request");
        assert_eq!(asking(&[("payload_hash", "abcd")]).unwrap_err(), "invalid_request");
        assert_eq!(asking(&[("actor_token", "x")]).unwrap_err(), "invalid_request");
        assert_eq!(asking(&[("principal", "301234567")]).unwrap_err(), "invalid_request", "an id, never a number");
        let company = PersonId::from_bytes([7; 16]);
        assert_eq!(request.principal, None, "for oneself, unless somebody is named");
        assert_eq!(asking(&[("principal", company.to_string().as_str())]).unwrap().principal, Some(company));
    }
}

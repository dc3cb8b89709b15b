//! Reads an authorization request: what is wrong with the client or its address is shown, everything else is sent back to the client.

use kernel::{Failure, Language};
use serde::{Deserialize, Serialize};

use super::{
    Parameters,
    client::Client,
    pkce,
    session::{Session, Wanted},
};
use kernel::Time;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prompt {
    Unless,
    None,
    Login,
}

/// An authorization request that passed every check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    pub client: String,
    pub redirect_uri: String,
    pub scope: String,
    pub state: String,
    pub nonce: Option<String>,
    pub challenge: String,
    pub wanted: Wanted,
    pub prompt: Prompt,
    pub max_age_s: Option<u32>,
    pub language: Option<Language>,
}

#[derive(Debug)]
pub enum Refused {
    /// The client or its address is not known: nobody is redirected.
    Here(Failure),
    /// The client learns what was wrong.
    ToClient { redirect_uri: String, state: String, error: &'static str, description: &'static str },
}

const FIELD_MAX: usize = 512;

pub fn read(parameters: &Parameters, clients: &[Client]) -> Result<Request, Refused> {
    let field = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let client = clients.iter().find(|client| client.id == field("client_id"));
    let client = client.ok_or_else(|| {
        Refused::Here(Failure::invalid(
            "identity.client-unknown",
            "The application that sent you here is not known. Go back and try again.",
        ))
    })?;
    let redirect_uri = field("redirect_uri");
    if !client.may_return_to(redirect_uri) {
        return Err(Refused::Here(Failure::invalid(
            "identity.redirect-mismatch",
            "The application that sent you here asked to be answered at an address that it has not registered.",
        )));
    }
    let refuse = |error, description| {
        Err(Refused::ToClient {
            redirect_uri: redirect_uri.to_owned(),
            state: field("state").chars().take(FIELD_MAX).collect(),
            error,
            description,
        })
    };
    if let Some((error, description)) = fault(parameters) {
        return refuse(error, description);
    }
    let Some(wanted) = wanted(field("acr_values")) else {
        return refuse("unmet_authentication_requirements", "acr_values names no level that is offered");
    };
    let prompt = match field("prompt") {
        "" | "consent" => Prompt::Unless,
        "none" => Prompt::None,
        "login" | "select_account" | "login consent" => Prompt::Login,
        _ => return refuse("invalid_request", "prompt is not understood"),
    };
    Ok(Request {
        client: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        scope: known_scopes(field("scope")),
        state: field("state").to_owned(),
        nonce: parameters.get("nonce").cloned(),
        challenge: field("code_challenge").to_owned(),
        wanted,
        prompt,
        max_age_s: parameters.get("max_age").and_then(|age| age.parse().ok()),
        language: language(field("ui_locales")),
    })
}

fn fault(parameters: &Parameters) -> Option<(&'static str, &'static str)> {
    let field = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    if parameters.values().any(|value| value.len() > FIELD_MAX) {
        return Some(("invalid_request", "a parameter is too long"));
    }
    if parameters.contains_key("request") {
        return Some(("request_not_supported", "request objects are not supported"));
    }
    if parameters.contains_key("request_uri") {
        return Some(("request_uri_not_supported", "request_uri is not supported"));
    }
    if field("response_type") != "code" {
        return Some(("unsupported_response_type", "response_type must be code"));
    }
    if !matches!(field("response_mode"), "" | "query") {
        return Some(("invalid_request", "response_mode must be query"));
    }
    if !field("scope").split(' ').any(|scope| scope == "openid") {
        return Some(("invalid_scope", "scope must contain openid"));
    }
    if field("code_challenge_method") != "S256" || !pkce::is_challenge(field("code_challenge")) {
        return Some(("invalid_request", "PKCE with code_challenge_method S256 is required"));
    }
    if parameters.get("max_age").is_some_and(|age| age.parse::<u32>().is_err()) {
        return Some(("invalid_request", "max_age is a number of seconds"));
    }
    None
}

/// The first level named that we know; no wish means low.
fn wanted(acr_values: &str) -> Option<Wanted> {
    if acr_values.is_empty() {
        return Some(Wanted::Low);
    }
    let known = |name: &str| Wanted::ALL.into_iter().find(|level| level.as_str() == name);
    acr_values.split(' ').find_map(known)
}

const SCOPES: [&str; 5] = ["openid", "profile", "phone", "email", "offline_access"];

fn known_scopes(asked: &str) -> String {
    let asked: Vec<&str> = asked.split(' ').collect();
    let granted: Vec<&str> = SCOPES.into_iter().filter(|scope| asked.contains(scope)).collect();
    granted.join(" ")
}

fn language(ui_locales: &str) -> Option<Language> {
    ui_locales.split(' ').find_map(|tag| Language::parse(tag).ok())
}

impl Request {
    /// Whether a session that is already there answers this request without asking the person again.
    pub fn is_answered_by(&self, session: &Session, now: Time) -> bool {
        let fresh = self.max_age_s.is_none_or(|age| now.since(session.authenticated).as_secs() <= u64::from(age));
        self.prompt != Prompt::Login && fresh && session.is_alive(now) && self.wanted.is_met_by(&session.proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients() -> Vec<Client> {
        vec![Client {
            id: "portal".into(),
            redirect_uris: vec!["https://my.gov.uz/signed-in".into()],
            post_logout_redirect_uris: vec![],
            secret: None,
            audiences: vec![],
        }]
    }

    fn asking(changes: &[(&str, &str)]) -> Parameters {
        let mut parameters: Parameters = [
            ("client_id", "portal"),
            ("redirect_uri", "https://my.gov.uz/signed-in"),
            ("response_type", "code"),
            ("scope", "openid profile unknown"),
            ("state", "s1"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        for (name, value) in changes {
            parameters.insert((*name).to_owned(), (*value).to_owned());
        }
        parameters
    }

    fn error_of(changes: &[(&str, &str)]) -> String {
        match read(&asking(changes), &clients()) {
            Err(Refused::ToClient { error, state, .. }) => {
                assert_eq!(state, "s1");
                error.to_owned()
            }
            Err(Refused::Here(failure)) => failure.code.into_owned(),
            Ok(_) => "ok".into(),
        }
    }

    #[test]
    fn a_pkce_downgrade_is_refused() {
        assert_eq!(error_of(&[]), "ok");
        assert_eq!(error_of(&[("code_challenge_method", "plain")]), "invalid_request");
        assert_eq!(error_of(&[("code_challenge_method", "")]), "invalid_request");
        assert_eq!(error_of(&[("code_challenge", "")]), "invalid_request");
    }

    #[test]
    fn a_wrong_address_is_refused_without_redirecting() {
        let wrong = [("redirect_uri", "https://my.gov.uz/signed-in/..")];
        assert_eq!(error_of(&wrong), "identity.redirect-mismatch");
        assert_eq!(error_of(&[("client_id", "other")]), "identity.client-unknown");
    }

    #[test]
    fn old_grants_and_unknown_levels_are_refused_to_the_client() {
        assert_eq!(error_of(&[("response_type", "token")]), "unsupported_response_type");
        assert_eq!(error_of(&[("response_type", "code id_token")]), "unsupported_response_type");
        assert_eq!(error_of(&[("acr_values", "high")]), "unmet_authentication_requirements");
        assert_eq!(error_of(&[("scope", "profile")]), "invalid_scope");
        assert_eq!(error_of(&[("request", "x")]), "request_not_supported");
    }

    #[test]
    fn levels_scopes_and_languages_are_taken_as_far_as_they_are_known() {
        let asked = asking(&[("acr_values", "high officer"), ("ui_locales", "fr uz-Cyrl ru")]);
        let request = read(&asked, &clients()).unwrap();
        assert_eq!(request.wanted, Wanted::Officer);
        assert_eq!(request.language, Some(Language::UzCyrl));
        assert_eq!(request.scope, "openid profile");
    }
}

//! The portal as a client of identity: OpenID Connect with PKCE, refresh, and assertions by token exchange (RFC 8693).

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use kernel::{Clock, CommandId, Failure, Hash, Language, Random, Time, Trace};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Config,
    domain::{
        acting::Principal,
        sign_in::{Claims, Kind, Pending},
    },
    store::{Desk, Opened},
};

const PATIENCE: Duration = Duration::from_secs(5);
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ASSERTION: &str = "urn:xizmat:params:token-type:assertion";

/// What an assertion is for: one command with one payload to one operation of one service.
pub struct Asserted {
    /// For whom the person acts; none: for themselves.
    pub principal: Option<String>,
    pub audience: &'static str,
    pub operation: &'static str,
    pub command_id: CommandId,
    pub payload: Hash,
}

#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    issuer: String,
    /// Where we ask ourselves; browsers are sent to the issuer.
    asked_at: String,
    client_id: String,
    secret: Option<String>,
    redirect_uri: String,
    home: String,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    discovered: Mutex<Option<Discovered>>,
}

#[derive(Clone, Deserialize)]
struct Discovered {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    end_session_endpoint: Option<String>,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
}

/// What we want to know of identity about a person: for whom they may act.
#[derive(Deserialize)]
struct About {
    #[serde(default)]
    mandates: Vec<Principal>,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    expires_in: u64,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
}

/// A sign-in that identity confirmed.
pub struct SignedIn {
    pub claims: Claims,
    pub opened: Opened,
}

fn unreachable(error: impl std::fmt::Display) -> Failure {
    Failure::unavailable("portal.identity-unavailable", "Signing in does not work now. Try again in a minute.")
        .with_detail(error)
}

fn refused(why: impl std::fmt::Display) -> Failure {
    Failure::unauthenticated("portal.sign-in-refused", "The sign-in did not work. Try again.").with_detail(why)
}

impl Provider {
    pub fn new(config: &Config, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
        let secret = config.client_secret_file.as_deref().map(boot::secrets::read).transpose()?;
        let inner = Inner {
            http: http.build().map_err(|error| {
                Failure::internal("portal.http", "The HTTP client cannot start.").with_detail(error)
            })?,
            issuer: config.issuer.clone(),
            asked_at: config.identity_url.clone().unwrap_or_else(|| config.issuer.clone()),
            client_id: config.client_id.clone(),
            secret,
            redirect_uri: format!("{}/signed-in", config.base_url),
            home: format!("{}/", config.base_url),
            clock,
            random,
            discovered: Mutex::new(None),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Where to send the browser.
    pub async fn sign_in_address(&self, pending: &Pending, language: Language) -> Result<String, Failure> {
        let discovered = self.discovered().await?;
        let challenge = pending.challenge();
        let max_age = pending.max_age_s.map(|age| age.to_string());
        let always = [
            ("response_type", "code"),
            ("client_id", &self.inner.client_id),
            ("redirect_uri", &self.inner.redirect_uri),
            ("scope", "openid profile offline_access"),
            ("state", &pending.state),
            ("nonce", &pending.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("acr_values", &pending.level),
            ("ui_locales", language.tag()),
        ];
        let mut query = always.to_vec();
        query.extend(max_age.as_deref().map(|age| ("max_age", age)));
        address(&discovered.authorization_endpoint, &query)
    }

    /// Where signing out ends the session at identity too.
    pub async fn sign_out_address(&self, id_token: &str) -> Result<String, Failure> {
        let discovered = self.discovered().await?;
        let Some(endpoint) = &discovered.end_session_endpoint else { return Ok(self.inner.home.clone()) };
        let query = [
            ("id_token_hint", id_token),
            ("client_id", self.inner.client_id.as_str()),
            ("post_logout_redirect_uri", self.inner.home.as_str()),
        ];
        address(endpoint, &query)
    }

    pub async fn redeem(&self, code: &str, pending: &Pending) -> Result<SignedIn, Failure> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.inner.redirect_uri),
            ("code_verifier", &pending.verifier),
        ];
        let tokens: Tokens = self.ask(&form).await?;
        let id_token = tokens.id_token.clone().ok_or_else(|| refused("no ID token"))?;
        let claims = self.verified(&id_token).await?;
        claims.check(&self.inner.issuer, &self.inner.client_id, pending, self.inner.clock.now())?;
        let form_token = web::Token::new(self.inner.random.as_ref());
        let opened = Opened {
            form_token: URL_SAFE_NO_PAD.encode(form_token.as_bytes()),
            access_ends: self.ends(tokens.expires_in),
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            id_token,
            assurance: claims.acr.clone(),
            represents: false,
            acting: None,
            desk: Desk::default(),
        };
        Ok(SignedIn { claims, opened })
    }

    pub async fn refresh(&self, token: &str, before: &Opened) -> Result<Opened, Failure> {
        let tokens: Tokens = self.ask(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await?;
        Ok(Opened {
            access_ends: self.ends(tokens.expires_in),
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token.or_else(|| before.refresh_token.clone()),
            id_token: tokens.id_token.unwrap_or_else(|| before.id_token.clone()),
            ..before.clone()
        })
    }

    /// The person's assertion for one command.
    pub async fn assertion(&self, access_token: &str, asserted: &Asserted) -> Result<String, Failure> {
        let command = asserted.command_id.to_string();
        let payload = URL_SAFE_NO_PAD.encode(asserted.payload.as_bytes());
        let mut form = vec![
            ("grant_type", EXCHANGE),
            ("subject_token", access_token),
            ("subject_token_type", ACCESS_TOKEN),
            ("requested_token_type", ASSERTION),
            ("audience", asserted.audience),
            ("operation", asserted.operation),
            ("command_id", &command),
            ("payload_hash", &payload),
        ];
        form.extend(asserted.principal.as_deref().map(|principal| ("principal", principal)));
        let tokens: Tokens = self.ask(&form).await?;
        Ok(tokens.access_token)
    }

    /// For whom the person may act in their session, as identity says now.
    pub async fn principals(&self, access_token: &str) -> Result<Vec<Principal>, Failure> {
        let Some(endpoint) = self.discovered().await?.userinfo_endpoint else { return Ok(Vec::new()) };
        let asked = self.inner.http.get(self.asked(&endpoint)).bearer_auth(access_token).send();
        let response = asked.await.map_err(|error| unreachable(error.without_url()))?;
        let response = response.error_for_status().map_err(|error| unreachable(error.without_url()))?;
        let about: About = response.json().await.map_err(|error| unreachable(error.without_url()))?;
        Ok(about.mandates)
    }

    fn ends(&self, expires_in: u64) -> Time {
        self.inner.clock.now().plus(Duration::from_secs(expires_in))
    }

    async fn ask(&self, form: &[(&str, &str)]) -> Result<Tokens, Failure> {
        let discovered = self.discovered().await?;
        let request = self.inner.http.post(self.asked(&discovered.token_endpoint));
        let request = match Trace::current() {
            Some(trace) => request.header(web::TRACE_PARENT, trace.to_string()),
            None => request,
        };
        let request = match &self.inner.secret {
            Some(secret) => request.basic_auth(&self.inner.client_id, Some(secret)).form(form),
            None => {
                let named: Vec<_> =
                    form.iter().copied().chain([("client_id", self.inner.client_id.as_str())]).collect();
                request.form(&named)
            }
        };
        // An address in an error of reqwest's would hold no secret, but it is left out all the same.
        let response = request.send().await.map_err(|error| unreachable(error.without_url()))?;
        let status = response.status();
        if status.is_success() {
            return response.json().await.map_err(|error| unreachable(error.without_url()));
        }
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(unreachable(status));
        }
        let refusal: Refusal = response.json().await.unwrap_or(Refusal { error: status.to_string() });
        Err(refused(refusal.error))
    }

    async fn discovered(&self) -> Result<Discovered, Failure> {
        if let Some(known) = self.inner.discovered.lock().expect("no holder of this lock panics").clone() {
            return Ok(known);
        }
        let found: Discovered = self.read(&format!("{}/.well-known/openid-configuration", self.inner.issuer)).await?;
        if found.issuer != self.inner.issuer {
            return Err(unreachable("another issuer answered"));
        }
        *self.inner.discovered.lock().expect("no holder of this lock panics") = Some(found.clone());
        Ok(found)
    }

    /// The issuer's address as we reach it; one outside the issuer is asked as it stands.
    fn asked(&self, address: &str) -> String {
        match address.strip_prefix(&self.inner.issuer) {
            Some(path) if path.is_empty() || path.starts_with('/') => format!("{}{path}", self.inner.asked_at),
            _ => address.to_owned(),
        }
    }

    async fn read<T: DeserializeOwned>(&self, address: &str) -> Result<T, Failure> {
        let response =
            self.inner.http.get(self.asked(address)).send().await.map_err(|error| unreachable(error.without_url()))?;
        let response = response.error_for_status().map_err(|error| unreachable(error.without_url()))?;
        response.json().await.map_err(|error| unreachable(error.without_url()))
    }

    /// Signing in is rare: the keys are read each time, so that a rotated key never keeps anybody out.
    async fn verified(&self, id_token: &str) -> Result<Claims, Failure> {
        let keys: JwkSet = self.read(&self.discovered().await?.jwks_uri).await?;
        verify(&keys, id_token)
    }
}

fn verify(keys: &JwkSet, id_token: &str) -> Result<Claims, Failure> {
    let header = jsonwebtoken::decode_header(id_token).map_err(refused)?;
    let kid = header.kid.unwrap_or_default();
    let key = keys.find(&kid).ok_or_else(|| refused("signed with an unknown key"))?;
    let key = DecodingKey::from_jwk(key).map_err(refused)?;
    let mut validation = Validation::new(Algorithm::ES256);
    // Times and audience are judged by `Claims::check`, by our own clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    Ok(jsonwebtoken::decode::<Claims>(id_token, &key, &validation).map_err(refused)?.claims)
}

fn address(endpoint: &str, query: &[(&str, &str)]) -> Result<String, Failure> {
    let mut url = url::Url::parse(endpoint).map_err(unreachable)?;
    url.query_pairs_mut().extend_pairs(query);
    Ok(url.into())
}

impl Kind {
    /// `acr_values` for this kind of visitor, at least at the level a service asks for.
    pub fn level(self, asked: &str) -> &'static str {
        match (self, asked) {
            (Self::Officer, _) => "officer",
            (Self::Citizen, "substantial" | "high") => "substantial",
            (Self::Citizen, _) => "low",
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Json, Router, routing::get};
    use boot::{Kit, Stage};

    use super::*;

    #[tokio::test]
    async fn the_portal_asks_inside_the_network_and_sends_people_to_the_public_address() {
        let public = "https://my.example/identity";
        let found = serde_json::json!({
            "issuer": public, "authorization_endpoint": format!("{public}/authorize"),
            "token_endpoint": format!("{public}/token"), "jwks_uri": format!("{public}/jwks"),
        });
        let told = get(move || async move { Json(found) });
        let router = Router::new().route("/identity/.well-known/openid-configuration", told);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = format!("http://{}/identity", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let kit = Kit::system(Stage::Trial);
        let config = Config { issuer: public.into(), identity_url: Some(inner.clone()), ..Config::default() };
        let provider = Provider::new(&config, kit.clock.clone(), kit.random.clone()).unwrap();
        let pending = Pending::new(Kind::Citizen, "low", "/", &*kit.random);
        let address = provider.sign_in_address(&pending, Language::Uz).await.unwrap();
        assert!(address.starts_with("https://my.example/identity/authorize?"), "{address}");
        assert!(!address.contains("max_age"), "{address}");
        let recent = provider.sign_in_address(&pending.at_most(Some(300)), Language::Uz).await.unwrap();
        assert!(recent.contains("max_age=300"), "{recent}");
        assert_eq!(provider.asked(&format!("{public}/token")), format!("{inner}/token"));
        assert_eq!(provider.asked("https://my.example/identity-of-others"), "https://my.example/identity-of-others");
    }
}

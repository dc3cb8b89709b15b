//! Signs an officer in as a browser would (code + PKCE, RFC 7636) and asks for assertions (RFC 8693).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use boot::Kit;
use kernel::{CommandId, Failure, Hash, bytes};
use reqwest::{Client, Response, header, redirect::Policy};
use serde::Deserialize;
use url::Url;

use crate::up::{Account, CLI_CLIENT, CLI_REDIRECT};

pub struct Session {
    client: Client,
    issuer: String,
    access_token: String,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

impl Session {
    pub async fn open(issuer: &str, account: &Account, kit: &Kit) -> Result<Self, Failure> {
        let totp = identity::authenticator_code(&account.totp_secret, kit.clock.now())?;
        Self::open_as(issuer, &account.login, &account.password, totp, kit).await
    }

    /// With a code that the officer's authenticator shows now.
    pub async fn open_as(issuer: &str, login: &str, password: &str, totp: String, kit: &Kit) -> Result<Self, Failure> {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().map_err(|error| failed(&error))?;
        let verifier = URL_SAFE_NO_PAD.encode(bytes::<32>(&*kit.random));
        let challenge = URL_SAFE_NO_PAD.encode(Hash::of(verifier.as_bytes()).as_bytes());
        let state = URL_SAFE_NO_PAD.encode(bytes::<16>(&*kit.random));
        let mut browser = Browser { client: client.clone(), cookie: String::new() };
        let query = [
            ("response_type", "code"),
            ("client_id", CLI_CLIENT),
            ("redirect_uri", CLI_REDIRECT),
            ("scope", "openid"),
            ("acr_values", "officer"),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let start = Url::parse_with_params(&format!("{issuer}/authorize"), query).map_err(|error| failed(&error))?;
        let (url, page) = browser.open(start).await?;
        let fields = [("csrf", hidden(&page)?), ("login", login.to_owned()), ("password", password.to_owned())];
        let (url, page) = browser.post(url, &fields).await?;
        let (url, _) = browser.post(url, &[("csrf", hidden(&page)?), ("code", totp)]).await?;
        let found = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let code = found("code").filter(|_| found("state").as_deref() == Some(&state));
        let code = code.ok_or_else(|| failed(&"identity gave no code"))?;
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLI_CLIENT),
            ("redirect_uri", CLI_REDIRECT),
            ("code", &code),
            ("code_verifier", &verifier),
        ];
        let access_token = token(&client, issuer, &form).await?;
        Ok(Self { client, issuer: issuer.to_owned(), access_token })
    }

    /// An assertion for one command to one operation of one service, both by their names in the contracts.
    pub async fn assertion(
        &self,
        (audience, operation): (&str, &str),
        command: CommandId,
        payload: Hash,
    ) -> Result<String, Failure> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("client_id", CLI_CLIENT),
            ("subject_token", &self.access_token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("requested_token_type", "urn:xizmat:params:token-type:assertion"),
            ("audience", audience),
            ("operation", operation),
            ("command_id", &command.to_string()),
            ("payload_hash", &URL_SAFE_NO_PAD.encode(payload.as_bytes())),
        ];
        token(&self.client, &self.issuer, &form).await
    }
}

async fn token(client: &Client, issuer: &str, form: &[(&str, &str)]) -> Result<String, Failure> {
    let answer = client.post(format!("{issuer}/token")).form(form).send().await.map_err(|error| failed(&error))?;
    if !answer.status().is_success() {
        let text = answer.text().await.unwrap_or_default();
        return Err(failed(&format!("identity refused: {text}")));
    }
    let token: Token = answer.json().await.map_err(|error| failed(&error))?;
    Ok(token.access_token)
}

/// Follows redirects within identity, keeps its one cookie, and stops where it would leave.
struct Browser {
    client: Client,
    cookie: String,
}

impl Browser {
    async fn open(&mut self, url: Url) -> Result<(Url, String), Failure> {
        let response = self.client.get(url.clone()).header(header::COOKIE, &self.cookie).send().await;
        self.follow(url, response.map_err(|error| failed(&error))?).await
    }

    async fn post(&mut self, url: Url, fields: &[(&str, String)]) -> Result<(Url, String), Failure> {
        let request = self.client.post(url.clone()).header(header::COOKIE, &self.cookie);
        let request = request.header(header::ORIGIN, url.origin().ascii_serialization()).form(fields);
        let response = request.send().await.map_err(|error| failed(&error))?;
        self.follow(url, response).await
    }

    async fn follow(&mut self, mut url: Url, mut response: Response) -> Result<(Url, String), Failure> {
        for _ in 0..8 {
            if let Some(set) = response.headers().get(header::SET_COOKIE).and_then(|set| set.to_str().ok()) {
                set.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
            }
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let Some(to) = to.filter(|_| response.status().is_redirection()) else {
                let page = response.text().await.map_err(|error| failed(&error))?;
                return Ok((url, page));
            };
            url = url.join(to).map_err(|error| failed(&error))?;
            if url.as_str().starts_with(CLI_REDIRECT) {
                return Ok((url, String::new()));
            }
            let request = self.client.get(url.clone()).header(header::COOKIE, &self.cookie);
            response = request.send().await.map_err(|error| failed(&error))?;
        }
        Err(failed(&"identity redirects without end"))
    }
}

/// The form token of a page.
fn hidden(page: &str) -> Result<String, Failure> {
    let after = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    after.map(str::to_owned).ok_or_else(|| failed(&"identity showed no form"))
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable("cli.sign-in", "Signing in did not succeed.").with_detail(error)
}

//! The portal's place: signs people in at identity as a browser would, and asks services over the bus on their behalf.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use boot::{Kit, Stage};
use bus::{
    Bus, OnBehalf,
    subject::{Address, PLATFORM},
};
use kernel::{CommandId, Failure, Hash, Time, bytes};
use prost::Message;
use proto::{
    Operation,
    identity::v1::{AppointOfficerReply, AppointOfficerRequest, operations::APPOINT_OFFICER},
};
use reqwest::{Client, redirect::Policy};
use serde_json::Value;
use tests::{patience::Patience, platform::Platform};

use crate::browser::Browser;

const CLIENT: &str = "portal";
/// Tashkent is so far ahead of UTC, in seconds.
const TASHKENT: u64 = 5 * 3_600;
const DAY: u64 = 86_400;
const AGAIN: Duration = Duration::from_millis(200);

pub struct Edge {
    kit: Kit,
    portal: Bus,
    operator: Bus,
    http: Client,
    /// The portal's address.
    base: String,
    /// Where the outside parties' counterparts listen.
    counterparts: String,
    secret: String,
}

/// Somebody who is signed in, for the few minutes of one visit.
pub struct Signed {
    token: String,
    /// The company that they act for, by its opaque id.
    principal: Option<String>,
}

impl Edge {
    pub async fn of(platform: &Platform) -> Self {
        let data = platform.data();
        let kit = Kit::rehearsal(Stage::Trial, data.join("run/clock-shift")).expect("a trial's clock");
        let secret = std::fs::read_to_string(data.join("keys/identity/portal-client-secret"));
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client");
        Self {
            portal: connect(platform, &kit, "portal").await,
            operator: connect(platform, &kit, "operator").await,
            kit,
            http,
            base: platform.ready.portal.clone(),
            counterparts: platform.counterparts.url.clone(),
            secret: secret.expect("identity knows the portal").trim().to_owned(),
        }
    }

    pub fn now(&self) -> Time {
        self.kit.clock.now()
    }

    /// In so many days from today, in Tashkent.
    pub fn day(&self, days: u64) -> String {
        self.now().plus(Duration::from_secs(TASHKENT + days * DAY)).to_string()[..10].to_owned()
    }

    /// Where the portal takes people back who paid.
    pub fn home(&self) -> String {
        format!("{}/", self.base)
    }

    pub async fn appoint(&self, agency: &str, officer: &AppointOfficerRequest) -> AppointOfficerReply {
        let appointed = self.operator.request(&APPOINT_OFFICER, agency, officer).await;
        appointed.unwrap_or_else(|failure| panic!("{}: {failure:?}", officer.login))
    }

    /// Signs a citizen in with OneID.
    pub async fn citizen(&self, key: &str) -> Signed {
        let patience = Patience::default();
        loop {
            match self.try_citizen(key).await {
                Ok(signed) => return signed,
                Err(why) => assert!(patience.lasts(), "{key} cannot sign in: {why}"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Signs somebody in who acts for the company that they direct.
    pub async fn director(&self, key: &str) -> Signed {
        let signed = self.citizen(key).await;
        let asked = self.http.get(format!("{}/identity/userinfo", self.base)).bearer_auth(&signed.token).send().await;
        let told: Value = asked.expect("identity answers").json().await.expect("it says who this is");
        let company = told["mandates"][0]["principal"].as_str().map(str::to_owned);
        assert!(company.is_some(), "{key} directs no company: {told}");
        Signed { principal: company, ..signed }
    }

    async fn try_citizen(&self, key: &str) -> Result<Signed, String> {
        let mut browser = Browser::new(&self.http);
        let (start, verifier) = self.start("substantial");
        let flow = browser.led(self.http.get(start)).await?;
        let away = browser.led(self.http.get(format!("{flow}/oneid"))).await?;
        let mut form = vec![("person".to_owned(), key.to_owned())];
        let told = away.query_pairs().into_owned();
        form.extend(told.filter(|(name, _)| matches!(name.as_str(), "redirect_uri" | "state")));
        let sign_in = self.http.post(format!("{}/oneid/sign-in", self.counterparts)).form(&form);
        // Another site: it gets none of identity's cookies and sets none.
        let back = Browser::new(&self.http).led(sign_in).await?;
        let home = browser.led(self.http.get(back)).await?;
        self.redeem(&home, &verifier).await
    }

    /// Signs an officer in with password and authenticator; `code`: what it shows now.
    pub async fn officer(&self, (login, password): (&str, &str), code: impl Fn() -> String) -> Signed {
        let patience = Patience::default();
        loop {
            match self.try_officer((login, password), code()).await {
                Ok(signed) => return signed,
                Err(why) => assert!(patience.lasts(), "{login} cannot sign in: {why}"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn try_officer(&self, (login, password): (&str, &str), code: String) -> Result<Signed, String> {
        let mut browser = Browser::new(&self.http);
        let (start, verifier) = self.start("officer");
        let home = format!("{}/signed-in", self.base);
        let (at, page) = browser.walk(self.http.get(start), &home).await?;
        let form = [("csrf", token_of(&page)?), ("login", login.to_owned()), ("password", password.to_owned())];
        let (at, page) = browser.walk(browser.filled(&at, &form), &home).await?;
        let form = [("csrf", token_of(&page)?), ("code", code)];
        let (home, _) = browser.walk(browser.filled(&at, &form), &home).await?;
        self.redeem(&home, &verifier).await
    }

    /// The address where signing in begins, and what proves later that it was begun here (RFC 7636).
    fn start(&self, level: &str) -> (url::Url, String) {
        let word = || URL_SAFE_NO_PAD.encode(bytes::<32>(&*self.kit.random));
        let verifier = word();
        let challenge = URL_SAFE_NO_PAD.encode(Hash::of(verifier.as_bytes()).as_bytes());
        let home = format!("{}/signed-in", self.base);
        let (state, nonce) = (word(), word());
        let query = [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", home.as_str()),
            ("scope", "openid profile"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("acr_values", level),
        ];
        let start = url::Url::parse_with_params(&format!("{}/identity/authorize", self.base), query);
        (start.expect("an address"), verifier)
    }

    async fn redeem(&self, home: &url::Url, verifier: &str) -> Result<Signed, String> {
        let code = home.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
        let code = code.ok_or_else(|| format!("no code on {}", home.path()))?;
        let back = format!("{}/signed-in", self.base);
        let form = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", back.as_str()),
            ("code", &code),
            ("code_verifier", verifier),
        ];
        self.token(&form).await.map(|token| Signed { token, principal: None })
    }

    async fn token(&self, form: &[(&str, &str)]) -> Result<String, String> {
        let asked = self.http.post(format!("{}/identity/token", self.base)).basic_auth(CLIENT, Some(&self.secret));
        let answer = asked.form(form).send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let told: Value = answer.json().await.map_err(|error| format!("{status}: {error}"))?;
        told["access_token"].as_str().map(str::to_owned).ok_or_else(|| format!("{status}: {told}"))
    }

    /// A question or a command of this person's: one command, however often it has to be sent while the bus is away.
    pub async fn ask<'a, Q: Message, R: Message + Default>(
        &self,
        who: &Signed,
        operation: &Operation<Q, R>,
        to: impl Into<Address<'a>>,
        request: &Q,
    ) -> Result<R, Failure> {
        let (to, command_id) = (to.into(), CommandId::new(&*self.kit.clock, &*self.kit.random));
        let patience = Patience::default();
        loop {
            let failure = match self.once(who, operation, to, request, command_id).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            if !failure.kind.retry() || !patience.lasts() {
                return Err(failure);
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn once<Q: Message, R: Message + Default>(
        &self,
        who: &Signed,
        operation: &Operation<Q, R>,
        to: Address<'_>,
        request: &Q,
        command_id: CommandId,
    ) -> Result<R, Failure> {
        let payload = URL_SAFE_NO_PAD.encode(Hash::of(&request.encode_to_vec()).as_bytes());
        let command = command_id.to_string();
        let mut form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", who.token.as_str()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("requested_token_type", "urn:xizmat:params:token-type:assertion"),
            ("audience", operation.callee),
            ("operation", operation.name),
            ("command_id", command.as_str()),
            ("payload_hash", payload.as_str()),
        ];
        form.extend(who.principal.as_deref().map(|company| ("principal", company)));
        let assertion = self.token(&form).await.map_err(|why| Failure::unavailable(bus::NOT_RUNNING, why))?;
        self.portal.request_for(operation, to, request, &OnBehalf { assertion, command_id }).await
    }

    /// The same of a service that every agency has in common.
    pub async fn ask_platform<Q: Message, R: Message + Default>(
        &self,
        who: &Signed,
        operation: &Operation<Q, R>,
        request: &Q,
    ) -> Result<R, Failure> {
        self.ask(who, operation, PLATFORM, request).await
    }

    /// Presses a button on the provider's page. The way back leads to the portal; whoever is refused stays.
    pub async fn press(&self, checkout: &str, action: &str, failure: &str) {
        let (_, order) = checkout.split_once("/checkout/").expect("the provider's page");
        let form = [("order", order), ("action", action), ("failure", failure)];
        let pressed = self.http.post(format!("{}/payme/pay", self.counterparts)).form(&form).send().await;
        let status = pressed.expect("the provider's counterpart answers").status();
        assert!(status.is_redirection() || status.is_success() || status.is_client_error(), "{checkout}: {status}");
    }
}

async fn connect(platform: &Platform, kit: &Kit, role: &str) -> Bus {
    let nats = platform.data().join("nats");
    let settings = bus::Settings {
        url: platform.ready.nats.clone(),
        credentials_file: nats.join(format!("users/{role}.creds")),
        role: role.to_owned(),
        key_file: nats.join(format!("signing/{role}.key")),
        trusted_keys_file: nats.join("trusted-keys.json"),
        ..bus::Settings::default()
    };
    Bus::connect(&settings, kit.clock.clone(), kit.random.clone()).await.expect("it is admitted")
}

/// The form token of a page.
fn token_of(page: &str) -> Result<String, String> {
    let after = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    after.map(str::to_owned).ok_or_else(|| "identity showed no form".to_owned())
}

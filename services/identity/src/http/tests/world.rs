//! A provider with one client, a browser that keeps its cookie, and a provider of proofed identities that says what it is told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use boot::Stage;
use kernel::{Failure, Hash, ManualClock, Personal, SeededRandom, Time, bytes};
use serde_json::Value;
use tower::ServiceExt;
use url::Url;

use crate::{
    domain::{
        client::Client,
        password::{Cost, Hasher},
        person::Facts,
        pkce,
    },
    keys::SigningKeys,
    passwords::Passwords,
    provider::Provider,
    store::{MIGRATIONS, Seals, Store},
    upstream::Upstream,
};

pub const ISSUER: &str = "http://localhost:8080/identity";
pub const BACK: &str = "http://localhost:8080/signed-in";
pub const SECRET: &str = "a-secret-of-at-least-thirty-two-characters";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const PINFL: &str = "41503920170217";
pub const PASSWORD: &str = "uchta anor daraxti";

pub struct World {
    pub provider: Arc<Provider>,
    pub clock: Arc<ManualClock>,
    router: Router,
    pub cookie: Mutex<Option<String>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

struct Proofing;

#[async_trait]
impl Upstream for Proofing {
    fn address(&self, state: &str) -> Url {
        Url::parse_with_params("https://sso.example/Authorization.do", [("state", state)]).unwrap()
    }

    async fn identify(&self, code: &str) -> Result<Facts, Failure> {
        match code {
            "good" => Ok(crate::store::tests::facts()),
            "director" => Ok(crate::store::tests::director()),
            _ => Err(Failure::forbidden("identity.oneid-refused", "No.")),
        }
    }
}

pub async fn world(stage: Stage) -> World {
    let store = testkit::databases(MIGRATIONS).await.into_iter().find(|(engine, _)| *engine == "sqlite");
    let clock = Arc::new(ManualClock::at(Time::from_seconds(1_760_000_000)));
    let random = Arc::new(SeededRandom::new(11));
    let seals = Arc::new(Seals::of(&[9; 32]));
    let hasher = Hasher::new(seals.pepper, Cost { memory_kib: 8, passes: 1 }, &*random).unwrap();
    let key = p256::SecretKey::from_slice(&[3; 32]).unwrap();
    let client = Client {
        id: "portal".into(),
        redirect_uris: vec![BACK.into()],
        post_logout_redirect_uris: vec!["http://localhost:8080/".into()],
        secret: Some(Hash::of(SECRET.as_bytes())),
        audiences: vec!["eservice".into()],
    };
    let provider = Arc::new(Provider {
        issuer: ISSUER.into(),
        clients: vec![client],
        keys: SigningKeys::of(&[key]).unwrap(),
        store: Store::new(store.unwrap().1, seals, clock.clone(), random.clone()),
        passwords: Passwords::new(hasher, 2, 4),
        upstream: Some(Arc::new(Proofing)),
        stage,
        lookup: [6; 32],
        clock: clock.clone(),
        random,
        stylesheet: "/assets/govuk.css".into(),
        home: "/".into(),
        hops: web::Hops(0),
        https: false,
        mandates_last: std::time::Duration::from_secs(4 * 3600),
        facts_kept: std::time::Duration::from_secs(3653 * 86_400),
        beginnings: web::Limiter::new(crate::provider::BEGINNINGS, clock.clone()),
    });
    let router = edge(&provider);
    World { provider, clock, router, cookie: Mutex::new(None) }
}

fn edge(provider: &Arc<Provider>) -> Router {
    web::traced(crate::http::router(provider.clone()), "identity", provider.random.clone())
}

impl World {
    /// The same provider, whose client has no secret any more.
    pub fn client_without_secret(&mut self) {
        self.router = Router::new();
        let provider = Arc::get_mut(&mut self.provider).expect("only the router held it besides");
        provider.clients[0].secret = None;
        self.router = edge(&self.provider);
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(form)).await
    }

    pub async fn userinfo(&self, token: &str) -> Answer {
        let request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request, Body::empty()).await
    }

    pub async fn send(&self, mut request: axum::http::request::Builder, body: Body) -> Answer {
        if let Some(cookie) = self.cookie.lock().unwrap().as_ref() {
            request = request.header(header::COOKIE, cookie);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(set) = parts.headers.get(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            *self.cookie.lock().unwrap() = Some(pair);
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let challenge = pkce::challenge_of(VERIFIER);
        let fields = [
            ("client_id", "portal"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid profile phone"),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("ui_locales", "en"),
        ];
        let mut url = Url::parse("http://x/authorize").unwrap();
        let kept = fields.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        url.query_pairs_mut().extend_pairs(kept.chain(changes));
        format!("{}?{}", url.path(), url.query().unwrap())
    }

    /// Begins a sign-in; gives its path and the token of its forms.
    pub async fn begin(&self, acr: &str) -> String {
        let answer = self.get(&self.authorize(&[("acr_values", acr)])).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.location().strip_prefix(ISSUER).unwrap().to_owned()
    }

    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let csrf = page.csrf();
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.post(path, &fields).await
    }

    /// A citizen who has a password already.
    pub async fn with_password(&self) {
        let store = &self.provider.store;
        let mut tx = store.database.begin().await.unwrap();
        let person = store.remember(&mut tx, crate::store::tests::facts(), kernel::Language::Uz).await.unwrap();
        tx.commit().await.unwrap();
        let salt = bytes(&*self.provider.random);
        let phc = self.provider.passwords.hash(Personal::new(PASSWORD.to_owned()), salt).await.unwrap();
        store.set_password(store.seals.citizen_account(PINFL), person, phc).await.unwrap();
    }

    /// Signs in with the password in a fresh browser; gives the code.
    pub async fn code(&self) -> String {
        *self.cookie.lock().unwrap() = None;
        let path = self.begin("low").await;
        let fields = [("pinfl", PINFL), ("password", PASSWORD)];
        let answer = self.submit(&format!("{path}/password"), &fields).await;
        answer.returned("code")
    }

    pub async fn token(&self, fields: &[(&str, &str)]) -> (StatusCode, Value) {
        let proof = [("client_id", "portal"), ("client_secret", SECRET)];
        let fields: Vec<_> = fields.iter().copied().chain(proof).collect();
        let answer = self.post("/token", &fields).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    pub async fn redeem(&self, code: &str) -> (StatusCode, Value) {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
        self.token(&fields).await
    }
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |location| location.to_str().unwrap())
    }

    /// A parameter with which the person came back to the client.
    pub fn returned(&self, name: &str) -> String {
        let location = Url::parse(self.location()).unwrap_or_else(|_| panic!("{} {}", self.status, self.body));
        assert!(location.as_str().starts_with(BACK));
        let found = location.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    pub fn csrf(&self) -> String {
        let rest = self.body.split("name=\"csrf\" value=\"").nth(1).expect("the page has a form");
        rest.split('"').next().unwrap().to_owned()
    }
}

//! Assertions a second over loopback (token exchange), beside the bare ES256 signatures they contain.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use boot::{Kit, Stage};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{CommandId, Hash, Random, bytes};
use p256::pkcs8::EncodePrivateKey;
use tests::{platform::Platform, visitor::Visitor};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

use crate::{
    Outcome,
    figure::Table,
    http::{self, Connection},
    load,
};

const CONNECTIONS: usize = 32;
/// The command line's place at identity: a client without a secret, so that anybody on this machine can measure.
const CLIENT: &str = "cli";
const REDIRECT: &str = "http://127.0.0.1/cli";

pub async fn measure(table: &mut Table, platform: &Platform, lasting: Duration) -> Outcome {
    let kit = Kit::system(Stage::Trial);
    let token = sign_in(platform, &kit).await?;
    let portal = Url::parse(&platform.ready.portal)?;
    let (host, port) = (portal.authority().to_owned(), portal.port().ok_or("the portal told no port")?);
    let assertions = load::closed(CONNECTIONS, lasting, |_| {
        let (host, token, kit) = (host.clone(), token.clone(), kit.clone());
        let kept: Arc<Mutex<Option<Connection>>> = Arc::default();
        move || {
            let request = exchange(&host, &token, &kit);
            let kept = kept.clone();
            async move {
                let mut kept = kept.lock().await;
                let mut connection = match kept.take() {
                    Some(connection) => connection,
                    None => Connection::open(Ipv4Addr::LOCALHOST, port).await?,
                };
                let answer = connection.exchange(&request).await?;
                if answer.status != 200 {
                    return Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
                }
                *kept = Some(connection);
                Ok(())
            }
        }
    })
    .await?;
    let floor = bare(&*kit.random, lasting)?;
    table.beside("assertions by token exchange", assertions, "tokens/s", ("bare ES256 signatures/s", floor));
    Ok(())
}

fn exchange(host: &str, token: &str, kit: &Kit) -> Vec<u8> {
    let command = CommandId::new(&*kit.clock, &*kit.random);
    let payload = URL_SAFE_NO_PAD.encode(Hash::of(command.as_bytes()).as_bytes());
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
        .append_pair("client_id", CLIENT)
        .append_pair("subject_token", token)
        .append_pair("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")
        .append_pair("requested_token_type", "urn:xizmat:params:token-type:assertion")
        .append_pair("audience", "exchange")
        .append_pair("operation", "list-grants")
        .append_pair("command_id", &command.to_string())
        .append_pair("payload_hash", &payload)
        .finish();
    http::post_form(host, "/identity/token", "", &body)
}

/// A demo officer's access token.
async fn sign_in(platform: &Platform, kit: &Kit) -> Outcome<String> {
    let issuer = format!("{}/identity", platform.ready.portal);
    let account = platform.ready.accounts.first().ok_or("a trial platform has demo officers")?;
    let verifier = URL_SAFE_NO_PAD.encode(bytes::<32>(&*kit.random));
    let challenge = URL_SAFE_NO_PAD.encode(Hash::of(verifier.as_bytes()).as_bytes());
    let state = URL_SAFE_NO_PAD.encode(bytes::<16>(&*kit.random));
    let query = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "openid"),
        ("acr_values", "officer"),
        ("state", &state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let start = Url::parse_with_params(&format!("{issuer}/authorize"), query)?;
    let mut visitor = Visitor::new("en");
    let page = visitor.open(start.as_str()).await;
    let form = page.form("/officer").set("login", &account.login).set("password", &account.password);
    let page = visitor.send(&form).await;
    let code = identity::authenticator_code(&account.totp_secret, kit.clock.now())?;
    let answer = visitor.acknowledged(&page.form("/code").set("code", &code)).await?;
    let answer: BTreeMap<String, String> = answer.ok_or("the code was refused")?.query_pairs().into_owned().collect();
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("client_id", CLIENT)
        .append_pair("redirect_uri", REDIRECT)
        .append_pair("code", answer.get("code").ok_or("identity gave no code")?)
        .append_pair("code_verifier", &verifier)
        .finish();
    let portal = Url::parse(&platform.ready.portal)?;
    let mut connection = Connection::open(Ipv4Addr::LOCALHOST, portal.port().ok_or("no port")?).await?;
    let answer = connection.exchange(&http::post_form(portal.authority(), "/identity/token", "", &body)).await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
    Ok(answer["access_token"].as_str().ok_or("identity gave no token")?.to_owned())
}

/// The floor: the same library signs claims of the same size, on every core.
fn bare(random: &dyn Random, lasting: Duration) -> Outcome<f64> {
    let key = signing::domain::ca::new_key(random).to_pkcs8_der()?;
    let key = EncodingKey::from_ec_der(key.as_bytes());
    let claims = serde_json::json!({
        "iss": "http://localhost:8080/identity", "sub": "0193a7f0c0de7000800000000000abcd", "aud": "exchange",
        "iat": 1_796_000_000, "exp": 1_796_000_060, "jti": "0193a7f0c0de7000800000000000abcd",
        "payload": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "acr": "substantial", "auth_time": 1_796_000_000,
        "officer": true,
    });
    let header = Header::new(Algorithm::ES256);
    load::on_every_core(lasting, || Ok(jsonwebtoken::encode(&header, &claims, &key).map(drop)?))
}

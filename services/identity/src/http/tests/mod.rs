//! The edge as clients and browsers meet it.

mod machine;
mod mandates;
mod pages;
mod people;
mod world;

use axum::http::{StatusCode, header};
use boot::Stage;
use serde_json::Value;

use crate::domain::{
    exchange::{ACCESS_TOKEN, ASSERTION, Assertion, GRANT_TYPE, HEADER_TYPE},
    token::IdToken,
};
use world::{BACK, ISSUER, VERIFIER, world};

fn text<'v>(body: &'v Value, name: &str) -> &'v str {
    body[name].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_code_gives_tokens_once_and_its_reuse_revokes_them() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let code = world.code().await;
    let (status, tokens) = world.redeem(&code).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let id_token: IdToken = world.provider.keys.verify("JWT", ISSUER, text(&tokens, "id_token")).unwrap();
    assert_eq!(
        (id_token.nonce.as_deref(), id_token.acr.as_str(), id_token.aud.as_str()),
        (Some("no"), "low", "portal")
    );
    let about = world.userinfo(text(&tokens, "access_token")).await;
    assert!(about.body.contains("Dilnoza") && !about.body.contains(world::PINFL), "{}", about.body);
    let (status, refused) = world.redeem(&code).await;
    assert_eq!((status, text(&refused, "error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(world.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    assert_eq!(world.token(&refresh).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_replayed_refresh_token_kills_the_family() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let (_, tokens) = world.redeem(&world.code().await).await;
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let (status, newer) = world.token(&refresh).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(world.token(&refresh).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(world.userinfo(text(&newer, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&newer, "refresh_token"))];
    assert_eq!(world.token(&refresh).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_without_its_verifier_address_or_client_secret_is_worth_nothing() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let fields = |verifier: &'static str, back: &'static str| {
        move |code: String| {
            [
                ("grant_type", "authorization_code".to_owned()),
                ("code", code),
                ("redirect_uri", back.to_owned()),
                ("code_verifier", verifier.to_owned()),
            ]
        }
    };
    for wrong in [fields("", BACK), fields(&VERIFIER[1..], BACK), fields(VERIFIER, "http://localhost:8080/")] {
        let made = wrong(world.code().await);
        let made: Vec<(&str, &str)> = made.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, refused) = world.token(&made).await;
        assert_eq!((status, text(&refused, "error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
    }
    let answer = world.post("/token", &[("grant_type", "authorization_code"), ("client_id", "portal")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_pkce_downgrade_goes_back_to_the_client_as_an_error() {
    let world = world(Stage::Trial).await;
    for change in [("code_challenge_method", "plain"), ("code_challenge", "")] {
        let answer = world.get(&world.authorize(&[change])).await;
        assert_eq!(answer.returned("error"), "invalid_request");
        assert_eq!((answer.returned("state").as_str(), answer.returned("iss").as_str()), ("st", ISSUER));
    }
    let answer = world.get(&world.authorize(&[("prompt", "none")])).await;
    assert_eq!(answer.returned("error"), "login_required");
}

#[tokio::test]
async fn a_redirect_mismatch_is_shown_and_never_followed() {
    let world = world(Stage::Trial).await;
    for change in [("redirect_uri", "https://evil.example/"), ("client_id", "evil")] {
        let answer = world.get(&world.authorize(&[change])).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""));
    }
    let repeated = format!("{}&state=other", world.authorize(&[]));
    assert_eq!(world.get(&repeated).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_assertion_is_bound_to_command_payload_operation_and_a_minute() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let (_, tokens) = world.redeem(&world.code().await).await;
    let asking = |audience: &'static str, operation: &'static str| {
        [
            ("grant_type", GRANT_TYPE),
            ("subject_token", text(&tokens, "access_token")),
            ("subject_token_type", ACCESS_TOKEN),
            ("requested_token_type", ASSERTION),
            ("audience", audience),
            ("operation", operation),
            ("command_id", "0193a7f0c0de7000800000000000abcd"),
            ("payload_hash", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ]
    };
    let (status, answer) = world.token(&asking("eservice", "submit")).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let token = text(&answer, "access_token");
    let claims: Assertion = world.provider.keys.verify(HEADER_TYPE, ISSUER, token).unwrap();
    assert_eq!(claims.exp - claims.iat, 60);
    assert_eq!((claims.aud.as_str(), claims.acr.as_str(), claims.officer), ("eservice", "low", false));
    assert_eq!(claims.operation, "submit");
    assert_eq!(claims.jti, "0193a7f0c0de7000800000000000abcd");
    assert_eq!(claims.payload, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert!(world.provider.keys.verify::<Assertion>("JWT", ISSUER, token).is_none(), "it is no ID token");
    assert_eq!(world.userinfo(token).await.status, StatusCode::UNAUTHORIZED, "it is no access token");
    for (audience, operation) in [("payments", "begin-attempt"), ("eservice", ""), ("eservice", "approve-grant")] {
        let (_, refused) = world.token(&asking(audience, operation)).await;
        assert_eq!(text(&refused, "error"), "invalid_target", "{audience} {operation}");
    }
    world.clock.advance(std::time::Duration::from_secs(5 * 60));
    let (_, refused) = world.token(&asking("eservice", "submit")).await;
    assert_eq!(text(&refused, "error"), "invalid_grant", "the access token has expired");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_tokens() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let (_, tokens) = world.redeem(&world.code().await).await;
    let wrong =
        format!("/logout?id_token_hint={}&post_logout_redirect_uri=https://evil.example/", text(&tokens, "id_token"));
    assert_eq!(world.get(&wrong).await.status, StatusCode::BAD_REQUEST);
    let path = format!(
        "/logout?id_token_hint={}&post_logout_redirect_uri=http://localhost:8080/&state=bye",
        text(&tokens, "id_token")
    );
    let answer = world.get(&path).await;
    assert_eq!(answer.location(), "http://localhost:8080/?state=bye");
    assert_eq!(world.userinfo(text(&tokens, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    assert_eq!(text(&world.token(&refresh).await.1, "error"), "invalid_grant", "the family is over");
    let again = world.get(&world.authorize(&[("prompt", "none")])).await;
    assert_eq!(again.returned("error"), "login_required");
}

#[tokio::test]
async fn signing_in_anew_ends_what_the_same_browser_was_signed_in_with() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let (_, before) = world.redeem(&world.code().await).await;
    let kept = world.cookie.lock().unwrap().clone();
    let again = world.get(&world.authorize(&[("prompt", "login"), ("acr_values", "low")])).await;
    let path = again.location().strip_prefix(ISSUER).unwrap().to_owned();
    let fields = [("pinfl", world::PINFL), ("password", world::PASSWORD)];
    let answer = world.submit(&format!("{path}/password"), &fields).await;
    let (_, after) = world.redeem(&answer.returned("code")).await;
    assert_eq!(world.userinfo(text(&before, "access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.userinfo(text(&after, "access_token")).await.status, StatusCode::OK);
    *world.cookie.lock().unwrap() = kept;
    let silent = world.get(&world.authorize(&[("prompt", "none")])).await;
    assert_eq!(silent.returned("error"), "login_required", "the browser's earlier value is worth nothing");
}

#[tokio::test]
async fn the_published_document_offers_only_what_is_safe() {
    let world = world(Stage::Trial).await;
    let document: Value = serde_json::from_str(&world.get("/.well-known/openid-configuration").await.body).unwrap();
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(document["response_types_supported"], serde_json::json!(["code"]));
    assert_eq!(document["id_token_signing_alg_values_supported"], serde_json::json!(["ES256"]));
    let keys = world.get("/jwks").await;
    assert!(!keys.body.contains("\"d\""), "only public keys");
    let page = world.get(&world.begin("low").await).await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(!policy.contains("unsafe") && policy.contains("form-action 'self' http://localhost:8080"));
}

//! `/userinfo`: what the scopes granted let a client know; never the PINFL.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::Failure;
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        session::Capacity,
        token::{Grant, subject},
    },
    provider::Provider,
};

pub async fn show(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Response {
    let grant = match bearer(&headers) {
        Some(token) => provider.store.access(token).await,
        None => Ok(None),
    };
    let outcome = match grant {
        Ok(Some(grant)) => claims(&provider, &grant).await.map(Some),
        Ok(None) => Ok(None),
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(Some(claims)) => Json(claims).into_response(),
        Ok(None) => {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
        }
        Err(failure) => {
            tracing::error!(?failure, "userinfo failed");
            StatusCode::from_u16(failure.kind.http_status())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
                .into_response()
        }
    }
}

/// Only in the header: a token in an address would end up in logs (RFC 6750, 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn claims(provider: &Provider, grant: &Grant) -> Result<Value, Failure> {
    let proof = &grant.session.proof;
    let officer = proof.capacity == Capacity::Officer;
    let mut claims = Map::new();
    claims.insert("sub".into(), json!(subject(proof.person)));
    claims.insert("acr".into(), json!(grant.session.context()));
    claims.insert("officer".into(), json!(officer));
    if officer {
        if let Some(officer) = provider.store.officer(proof.person).await?.filter(|_| grant.covers("profile")) {
            claims.insert("name".into(), json!(officer.display_name));
        }
        return Ok(Value::Object(claims));
    }
    let Some(person) = provider.store.person(proof.person).await? else { return Ok(Value::Object(claims)) };
    let facts = &person.facts;
    let name = [facts.family_name.reveal(), facts.given_name.reveal(), facts.patronymic.reveal()];
    let name = name.map(String::as_str).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let by_scope = [
        ("profile", "name", &name),
        ("profile", "given_name", facts.given_name.reveal()),
        ("profile", "family_name", facts.family_name.reveal()),
        ("profile", "middle_name", facts.patronymic.reveal()),
        ("profile", "birthdate", facts.birth_date.reveal()),
        ("profile", "gender", &facts.sex),
        ("phone", "phone_number", facts.phone.reveal()),
        ("email", "email", facts.email.reveal()),
    ];
    for (scope, claim, value) in by_scope {
        if grant.covers(scope) && !value.is_empty() {
            claims.insert(claim.into(), json!(value));
        }
    }
    if grant.covers("profile") {
        claims.insert("locale".into(), json!(person.language.tag()));
        claims.insert("mandates".into(), mandates(provider, grant).await?);
    }
    Ok(Value::Object(claims))
}

/// For whom the person may act in this session: they choose among these.
async fn mandates(provider: &Provider, grant: &Grant) -> Result<Value, Failure> {
    let found = provider.store.mandates(grant.session.id, provider.mandates_since()).await?;
    let told = found.into_iter().map(|mandate| {
        json!({
            "principal": subject(mandate.principal),
            "kind": mandate.kind,
            "name": mandate.facts.legal_name.reveal(),
            "tin": mandate.facts.tin.reveal(),
        })
    });
    Ok(Value::Array(told.collect()))
}

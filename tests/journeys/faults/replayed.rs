//! A person's assertion in the wrong hands: real, captured from an officer's own exchange with identity, and presented
//! again for something else.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use boot::{Kit, Stage};
use bus::{Bus, OnBehalf};
use kernel::{CommandId, Failure, Hash};
use prost::Message;
use proto::{
    Operation,
    docket::v1::{ListQueueRequest, operations::LIST_QUEUE},
    exchange::v1::{
        ApproveGrantRequest, ListGrantsRequest,
        operations::{APPROVE_GRANT, LIST_GRANTS},
    },
};
use tests::{
    officer,
    platform::{Manner, Platform},
    shared,
    traces::Traces,
};

const CLIENT: &str = "cli";
const REDIRECT: &str = "http://127.0.0.1/cli";
/// The verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// An assertion's life.
const LIFE_S: u64 = 60;

#[test]
fn an_assertion_counts_for_what_it_was_made_for_and_for_a_minute() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let wire = Wire::tapped(&platform).await;
        let justice = ListGrantsRequest { agency: "justice".into() };
        let captured = wire.capture(&LIST_GRANTS, &justice).await;
        assert_eq!(wire.present(&LIST_GRANTS, &justice, &captured).await, Ok(()), "for what it was made for it counts");

        let other_body = ListGrantsRequest { agency: "civil-status".into() };
        wire.refused(&LIST_GRANTS, &other_body, &captured).await;
        // The same bytes mean something to other operations, too.
        let approval = ApproveGrantRequest { agency: "justice".into(), ..ApproveGrantRequest::default() };
        assert_eq!(approval.encode_to_vec(), justice.encode_to_vec());
        wire.refused(&APPROVE_GRANT, &approval, &captured).await;
        let queue = ListQueueRequest { agency: "justice".into(), ..ListQueueRequest::default() };
        assert_eq!(queue.encode_to_vec(), justice.encode_to_vec());
        wire.refused(&LIST_QUEUE, &queue, &captured).await;
        let (signed, _) = captured.assertion.rsplit_once('.').expect("header, claims and signature");
        let another = wire.capture(&LIST_GRANTS, &other_body).await;
        let (_, foreign) = another.assertion.rsplit_once('.').expect("as above");
        let altered = OnBehalf { assertion: format!("{signed}.{foreign}"), command_id: captured.command_id };
        wire.refused(&LIST_GRANTS, &justice, &altered).await;
        platform.advance(LIFE_S).await;
        wire.refused(&LIST_GRANTS, &justice, &captured).await;
        let traces = Traces::of(&platform);
        for (service, expected) in [("exchange", 4), ("docket", 1)] {
            let recorded = traces.total(service, "SELECT COUNT(*) FROM audit WHERE act = 'assertion.refused'").await;
            assert_eq!(recorded, expected, "each refusal is recorded by {service}:\n{}", platform.log());
        }

        // The officer goes on: nothing of it was their doing.
        let again = wire.capture(&LIST_GRANTS, &justice).await;
        assert_eq!(wire.present(&LIST_GRANTS, &justice, &again).await, Ok(()));
    });
}

/// Somebody who holds the portal's place on the bus and reads along with an officer.
struct Wire<'a> {
    platform: &'a Platform,
    kit: Kit,
    portal: Bus,
    access_token: String,
}

impl<'a> Wire<'a> {
    async fn tapped(platform: &'a Platform) -> Self {
        let clock = platform.data().join("run/clock-shift");
        let kit = Kit::rehearsal(Stage::Trial, clock).expect("a trial's clock");
        let nats = platform.data().join("nats");
        let settings = bus::Settings {
            url: platform.ready.nats.clone(),
            credentials_file: nats.join("users/portal.creds"),
            role: "portal".into(),
            key_file: nats.join("signing/portal.key"),
            trusted_keys_file: nats.join("trusted-keys.json"),
            ..bus::Settings::default()
        };
        let portal = Bus::connect(&settings, Arc::clone(&kit.clock), Arc::clone(&kit.random)).await;
        let access_token = sign_in(platform).await;
        Self { platform, kit, portal: portal.expect("it is admitted"), access_token }
    }

    /// A real assertion, as identity gives it to the officer's client.
    async fn capture<Q: Message, R>(&self, operation: &Operation<Q, R>, request: &Q) -> OnBehalf {
        let command_id = CommandId::new(&*self.kit.clock, &*self.kit.random);
        let payload = URL_SAFE_NO_PAD.encode(Hash::of(&request.encode_to_vec()).as_bytes());
        let command = command_id.to_string();
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", &self.access_token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("requested_token_type", "urn:xizmat:params:token-type:assertion"),
            ("audience", operation.callee),
            ("operation", operation.name),
            ("command_id", &command),
            ("payload_hash", &payload),
        ];
        OnBehalf { assertion: token(self.platform, &form).await, command_id }
    }

    async fn present<Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        request: &Q,
        person: &OnBehalf,
    ) -> Result<(), String> {
        let reply: Result<R, Failure> = self.portal.request_for(operation, "justice", request, person).await;
        reply.map(drop).map_err(|failure| failure.code.into_owned())
    }

    async fn refused<Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        request: &Q,
        person: &OnBehalf,
    ) {
        let told = self.present(operation, request, person).await;
        assert_eq!(told, Err("bus.assertion".into()), "{}.{}", operation.callee, operation.name);
    }
}

async fn sign_in(platform: &Platform) -> String {
    let query = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "openid"),
        ("acr_values", "officer"),
        ("state", "tapped"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let start = url::Url::parse_with_params(&format!("{}/identity/authorize", platform.ready.portal), query);
    let back = officer::sign_in_at(platform, "lead", start.expect("an address").as_str()).await;
    let back: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    let code = back.get("code").expect("identity gives a code");
    let form =
        [("grant_type", "authorization_code"), ("redirect_uri", REDIRECT), ("code", code), ("code_verifier", VERIFIER)];
    token(platform, &form).await
}

async fn token(platform: &Platform, form: &[(&str, &str)]) -> String {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let form: Vec<_> = form.iter().copied().chain([("client_id", CLIENT)]).collect();
    let answer = client.post(format!("{}/identity/token", platform.ready.portal)).form(&form).send().await;
    let answer: serde_json::Value = answer.expect("identity answers").json().await.expect("as JSON");
    answer["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
}

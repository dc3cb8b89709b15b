//! The operations as callers meet them: amounts from the revision, repeats, and everybody who is not the payer.

use std::sync::Arc;

use api::ServiceDefinition;
use async_trait::async_trait;
use bus::{Assurance, Call, Person};
use kernel::{Clock, CommandId, MessageId, PersonId};
use prost::Message;
use proto::payments::v1::{
    BeginAttemptRequest, CloseIntentRequest, CreateIntentRequest, ReadIntentRequest, RefundRequest,
};
use serde_json::json;

mod finance;
mod tills;
mod treasurers;

use super::*;
use crate::{
    desk::tests::{World, databases},
    domain::ledger::Account,
};

const PAYER: [u8; 16] = [3; 16];
/// Who acts for the payer, as the case says.
const REPRESENTATIVE: [u8; 16] = [9; 16];

struct One(Arc<ServiceDefinition>);

#[async_trait]
impl Definitions for One {
    async fn find(&self, _revision: Hash) -> Result<Arc<ServiceDefinition>, Failure> {
        Ok(self.0.clone())
    }
}

fn office(world: &World) -> Office {
    let text = json!({"uz": "x", "uz-Cyrl": "x", "kaa": "x", "ru": "x", "en": "x"});
    let definition = json!({
        "apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceDefinition",
        "metadata": {"name": "copy", "namespace": "justice"},
        "spec": {
            "title": text, "agency": "justice",
            "data": {"schema": {"type": "object", "properties": {"group": {"type": "integer", "maximum": 9}}}},
            "fees": [{
                "name": "duty", "amount": "percent(ref.bhm, '10')",
                "to": [{"agency": "justice", "share": 2}, {"agency": "finance", "share": 1}],
                "waivers": [{"when": "data.group == 1", "from": "social/disability"}],
            }],
            "forms": [{"name": "application", "pages": []}],
            "process": {"start": "apply", "steps": [
                {"name": "apply", "form": "application", "next": "pay"},
                {"name": "pay", "payment": "duty", "next": "done"},
                {"name": "done", "end": {"outcome": "granted"}},
            ]},
        },
    });
    Office {
        desk: world.desk.clone(),
        database: world.database.clone(),
        revisions: Arc::new(One(Arc::new(serde_json::from_value(definition).unwrap()))),
        law: Arc::new(Law::standard()),
        standings: Arc::new(Acting::Only(PersonId::from_bytes(REPRESENTATIVE))),
        officers: Arc::new(crate::bus::treasurer::Listed::default()),
        receipts: Arc::new(crate::bus::Echo),
        agreements: Arc::new(Agreed(vec!["finance".into()])),
        return_origins: Arc::new(vec!["http://localhost:8080".into()]),
        keep_restored: std::time::Duration::from_secs(30 * 86_400),
        rates: Arc::default(),
    }
}

fn call<Q: Message>(request: Q, person: Option<[u8; 16]>) -> Call<Q> {
    let person = person.map(|id| Person {
        id: PersonId::from_bytes(id),
        actor: PersonId::from_bytes(id),
        mandate: None,
        assurance: Assurance::Substantial,
        authenticated: Time::default(),
        command_id: CommandId::from_bytes([8; 16]),
        officer: false,
    });
    Call {
        body_hash: Hash::of(&request.encode_to_vec()),
        request,
        agency: "justice".into(),
        service: None,
        caller: "eservice".into(),
        speaks_for: None,
        message_id: MessageId::from_bytes([1; 16]),
        deadline: Time::default(),
        time: Time::default(),
        person,
    }
}

fn action(number: u8) -> Option<proto::ActionRef> {
    let case = proto::CaseRef {
        case_id: vec![5; 16],
        agency: "justice".into(),
        service: "copy".into(),
        revision: Hash::of(b"revision").to_vec(),
    };
    Some(proto::ActionRef { case: Some(case), action_id: vec![number; 32], step: "pay".into(), cause: Vec::new() })
}

fn create(world: &World, number: u8, group: i64, sources: serde_json::Value) -> CreateIntentRequest {
    let as_of = world.clock.now().to_string();
    let inputs = json!({"data": {"group": group}, "facts": {}, "sources": sources, "asOf": as_of});
    CreateIntentRequest {
        action: action(number),
        fee: "duty".into(),
        payer: PAYER.to_vec(),
        inputs: inputs.to_string().into_bytes(),
        expires_us: 0,
        submitted_us: 0,
        number: "JUS-1".into(),
        representative: Vec::new(),
    }
}

#[tokio::test]
async fn no_service_charges_by_another_services_revision() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        let mut anothers = create(&world, 1, 0, json!({}));
        anothers.action.as_mut().unwrap().case.as_mut().unwrap().service = "another".into();
        let refused = create_intent::handle(&office, call(anothers, None)).await.unwrap_err();
        assert_eq!(refused.code, "payment.other-revision");
    }
}

#[tokio::test]
async fn the_amount_comes_from_the_revision_and_a_repeat_makes_no_second_intent() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        let request = create(&world, 1, 0, json!({}));
        let first = create_intent::handle(&office, call(request.clone(), None)).await.unwrap();
        assert_eq!(first.state, "open");
        assert_eq!(first.amount.as_ref().unwrap().minor, 4_120_000);
        let again = create_intent::handle(&office, call(request.clone(), None)).await.unwrap();
        assert_eq!(again, first);
        let other = CreateIntentRequest { number: "JUS-2".into(), ..request };
        let refused = create_intent::handle(&office, call(other, None)).await.unwrap_err();
        assert_eq!(refused.code, "action.other-body");
        let arithmetic: serde_json::Value = serde_json::from_slice(&first.arithmetic).unwrap();
        assert_eq!(arithmetic["formula"], "percent(ref.bhm, '10')");
        assert_eq!(arithmetic["split"][0]["amount"]["minor"], 2_746_667);
    }
}

#[tokio::test]
async fn nobody_pays_for_an_agency_that_has_not_agreed_and_what_was_asked_for_stays_asked_for() {
    for database in databases().await {
        let world = World::new(database);
        let with = office(&world);
        let office = Office { agreements: Arc::new(Agreed::default()), ..with.clone() };
        let request = create(&world, 1, 0, json!({}));
        let refused = create_intent::handle(&office, call(request.clone(), None)).await.unwrap_err();
        assert_eq!(refused.code, "payment.not-agreed");
        assert!(refused.kind.retry() && refused.cause.unwrap().ends_with("finance"), "the case waits for it");
        let case = kernel::CaseId::from_bytes([5; 16]);
        let mut tx = world.database.read().await.unwrap();
        assert!(crate::store::intents::of_case(&mut tx, case).await.unwrap().is_empty());
        drop(tx);
        let waived = create(&world, 2, 1, json!({"data.group": "social/disability"}));
        let waived = create_intent::handle(&office, call(waived, None)).await.unwrap();
        assert_eq!(waived.state, "waived", "of nothing nobody gets a share");

        let made = create_intent::handle(&with, call(request.clone(), None)).await.unwrap();
        assert_eq!(create_intent::handle(&office, call(request, None)).await.unwrap(), made, "the Grant has ended");
        let mut tx = world.database.read().await.unwrap();
        let id = kernel::IntentId::from_slice(&made.intent).unwrap();
        let intent = crate::store::intents::find(&mut tx, id).await.unwrap().unwrap();
        drop(tx);
        let shares: Vec<_> = intent.split.iter().map(|share| (share.agency.as_str(), share.amount)).collect();
        assert_eq!(shares, [("justice", 2_746_667), ("finance", 1_373_333)]);
        world.hold(&intent, "t1").await;
        world.capture("t1").await;
        assert_eq!(owed(&world).await, [2_746_667, 1_373_333]);
        let refund = RefundRequest { action: action(9), intent: made.intent, amount: None, reason: String::new() };
        refund::handle(&office, call(refund, None)).await.unwrap();
        assert_eq!(owed(&world).await, [0, 0], "each gives back its own");
    }
}

/// What the two beneficiaries of the fee are owed.
async fn owed(world: &World) -> [i64; 2] {
    let of = |agency: &str| Account::Agency(agency.to_owned());
    [world.balance(&of("justice")).await, world.balance(&of("finance")).await]
}

#[tokio::test]
async fn a_fee_that_falls_away_on_the_way_goes_back_once_however_often_it_is_asked() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        let first = create_intent::handle(&office, call(create(&world, 1, 0, json!({})), None)).await.unwrap();
        let mut tx = world.database.begin().await.unwrap();
        let id = kernel::IntentId::from_slice(&first.intent).unwrap();
        let intent = crate::store::intents::find(&mut tx, id).await.unwrap().unwrap();
        drop(tx);
        world.hold(&intent, "t1").await;
        world.capture("t1").await;
        let mut waived = create(&world, 2, 1, json!({"data.group": "social/disability"}));
        let mut inputs: serde_json::Value = serde_json::from_slice(&waived.inputs).unwrap();
        inputs["credit"] = json!([id]);
        waived.inputs = inputs.to_string().into_bytes();
        let answer = create_intent::handle(&office, call(waived.clone(), None)).await.unwrap();
        assert_eq!((answer.state.as_str(), answer.refunds.len()), ("waived", 1));
        let booked = &answer.refunds[0];
        assert_eq!((&booked.intent, booked.amount.as_ref().unwrap().minor), (&first.intent, 4_120_000));
        assert_eq!(create_intent::handle(&office, call(waived, None)).await.unwrap(), answer);
        let mut tx = world.database.read().await.unwrap();
        let refunds = crate::store::refunds::of_intent(&mut tx, id).await.unwrap();
        assert_eq!((refunds.len(), &refunds[0].id.to_vec()), (1, &booked.refund), "one refund");
    }
}

#[tokio::test]
async fn a_waiver_counts_only_with_its_source() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        let sourced = json!({"data.group": "social/disability"});
        let waived = create(&world, 1, 1, sourced);
        let waived = create_intent::handle(&office, call(waived, None)).await.unwrap();
        assert_eq!((waived.state.as_str(), waived.amount.unwrap().minor), ("waived", 0));
        let claimed = create(&world, 2, 1, json!({}));
        let claimed = create_intent::handle(&office, call(claimed, None)).await.unwrap();
        assert_eq!(claimed.state, "open");
    }
}

#[tokio::test]
async fn only_the_payer_sees_and_pays_an_intent_and_only_its_case_closes_it() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        let request = create(&world, 1, 0, json!({}));
        let intent = create_intent::handle(&office, call(request, None)).await.unwrap().intent;
        let read = ReadIntentRequest { intent: intent.clone() };
        let stranger = read_intent::handle(&office, call(read.clone(), Some([4; 16]))).await.unwrap_err();
        let unknown = ReadIntentRequest { intent: vec![9; 16] };
        let unknown = read_intent::handle(&office, call(unknown, Some(PAYER))).await.unwrap_err();
        assert_eq!(stranger, unknown);
        assert!(
            read_intent::handle(&office, call(read.clone(), Some(REPRESENTATIVE))).await.is_ok(),
            "who acts for the payer"
        );
        let mut officer = call(read.clone(), Some(REPRESENTATIVE));
        officer.person.as_mut().unwrap().officer = true;
        assert_eq!(
            read_intent::handle(&office, officer).await.unwrap_err(),
            unknown,
            "an officer is nobody's representative"
        );
        let begin = BeginAttemptRequest {
            intent: intent.clone(),
            provider: "payme".into(),
            return_url: "http://localhost:8080/uz/pay".into(),
            language: "uz".into(),
        };
        assert!(begin_attempt::handle(&office, call(begin.clone(), Some([4; 16]))).await.is_err());
        let begun = begin_attempt::handle(&office, call(begin.clone(), Some(PAYER))).await.unwrap();
        assert_eq!(begin_attempt::handle(&office, call(begin, Some(PAYER))).await.unwrap(), begun);
        let view = read_intent::handle(&office, call(read, Some(PAYER))).await.unwrap();
        assert_eq!((view.attempt.as_str(), view.providers.len()), ("started", 1));

        let mut foreign = action(2);
        foreign.as_mut().unwrap().case.as_mut().unwrap().case_id = vec![6; 16];
        let close = CloseIntentRequest { action: foreign.clone(), intent: intent.clone(), reason: "timeout".into() };
        assert_eq!(close_intent::handle(&office, call(close, None)).await.unwrap_err().code, "payment.unknown-intent");
        let refund = RefundRequest { action: foreign, intent: intent.clone(), amount: None, reason: String::new() };
        assert_eq!(refund::handle(&office, call(refund, None)).await.unwrap_err().code, "payment.unknown-intent");
        let close = CloseIntentRequest { action: action(3), intent: intent.clone(), reason: "timeout".into() };
        assert_eq!(close_intent::handle(&office, call(close, None)).await.unwrap().state, "expired");
        let refund = RefundRequest { action: action(4), intent, amount: None, reason: String::new() };
        let nothing = refund::handle(&office, call(refund, None)).await.unwrap();
        assert_eq!((nothing.state.as_str(), nothing.amount.unwrap().minor), ("settled", 0));
    }
}

#[tokio::test]
async fn another_payers_equal_command_id_is_another_command() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        let mut begun = Vec::new();
        for (number, payer) in [(1, PAYER), (2, [4; 16])] {
            let request = CreateIntentRequest { payer: payer.to_vec(), ..create(&world, number, 0, json!({})) };
            let begin = BeginAttemptRequest {
                intent: create_intent::handle(&office, call(request, None)).await.unwrap().intent,
                provider: "payme".into(),
                return_url: "http://localhost:8080/uz/pay".into(),
                language: "uz".into(),
            };
            begun.push(begin_attempt::handle(&office, call(begin, Some(payer))).await.unwrap().attempt);
        }
        assert_ne!(begun[0], begun[1]);
    }
}

#[tokio::test]
async fn who_is_not_known_in_the_case_never_learns_from_a_host_that_is_away_that_an_intent_exists() {
    for database in databases().await {
        let world = World::new(database);
        let mut office = office(&world);
        let mut intents = Vec::new();
        for (number, representative) in [(1, Vec::new()), (2, REPRESENTATIVE.to_vec())] {
            let request = CreateIntentRequest { representative, ..create(&world, number, 0, json!({})) };
            intents.push(create_intent::handle(&office, call(request, None)).await.unwrap().intent);
        }
        let [alone, acted_for] = intents.try_into().unwrap();
        let unknown = "payment.unknown-intent";
        for (standings, unrecorded, recorded) in [
            (Acting::Only(PersonId::from_bytes(REPRESENTATIVE)), "", ""),
            (Acting::Nobody, unknown, unknown),
            (Acting::Away, unknown, "bus.unavailable"),
        ] {
            office.standings = Arc::new(standings);
            let told = async |intent: &[u8], person: [u8; 16]| {
                let read = ReadIntentRequest { intent: intent.to_vec() };
                let read = read_intent::handle(&office, call(read, Some(person))).await;
                let begin = BeginAttemptRequest {
                    intent: intent.to_vec(),
                    provider: "payme".into(),
                    return_url: "http://localhost:8080/uz/pay".into(),
                    language: "uz".into(),
                };
                let mut begin = call(begin, Some(person));
                let command = Hash::of_parts(&[intent, &person]).to_vec();
                begin.person.as_mut().unwrap().command_id = CommandId::from_slice(&command[..16]).unwrap();
                let begun = begin_attempt::handle(&office, begin).await.map(|_| ());
                let (read, begun) = (read.map(|_| ()), begun);
                assert_eq!(read, begun, "who may see it may pay it");
                read.map_or_else(|failure| failure.code.into_owned(), |()| String::new())
            };
            for intent in [&alone, &acted_for] {
                assert_eq!(told(intent, [4; 16]).await, unknown, "a stranger");
                assert_eq!(told(intent, PAYER).await, "", "the payer needs no host");
            }
            assert_eq!(told(&alone, REPRESENTATIVE).await, unrecorded);
            assert_eq!(told(&acted_for, REPRESENTATIVE).await, recorded);
        }
    }
}

#[tokio::test]
async fn an_erased_case_leaves_its_money_but_not_its_payer() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        let request = create(&world, 1, 1, json!({"data.group": "social/disability"}));
        let request = CreateIntentRequest { representative: REPRESENTATIVE.to_vec(), ..request };
        let intent = create_intent::handle(&office, call(request.clone(), None)).await.unwrap().intent;
        let case = request.action.as_ref().unwrap().case.clone();
        let told = proto::eservice::v1::CaseErased { case, actions: vec![vec![1; 32]], ..Default::default() };
        for _ in 0..2 {
            let mut tx = office.database.begin().await.unwrap();
            cases::erase(&mut tx, &told).await.unwrap();
            tx.commit().await.unwrap();
        }
        let read = ReadIntentRequest { intent: intent.clone() };
        let refused = read_intent::handle(&office, call(read, Some(PAYER))).await.unwrap_err();
        assert_eq!(refused.code, "payment.unknown-intent");
        let again = create_intent::handle(&office, call(request, None)).await.unwrap_err();
        assert_eq!(again.code, "action.other-body", "and no second intent");
        let mut tx = office.database.read().await.unwrap();
        let row = "SELECT number, state, arithmetic, payer, representative FROM intent";
        let row = tx.fetch_one(row, sql::args![]).await.unwrap();
        assert_eq!((row.text(0).unwrap().as_str(), row.text(1).unwrap().as_str()), ("JUS-1", "waived"));
        assert_eq!((row.blob(2).unwrap(), row.blob(3).unwrap()), (b"{}".to_vec(), vec![0; 16]));
        assert_eq!(row.opt_blob(4).unwrap(), None);
    }
}

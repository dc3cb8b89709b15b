//! Calls an agency's registry for a case: under a grant in force, about its citizen only, recorded whatever comes of it.

use std::time::Duration;

use api::{Operation, OperationKind};
use async_nats::RequestErrorKind;
use bus::{Call, header};
use kernel::{CaseId, Failure, Hash, id::PersonId, sealed::CaseKey};
use prost::Message;
use proto::{
    ActionRef, CaseRef,
    exchange::v1::{CallRegistryReply, CallRegistryRequest},
};
use sql::{Action, answers, inbox};

use crate::{
    Exchange,
    domain::{
        grant::{self, Version},
        registry_call::{self, Asked, Refusal, refusal},
    },
    store::{
        self,
        data_use::{Use, Words},
    },
};

/// Unless the registry says otherwise.
const REGISTRY_LIMIT: Duration = Duration::from_secs(5);
/// Left for recording and answering.
const RESERVE: Duration = Duration::from_millis(300);

/// What came of asking; only the first two are final and kept.
enum Outcome {
    Found(Vec<u8>),
    NotFound,
    /// Nobody listens: it went to nobody.
    Unheard(Refusal),
    Unavailable(Refusal),
    Refused(Refusal),
}

pub async fn handle(exchange: &Exchange, call: Call<CallRegistryRequest>) -> Result<CallRegistryReply, Failure> {
    let request = &call.request;
    let action = request.action.clone().unwrap_or_default();
    let case = action.case.clone().unwrap_or_default();
    let names = [&request.owner, &request.registry, &request.operation, &case.agency, &case.service];
    for name in names {
        bus::subject::token(name)?;
    }
    if case.agency != call.agency {
        return Err(Failure::forbidden("exchange.other-agency", "A request speaks for its own agency only."));
    }
    if !matches!(action.action_id.len(), 0 | 32) {
        return Err(no_action());
    }
    if let Some(kept) = recall(exchange, &case, &action, &call.body_hash).await? {
        return Ok(kept);
    }
    let (outcome, used) = ask(exchange, &call, &case, &action).await?;
    finish(exchange, &call, (outcome, used), &action, &case).await
}

async fn ask(
    exchange: &Exchange,
    call: &Call<CallRegistryRequest>,
    case: &CaseRef,
    action: &ActionRef,
) -> Result<(Outcome, Option<Version>), Failure> {
    let request = &call.request;
    let mut tx = exchange.database.read().await?;
    let registry = store::resources::registry(&mut tx, &request.owner, &request.registry).await?;
    let versions = store::grants::all(&mut tx).await?;
    drop(tx);
    let in_force = grant::in_force(versions, exchange.clock.now());
    let asked = Asked {
        agency: &case.agency,
        service: &case.service,
        owner: &request.owner,
        registry: &request.registry,
        operation: &request.operation,
    };
    let (operation, grant) = match registry_call::allowed(&asked, registry.as_ref(), &in_force) {
        Ok((operation, grant)) => (operation, grant.clone()),
        Err(refused) => return Ok((Outcome::Refused(refused), None)),
    };
    let judged = registry_call::question(operation, &grant, &request.input, &request.subject_pinfl)
        .and_then(|question| within_rate(exchange, &grant).map(|()| question));
    let question = match judged {
        Ok(question) => question,
        Err(refused) => return Ok((Outcome::Refused(refused), Some(grant))),
    };
    if operation.kind == OperationKind::Write && !begin_write(exchange, case, action).await? {
        let unknown = refusal("exchange.unknown-outcome", "This was asked before and nobody knows what came of it.");
        return Ok((Outcome::Unavailable(unknown), Some(grant)));
    }
    let outcome = send(exchange, call, operation, &grant, question).await;
    if operation.kind == OperationKind::Write && matches!(outcome, Outcome::Unheard(_)) {
        undo_write(exchange, case, action).await?;
    }
    Ok((outcome, Some(grant)))
}

fn within_rate(exchange: &Exchange, grant: &Version) -> Result<(), Refusal> {
    if exchange.counts(grant.hash, grant.per_minute()) {
        return Ok(());
    }
    Err(refusal("exchange.rate", "The grant allows no more questions this minute."))
}

/// A change is sent at most once for an action: that it was begun is kept before it is sent.
async fn begin_write(exchange: &Exchange, case: &CaseRef, action: &ActionRef) -> Result<bool, Failure> {
    if action.action_id.is_empty() {
        return Err(no_action());
    }
    let id = write_id(action);
    let mut tx = exchange.database.begin().await?;
    let begun = inbox::begin(&mut tx, asked_for(case, &id), exchange.clock.now()).await?;
    tx.commit().await?;
    Ok(begun)
}

/// A change that certainly reached nobody may be sent under the same action again.
async fn undo_write(exchange: &Exchange, case: &CaseRef, action: &ActionRef) -> Result<(), Failure> {
    let id = write_id(action);
    let mut tx = exchange.database.begin().await?;
    inbox::undo(&mut tx, asked_for(case, &id)).await?;
    Ok(tx.commit().await?)
}

fn write_id(action: &ActionRef) -> Vec<u8> {
    [b"write:", action.action_id.as_slice()].concat()
}

fn asked_for<'a>(case: &CaseRef, id: &'a [u8]) -> Action<'a> {
    Action::of_service(&case.agency, &case.service, id)
}

fn no_action() -> Failure {
    Failure::invalid("exchange.no-action", "A change needs the id of its action, which has 32 bytes.")
}

async fn send(
    exchange: &Exchange,
    call: &Call<CallRegistryRequest>,
    operation: &Operation,
    grant: &Version,
    question: Vec<u8>,
) -> Outcome {
    let request = &call.request;
    let case = request.action.as_ref().and_then(|action| action.case.clone()).unwrap_or_default();
    let limit = operation.timeout.and_then(|span| span.seconds()).map_or(REGISTRY_LIMIT, Duration::from_secs);
    let left = call.deadline.since(exchange.clock.now().plus(RESERVE)).max(Duration::from_millis(100));
    let limit = limit.min(left);
    // The agency signs and reads its own subject; ours names the agency, too.
    let signed_subject = format!("registry.{}.{}", request.registry, request.operation);
    let mut headers = exchange.bus.sign(&signed_subject, &question, limit);
    headers.insert("Xizmat-Agency", case.agency.as_str());
    headers.insert("Xizmat-Service", case.service.as_str());
    let message = async_nats::Request::new().headers(headers).payload(question.into()).timeout(Some(limit));
    let subject = format!("registry.{}.{}.{}", request.owner, request.registry, request.operation);
    match exchange.bus.client().send_request(subject, message).await {
        Ok(reply) => read_reply(operation, grant, &reply),
        Err(error) => {
            let away = |why: &'static str| refusal("exchange.unavailable", why);
            match error.kind() {
                RequestErrorKind::NoResponders => Outcome::Unheard(away("The registry is not connected.")),
                RequestErrorKind::TimedOut => Outcome::Unavailable(away("The registry did not answer in time.")),
                _ => Outcome::Unavailable(away("The registry cannot be reached.")),
            }
        }
    }
}

fn read_reply(operation: &Operation, grant: &Version, reply: &async_nats::Message) -> Outcome {
    let headers = reply.headers.clone().unwrap_or_default();
    match header::text(&headers, async_nats::service::NATS_SERVICE_ERROR_CODE) {
        "" => {}
        "404" => return Outcome::NotFound,
        _ => {
            return Outcome::Unavailable(refusal(
                "exchange.registry-failed",
                "The registry reported a failure of its own.",
            ));
        }
    }
    match registry_call::answer(operation, grant, &reply.payload) {
        Ok(fields) => Outcome::Found(serde_json::Value::Object(fields).to_string().into_bytes()),
        Err(refused) => Outcome::Unavailable(refused),
    }
}

/// Records the call, keeps a final answer under its action, and only then answers.
async fn finish(
    exchange: &Exchange,
    call: &Call<CallRegistryRequest>,
    (outcome, grant): (Outcome, Option<Version>),
    action: &ActionRef,
    case: &CaseRef,
) -> Result<CallRegistryReply, Failure> {
    let mut reply = reply_of(outcome);
    let used = record_of(exchange, call, grant.as_ref(), action, case, &reply);
    let now = exchange.clock.now();
    let mut tx = exchange.database.begin().await?;
    sql::case_log::hold(&mut tx, CaseId::from_slice(&case.case_id)?, &case.agency).await?;
    let salt = kernel::bytes::<16>(&*exchange.random);
    let commitment = store::data_use::record(&mut tx, &used, salt, &call.request.input, &reply.output).await?;
    reply.evidence = commitment.to_vec();
    let is_final = matches!(reply.outcome.as_str(), "found" | "not-found") && !action.action_id.is_empty();
    if is_final {
        let sealed = seal(exchange, &action.action_id, &reply);
        match answers::keep(&mut tx, asked_for(case, &action.action_id), &call.body_hash, &sealed, now).await {
            Ok(()) => {}
            Err(sql::Error::Conflict(_)) => {
                drop(tx);
                let kept = recall(exchange, case, action, &call.body_hash).await?;
                return kept.ok_or_else(|| Failure::stale("exchange.raced", "Ask again."));
            }
            Err(error) => return Err(error.into()),
        }
    }
    tx.commit().await?;
    Ok(reply)
}

fn reply_of(outcome: Outcome) -> CallRegistryReply {
    let (outcome, output, refused) = match outcome {
        Outcome::Found(output) => ("found", output, None),
        Outcome::NotFound => ("not-found", Vec::new(), None),
        Outcome::Unheard(why) | Outcome::Unavailable(why) => ("unavailable", Vec::new(), Some(why)),
        Outcome::Refused(why) => ("refused", Vec::new(), Some(why)),
    };
    let (code, message) = refused.map(|why| (why.code.to_owned(), why.message)).unwrap_or_default();
    CallRegistryReply { outcome: outcome.to_owned(), output, code, message, evidence: Vec::new() }
}

fn record_of(
    exchange: &Exchange,
    call: &Call<CallRegistryRequest>,
    grant: Option<&Version>,
    action: &ActionRef,
    case: &CaseRef,
    reply: &CallRegistryReply,
) -> Use {
    let request = &call.request;
    let passed: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&reply.output).unwrap_or_default();
    // What the definition did not say, the grant says.
    let or_granted = |said: Option<&proto::Text>, granted: Option<&api::Text>| match said {
        Some(said) if !said.by_language.is_empty() => Words::of(said),
        _ => Words::of(&super::data_use::to_proto(granted)),
    };
    Use {
        time: exchange.clock.now(),
        person: PersonId::from_slice(&request.person).ok(),
        asking_agency: case.agency.clone(),
        service: case.service.clone(),
        owner: request.owner.clone(),
        registry: request.registry.clone(),
        operation: request.operation.clone(),
        purpose: or_granted(request.purpose.as_ref(), grant.map(|grant| &grant.spec.purpose)),
        legal_basis: or_granted(request.legal_basis.as_ref(), grant.map(|grant| &grant.spec.legal_basis.title)),
        case_id: case.case_id.clone(),
        cause: action.cause.clone(),
        outcome: reply.outcome.clone(),
        code: reply.code.clone(),
        fields: passed.keys().cloned().collect(),
        grant: grant.map(|grant| grant.hash),
        opened: None,
    }
}

/// Answers hold personal data: each is sealed with a key of its own, wrapped by the exchange's key outside of the database.
fn seal(exchange: &Exchange, action_id: &[u8], reply: &CallRegistryReply) -> Vec<u8> {
    let key = CaseKey::generate(&*exchange.random);
    let wrapped = key.wrap(&exchange.data_key, &*exchange.random);
    let sealed = key.seal(&reply.encode_to_vec(), action_id, &*exchange.random);
    let length = u8::try_from(wrapped.len()).expect("a wrapped key has 60 bytes");
    [&[length], wrapped.as_slice(), &sealed].concat()
}

async fn recall(
    exchange: &Exchange,
    case: &CaseRef,
    action: &ActionRef,
    body_hash: &Hash,
) -> Result<Option<CallRegistryReply>, Failure> {
    if action.action_id.is_empty() {
        return Ok(None);
    }
    let mut tx = exchange.database.read().await?;
    let Some(kept) = answers::recall(&mut tx, asked_for(case, &action.action_id), body_hash).await? else {
        return Ok(None);
    };
    let broken = || Failure::internal("exchange.kept-answer", "A kept answer cannot be read.");
    let (length, rest) = kept.split_first().ok_or_else(broken)?;
    let (wrapped, sealed) = rest.split_at_checked(usize::from(*length)).ok_or_else(broken)?;
    let plain = CaseKey::unwrap(&exchange.data_key, wrapped)?.open(sealed, &action.action_id)?;
    CallRegistryReply::decode(plain.as_slice()).map(Some).map_err(|_| broken())
}

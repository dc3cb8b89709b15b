//! Whoever leads an office sees which cases wait for something that nobody may ever do, and two of them have a failed step tried again.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, ErrorKind, Failure, PersonId};
use process::{
    CaseState, Command,
    case::{AFTER_THE_END, Token, TokenId, Waiting},
};
use proto::{
    eservice::v1::{CaseReply, ListStuckRequest, RetryStepRequest, Stuck, StuckCase},
    identity::v1::Officer,
};

use super::{claim::executed, left, noted, second, stored, task::officer_of};
use crate::{
    domain::{
        access, paper, reason,
        stuck::{self, Kind, Watch},
    },
    execute::act,
    host::{Host, Service},
    store::{
        cases::{self, Case},
        retention::numbered,
        waits,
    },
};

const LISTED: usize = 100;
/// What has waited longest of a service, before it is asked who may see it.
const LOOKED_AT: i64 = 1_000;
const REASON_CHARS_MAX: usize = 500;

pub async fn list(host: Arc<Host>, call: Call<ListStuckRequest>) -> Result<Stuck, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    let nobodys = CaseId::from_bytes([0; 16]);
    let admitted = lead(&host, person, &asked.agency).await;
    let officer = noted(&host, person, nobodys, &call.agency, admitted).await?;
    let mut listed = act("stuck.listed", host.now(), Some(person.actor), nobodys, &call.agency);
    listed.subject = Vec::new();
    listed.detail = serde_json::json!({ "service": asked.service }).to_string();
    host.record(listed).await?;
    let (service, now) = (format!("{}/{}", asked.agency, asked.service), host.now());
    let mut waiting = left::forsaken(&host, &service).await?;
    let mut tx = host.database.read().await?;
    waiting.extend(waits::stuck(&mut tx, &service, now, LOOKED_AT).await?);
    waiting.sort_by_key(|wait| wait.since);
    let (mut found, mut count) = (Vec::new(), 0);
    for wait in waiting {
        let Some(case) = cases::read(&mut tx, &host.keys, wait.case).await? else { continue };
        let Some(watch) = stuck::watches(&case.state).remove(&wait.token) else { continue };
        match may(&host, &case, case.state.tokens.get(&wait.token), person, &officer) {
            Ok(()) => {
                count += 1;
                if found.len() < LISTED {
                    found.push((shown(&case.state, &watch, wait.since.micros()), typist(&case.state, &watch)));
                }
            }
            Err(failure) if failure.kind == ErrorKind::NotFound => {}
            Err(failure) => return Err(failure),
        }
    }
    drop(tx);
    let mut cases = Vec::with_capacity(found.len());
    for (mut one, typist) in found {
        if !one.asked_by.is_empty() {
            one.asked_name = second::name(&host, PersonId::from_slice(&one.asked_by)?).await;
        }
        if let Some(officer) = typist {
            one.officer = second::name(&host, officer).await;
        }
        cases.push(one);
    }
    Ok(Stuck { cases, count })
}

/// What the case owes after its end is a place, too.
fn is_owed(state: &CaseState, place: TokenId) -> bool {
    place == AFTER_THE_END && stuck::owes(state)
}

/// Of what waits to be typed: who has it.
fn typist(state: &CaseState, watch: &Watch) -> Option<PersonId> {
    state.taken_in.as_ref().filter(|_| watch.kind == Kind::Paper).map(|taken| taken.officer)
}

fn shown(state: &CaseState, watch: &Watch, since_us: i64) -> StuckCase {
    let task = match state.tokens.get(&watch.token).map(|token| &token.waiting) {
        Some(Waiting::Task { task }) => state.tasks.get(task),
        _ => None,
    };
    let (step, code) = stuck::failed(state, watch.token);
    let asked = state.retry_asked(watch.token);
    StuckCase {
        case_id: state.case_id.to_vec(),
        number: state.number.clone().unwrap_or_default(),
        token: watch.token,
        kind: watch.kind.name().to_owned(),
        step: step.to_owned(),
        code: code.to_owned(),
        since_us,
        task_id: task.map(|task| task.id.to_vec()).unwrap_or_default(),
        assignee: task.and_then(|task| task.claim).map(|claim| claim.officer.to_vec()).unwrap_or_default(),
        proposed: task.is_some_and(|task| task.proposed().is_some()),
        asked_by: asked.map(|asked| asked.by.to_vec()).unwrap_or_default(),
        asked_name: String::new(),
        asked_reason: asked.map(|asked| asked.reason.clone()).unwrap_or_default(),
        asked_us: asked.map(|asked| asked.at.micros()).unwrap_or_default(),
        original: if watch.kind == Kind::Paper { paper::original(state) } else { String::new() },
        // A name, which identity knows.
        officer: String::new(),
    }
}

pub async fn retry(host: Arc<Host>, call: Call<RetryStepRequest>) -> Result<CaseReply, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    let id = match asked.case_id.as_slice() {
        [] => {
            let mut tx = host.database.read().await?;
            numbered(&mut tx, &call.agency, &asked.number).await?.unwrap_or(CaseId::from_bytes([0; 16]))
        }
        id => CaseId::from_slice(id)?,
    };
    let admitted = admitted(&host, person, &call.agency, id, asked.token).await;
    let (officer, case, token) = noted(&host, person, id, &call.agency, admitted).await?;
    // Whoever agrees, agrees to what they were shown, and to the reason of the first.
    let agrees = asked.asked_us != 0;
    let reason = if agrees { String::new() } else { worded(&asked.reason)? };
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        may(&host, case, case.state.tokens.get(&token), person, &officer)?;
        let standing = case.state.retry_asked(token).filter(|asked| agrees || asked.by != person.id);
        if standing.map_or(0, |standing| standing.at.micros()) != asked.asked_us {
            let message =
                "Another officer asked for the same meanwhile, or it was tried again. Look at the list again.";
            return Err(Failure::stale("step.retry-changed", message));
        }
        Ok(Command::RetryStep { token, by: person.id, reason: reason.clone() })
    };
    let name = if agrees { "step.retried" } else { "step.retry-asked" };
    let mut recorded = act(name, host.now(), Some(person.actor), id, &call.agency);
    let typed = Some(reason.as_str()).filter(|reason| !reason.is_empty());
    recorded.purpose = typed.map(|typed| reason::seal(&case.key, id, typed, &*host.random));
    let (step, code) = stuck::failed(&case.state, token);
    recorded.detail = serde_json::json!({"step": step, "code": code}).to_string();
    executed(&host, &call, id, recorded, &command).await
}

/// The officer who leads, the case, and which step of it failed.
async fn admitted(
    host: &Host,
    person: &Person,
    agency: &str,
    id: CaseId,
    token: TokenId,
) -> Result<(Officer, Case, TokenId), Failure> {
    let officer = lead(host, person, agency).await?;
    let case = stored(host, id).await?;
    if case.agency != agency {
        return Err(access::not_found().with_detail("another agency's case"));
    }
    let mut failed = case.state.tokens.values().filter(|one| matches!(one.waiting, Waiting::Attention { .. }));
    let meant = match token {
        0 if failed.clone().count() > 1 => {
            let message = "More than one step of this case failed. Say which place of it is meant.";
            return Err(Failure::conflict("step.several-failed", message));
        }
        0 => failed.next(),
        token => failed.find(|one| one.id == token),
    };
    may(host, &case, meant, person, &officer)?;
    let token = meant.map(|one| one.id).or_else(|| is_owed(&case.state, token).then_some(AFTER_THE_END));
    let token =
        token.ok_or_else(|| Failure::stale("step.not-stuck", "The step does not wait for anybody's attention."))?;
    Ok((officer, case, token))
}

async fn lead(host: &Host, person: &Person, agency: &str) -> Result<Officer, Failure> {
    let officer = officer_of(host, person).await?;
    match access::leads_in(&officer, agency, None, host.now()) {
        true => Ok(officer),
        false => Err(access::not_found().with_detail("leads no office of this agency")),
    }
}

/// Whether this lead looks after this place of the case: of their office, and never of a case in which they have a part.
fn may(host: &Host, case: &Case, token: Option<&Token>, person: &Person, officer: &Officer) -> Result<(), Failure> {
    let office = token.and_then(|token| stuck::office(&case.state, token));
    if !access::leads_in(officer, &case.agency, office, host.now()) {
        return Err(access::not_found().with_detail("no lead of the office"));
    }
    for who in [person.actor, person.id] {
        access::takes_no_part(host.keys.lookup(), &case.state, who, officer)?;
    }
    Ok(())
}

fn worded(reason: &str) -> Result<String, Failure> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let message = "Say in at most 500 letters why the step should be tried again.";
        return Err(Failure::invalid("step.retry-reason", message));
    }
    Ok(reason.to_owned())
}

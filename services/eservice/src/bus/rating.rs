//! An applicant rates the service once their case has ended; whoever leads in its agency reads what was written.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, Failure, Time};
use prost::Message;
use proto::eservice::v1::{
    CaseReply, Experience, ListRatingsRequest, RateCaseRequest, Rating, Ratings, ReadExperienceRequest,
};
use sql::{Action, answers};

use super::{
    command_id,
    draft::{decoded, replied},
    noted, own, own_service,
    task::officer_of,
};
use crate::{
    domain::{access, experience, rating},
    execute::{act, note},
    host::Host,
    store::{cases, endings, ratings},
};

/// Written ratings on one page.
const LISTED: i64 = 20;
/// Cases that ended before say little about how long one takes now.
const RECENT: std::time::Duration = std::time::Duration::from_secs(90 * 86_400);
const ENDINGS_MAX: i64 = 200;

pub async fn rate(host: Arc<Host>, call: Call<RateCaseRequest>) -> Result<CaseReply, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let case = own(&host, person, case_id).await;
    let case = noted(&host, person, case_id, &call.agency, case).await?;
    own_service(&host, person, &case).await?;
    let (score, words) = rating::checked(asked.score, &asked.text)?;
    let now = host.now();
    let command = command_id(person);
    let mut tx = host.database.begin().await?;
    if let Some(answer) = answers::recall(&mut tx, Action::of_person(person.id, &command), &call.body_hash).await? {
        return decoded(&answer);
    }
    rating::open(&case.state, now)?;
    let sealed = words.map(|words| rating::seal(&case.key, case.id, &words, &*host.random));
    if !ratings::give(&mut tx, &case, score, sealed, now).await? {
        return Err(rating::given_already());
    }
    // That somebody rated, never what they gave: statistics know no person.
    note(&mut tx, act("case.rated", now, Some(person.actor), case.id, &case.agency)).await?;
    let reply = replied(&case);
    let action = Action::of_person(person.id, &command);
    answers::keep(&mut tx, action, &call.body_hash, &reply.encode_to_vec(), now).await?;
    tx.commit().await?;
    Ok(reply)
}

/// Numbers only, for anybody who thinks of applying.
pub async fn experience(host: Arc<Host>, call: Call<ReadExperienceRequest>) -> Result<Experience, Failure> {
    let service = format!("{}/{}", call.request.agency, call.request.service);
    // Asked time and again, whatever happens.
    let mut tx = host.database.quietly().read().await?;
    let days = endings::recent(&mut tx, &service, host.now().minus(RECENT), ENDINGS_MAX).await?;
    Ok(experience::told(days, &ratings::counts(&mut tx, &service).await?))
}

pub async fn list(host: Arc<Host>, call: Call<ListRatingsRequest>) -> Result<Ratings, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    let nobodys = CaseId::from_bytes([0; 16]);
    let admitted = lead(&host, person, &asked.agency).await;
    noted(&host, person, nobodys, &call.agency, admitted).await?;
    let mut listed = act("ratings.read", host.now(), Some(person.actor), nobodys, &call.agency);
    listed.subject = Vec::new();
    listed.detail = serde_json::json!({ "service": asked.service }).to_string();
    host.record(listed).await?;
    let service = format!("{}/{}", asked.agency, asked.service);
    let before = if asked.before_us == 0 { Time::from_micros(i64::MAX) } else { Time::from_micros(asked.before_us) };
    let mut tx = host.database.read().await?;
    let counts = ratings::counts(&mut tx, &service).await?;
    let found = ratings::written(&mut tx, &service, before, LISTED).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == LISTED);
    let next_us = found.last().filter(|_| is_full).map(|last| last.rated.micros()).unwrap_or_default();
    let mut written = Vec::with_capacity(found.len());
    for one in found {
        let Some(case) = cases::read(&mut tx, &host.keys, one.case).await? else { continue };
        // Nobody reads as an officer what they wrote as an applicant.
        if case.state.takes_part(person.id) {
            continue;
        }
        let text = rating::open_words(&case.key, case.id, &one.words)?;
        let score = i32::try_from(one.score).unwrap_or_default();
        written.push(Rating { score, text, rated_us: one.rated.micros() });
    }
    let given = (1..=5).map(|score| counts.iter().find(|(of, _)| *of == score).map_or(0, |(_, given)| *given));
    Ok(Ratings { given: given.collect(), ratings: written, next_us })
}

async fn lead(host: &Host, person: &Person, agency: &str) -> Result<(), Failure> {
    if !rating::may_read(&officer_of(host, person).await?, agency, host.now()) {
        return Err(access::not_found().with_detail("leads no office of this agency"));
    }
    Ok(())
}

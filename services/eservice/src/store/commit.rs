//! Writes transitions: one rule carries correctness, the version advances from the expected value or nothing is written.

use files::pieces::Folder;
use kernel::{CaseId, Failure, Hash, PersonId, Random, Time, Trace};
use process::{Decision, OpenAction};
use sql::{Error, Tx, args, outbox::Outgoing};

use super::{
    cases::{self, Case, place},
    endings, marks, waits,
};
use crate::domain::{
    marks::{Mark, of as of_events},
    stuck::Changes,
};

/// Everything one command changes about one case.
pub struct Transition {
    /// The case after it: next version, new state.
    pub case: Case,
    /// The version it was decided on; 0 for a case that did not exist.
    pub expected: i64,
    pub decision: Decision,
    pub command_id: Vec<u8>,
    pub outgoing: Vec<Outgoing>,
    pub acts: Vec<sql::audit::Act>,
    /// When the case's retention is over, once it has ended.
    pub erase_due: Option<Time>,
    /// How many working days the case took, where this ends it with a decision.
    pub took: Option<u32>,
    /// What it waits for now, and what no more.
    pub waits: Changes,
    pub now: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Written,
    /// Somebody else advanced the case first: what was decided is dropped.
    Overtaken,
}

/// Writes a batch in the order of case ids, so that two batches never wait for each other in a circle.
/// Losers are skipped without an error, because an error would end the whole transaction on PostgreSQL.
pub async fn write(tx: &mut Tx, batch: &mut [Transition], random: &dyn Random) -> Result<Vec<(CaseId, Fate)>, Failure> {
    batch.sort_by_key(|transition| transition.case.id);
    let mut fates = Vec::with_capacity(batch.len());
    for transition in batch {
        let fate = if advance(tx, transition, random).await? {
            write_rest(tx, transition, random).await?;
            Fate::Written
        } else {
            Fate::Overtaken
        };
        fates.push((transition.case.id, fate));
    }
    Ok(fates)
}

async fn advance(tx: &mut Tx, transition: &Transition, random: &dyn Random) -> Result<bool, Failure> {
    let case = &transition.case;
    let state = cases::seal_state(case, random)?;
    let events = i64::try_from(case.state.events).unwrap_or(i64::MAX);
    let rows = if transition.expected == 0 {
        tx.fetch_all(
            "INSERT INTO cases (case_id, version, agency, service, revision, phase, applicant, number, wrapped_key,
                                state, events, opened, changed, representative, origin, begun_by, taken_by,
                                taken_original, awaits_identity)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16, $17, $18)
             ON CONFLICT DO NOTHING RETURNING version",
            args![
                case.id,
                case.version,
                &case.agency,
                &case.service,
                case.revision,
                case.state.public_phase(),
                case.applicant,
                case.state.number.clone(),
                &case.wrapped_key,
                state,
                events,
                transition.now,
                representative(case),
                case.state.origin.as_ref().map(|origin| origin.case_id),
                Some(case.state.start.clone()).filter(|start| !start.is_empty()),
                case.state.taken_in.as_ref().map(|taken| taken.officer),
                case.state.taken_in.as_ref().and_then(|taken| taken.mark),
                i64::from(case.state.awaits_identity())
            ],
        )
        .await?
    } else {
        tx.fetch_all(
            "UPDATE cases SET version = $1, revision = $2, phase = $3, number = $4, state = $5, events = $6, changed = $7,
                              erase_due = CASE WHEN erased_under IS NULL THEN $10 ELSE erase_due END, erase_waits = NULL,
                              taken_by = $11, taken_original = $12, applicant = $13, awaits_identity = $14
             WHERE case_id = $8 AND version = $9 AND erased IS NULL RETURNING version",
            args![
                case.version, case.revision, case.state.public_phase(), case.state.number.clone(), state,
                events, transition.now, case.id, transition.expected, transition.erase_due,
                case.state.taken_in.as_ref().map(|taken| taken.officer),
                case.state.taken_in.as_ref().and_then(|taken| taken.mark), case.applicant,
                i64::from(case.state.awaits_identity())
            ],
        )
        .await?
    };
    Ok(rows.len() == 1)
}

fn representative(case: &Case) -> Option<PersonId> {
    let applicant = case.state.applicant.as_ref().filter(|applicant| applicant.mandate.is_some());
    applicant.map(|applicant| applicant.actor)
}

async fn write_rest(tx: &mut Tx, transition: &Transition, random: &dyn Random) -> Result<(), Failure> {
    if !sql::inbox::claim(tx, &transition.command_id, transition.now).await? {
        // The command took effect on another version of this case: this decision must not.
        return Err(Error::Conflict("command".into()).into());
    }
    write_events(tx, transition, random).await?;
    marks::write(tx, &transition.case, &marks_of(transition)).await?;
    write_actions(tx, transition, random).await?;
    write_timers(tx, transition).await?;
    write_tasks(tx, transition).await?;
    name_files(tx, transition).await?;
    waits::write(tx, &transition.case, &transition.waits, transition.now).await?;
    if let Some(working_days) = transition.took {
        endings::keep(tx, &transition.case, working_days, transition.now).await?;
    }
    for message in &transition.outgoing {
        sql::outbox::enqueue(tx, message).await?;
    }
    for act in &transition.acts {
        sql::audit::append(tx, act).await?;
    }
    Ok(())
}

async fn write_events(tx: &mut Tx, transition: &Transition, random: &dyn Random) -> Result<(), Failure> {
    let case = &transition.case;
    for (event, sequence) in transition.decision.events.iter().zip(first_event(transition)..) {
        let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
        let body = cases::seal(&case.key, event, &place(case.id, "event", sequence), random)?;
        tx.execute(
            "INSERT INTO case_events (case_id, sequence, version, time, body, hosted_service) VALUES ($1, $2, $3, $4, $5, $6)",
            args![case.id, sequence, case.version, event.at, body, case.hosted_service()],
        )
        .await?;
    }
    Ok(())
}

/// Number of the transition's first event.
fn first_event(transition: &Transition) -> u64 {
    transition.case.state.events.saturating_sub(transition.decision.events.len() as u64) + 1
}

fn marks_of(transition: &Transition) -> Vec<Mark> {
    of_events(&transition.decision.events, first_event(transition))
}

async fn write_actions(tx: &mut Tx, transition: &Transition, random: &dyn Random) -> Result<(), Failure> {
    let case = &transition.case;
    for action in transition.decision.actions() {
        write_action(tx, case, &action, transition.now, random).await?;
    }
    for action in transition.decision.closed_actions() {
        tx.execute("UPDATE case_actions SET state = 'done' WHERE action_id = $1", args![action]).await?;
    }
    Ok(())
}

async fn write_action(
    tx: &mut Tx,
    case: &Case,
    action: &OpenAction,
    now: Time,
    random: &dyn Random,
) -> Result<(), Failure> {
    let body = cases::seal(&case.key, action, &action_place(case.id, action.id), random)?;
    let effect = match action.effect {
        process::action::Effect::Query => "query",
        process::action::Effect::Keyed => "keyed",
        process::action::Effect::Once => "once",
    };
    tx.execute(
        "INSERT INTO case_actions (action_id, case_id, operation, effect, state, attempt, tries, next_due, expires, held_until, body, trace,
                                   hosted_service)
         VALUES ($1, $2, $3, $4, 'waiting', $5, 0, $6, $7, 0, $8, $9, $10)
         ON CONFLICT (action_id) DO UPDATE SET state = 'waiting', attempt = $5, tries = 0, next_due = $6, expires = $7,
                                               held_until = 0, body = $8, trace = $9",
        args![
            action.id, case.id, action.request.name(), effect, action.attempt,
            action.not_before.unwrap_or(now), action.expires, body,
            Trace::current().map(|trace| trace.to_string()), case.hosted_service()
        ],
    )
    .await?;
    Ok(())
}

pub fn action_place(case: CaseId, action: Hash) -> Vec<u8> {
    [case.as_bytes().as_slice(), b"action", action.as_bytes()].concat()
}

/// A file that is named is there already; one that is not is an answer that nobody could ever read.
async fn name_files(tx: &mut Tx, transition: &Transition) -> Result<(), Failure> {
    let (attached, removed) = (transition.decision.attached_files(), transition.decision.removed_files());
    if attached.is_empty() && removed.is_empty() {
        return Ok(());
    }
    let hosted = transition.case.hosted_service();
    let folder = Folder { case: transition.case.id, key: &transition.case.key, hosted_service: &hosted };
    for file in attached {
        folder.name(tx, file).await?;
    }
    for file in removed {
        folder.unname(tx, file, transition.now).await?;
    }
    Ok(())
}

/// Removed first: a timer may be cancelled and set again by one decision.
async fn write_timers(tx: &mut Tx, transition: &Transition) -> Result<(), Error> {
    for timer in transition.decision.removed_timers() {
        tx.execute("DELETE FROM case_timers WHERE timer_id = $1", args![timer]).await?;
    }
    for timer in transition.decision.timers() {
        tx.execute(
            "INSERT INTO case_timers (timer_id, case_id, due, hosted_service) VALUES ($1, $2, $3, $4)
             ON CONFLICT (timer_id) DO UPDATE SET due = $3",
            args![timer.id, transition.case.id, timer.due, transition.case.hosted_service()],
        )
        .await?;
    }
    Ok(())
}

async fn write_tasks(tx: &mut Tx, transition: &Transition) -> Result<(), Error> {
    for task in transition.case.state.tasks.values() {
        tx.execute(
            "INSERT INTO case_tasks (task_id, case_id, step, agency, role, office, opened, due, closed, hosted_service, assignee)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (task_id) DO UPDATE SET due = $8, closed = $9, assignee = $11",
            args![
                task.id,
                transition.case.id,
                &task.step,
                &task.agency,
                &task.role,
                task.office.clone(),
                task.opened,
                task.due,
                task.closed,
                transition.case.hosted_service(),
                task.claim.map(|claim| claim.officer)
            ],
        )
        .await?;
    }
    Ok(())
}

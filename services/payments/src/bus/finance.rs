//! What the operations for finance officers share: who may ask, what leaves an audit row, and how payments are shown to them.

use std::str::FromStr;

use bus::Person;
use jiff::civil::Date;
use kernel::{ErrorKind, Failure, IntentId, Money, PersonId, RefundId, Time};
use process::calendar::start_of_day;
use proto::{
    identity::v1::Officer,
    payments::v1::{self as payments, PaymentRow, RefundView},
};
use serde_json::Value;

use super::{Office, money};
use crate::{
    desk::unknown_intent,
    domain::{
        finance::{self, PLATFORM},
        instruction::Instruction,
        intent::Intent,
        receipt::Receipt,
        refund::Refund,
    },
    store::{self, found::Found},
};

const USUAL: i64 = 50;
const MOST: i64 = 100;

/// The person looks after the money of this agency now; answers with what identity says of them.
pub async fn admitted(office: &Office, person: &Person, agency: &str) -> Result<Officer, Failure> {
    let not_yours = |detail: &str| {
        let message =
            "There is nothing here, or it is not yours to see: money is shown to finance officers of its agency.";
        Failure::not_found("payment.not-finance", message).with_detail(detail)
    };
    if !person.officer {
        return Err(not_yours("not signed in as an officer"));
    }
    let known = office.officers.officer(person.id).await.map_err(|failure| match failure.kind {
        ErrorKind::NotFound => not_yours("no officer"),
        _ => failure,
    })?;
    match finance::looks_after(&known, agency, office.desk.now()) {
        true => Ok(known),
        false => Err(not_yours("no finance officer of this agency")),
    }
}

/// Whose money is looked at; none: everybody's, for the platform's treasurer.
pub fn scope(agency: &str) -> Option<&str> {
    (agency != PLATFORM).then_some(agency)
}

/// Whether the person, or a company that they direct, pays an intent or is named in its case: then they decide nothing about it. Its
/// host is asked only as long as no word of the case has come.
pub async fn has_part(
    office: &Office,
    (person, officer): (&Person, &Officer),
    intent: &Intent,
) -> Result<bool, Failure> {
    let directs = |one: PersonId| officer.directs.iter().any(|company| *company == one.to_vec());
    let own = |one: PersonId| one == person.id || one == person.actor || directs(one);
    if own(intent.payer) || intent.representative.is_some_and(own) {
        return Ok(true);
    }
    let mut tx = office.database.read().await?;
    let named = store::parties::of_case(&mut tx, intent.case.id).await?;
    drop(tx);
    if named.is_empty() {
        return office.standings.concerns(&intent.case, (person.id, officer)).await;
    }
    let theirs = [person.id.to_vec(), person.actor.to_vec(), officer.party.clone()];
    Ok(theirs.iter().chain(&officer.directs).any(|one| named.contains(one)))
}

/// An intent whose money the person may move: of the agency for which they ask, and no part of their own affairs.
pub async fn movable(
    office: &Office,
    (person, officer): (&Person, &Officer),
    agency: &str,
    id: IntentId,
) -> Result<Intent, Failure> {
    let mut tx = office.database.read().await?;
    let intent = store::intents::find(&mut tx, id).await?.ok_or_else(unknown_intent)?;
    drop(tx);
    if intent.case.agency != agency {
        return Err(unknown_intent().with_detail("another agency's case"));
    }
    if has_part(office, (person, officer), &intent).await? {
        return Err(unknown_intent().with_detail("the officer's own case"));
    }
    Ok(intent)
}

/// Who looked, before anything is shown. `detail`: what was looked for, without anybody's data.
pub async fn note_look(
    office: &Office,
    person: &Person,
    (agency, act, subject): (&str, &str, &[u8]),
    detail: &Value,
) -> Result<(), Failure> {
    let act = sql::audit::Act {
        time: office.desk.now(),
        actor: Some(person.actor),
        act: act.to_owned(),
        subject: subject.to_vec(),
        agency: agency.to_owned(),
        detail: detail.to_string(),
        ..sql::audit::Act::default()
    };
    let mut tx = office.database.begin().await?;
    sql::audit::append(&mut tx, &act).await?;
    Ok(tx.commit().await?)
}

/// How many rows are shown at once.
pub fn rows(asked: i32) -> i64 {
    if asked <= 0 { USUAL } else { i64::from(asked).min(MOST) }
}

/// As many as fit, and whether others follow: one more than shown was looked for.
pub fn cut<T>(mut found: Vec<T>, shown: i64) -> (Vec<T>, bool) {
    let most = usize::try_from(shown).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    (found, more)
}

/// A place in a list that is ordered by time and id.
pub fn place<T: FromStr>(text: &str) -> Option<(Time, T)> {
    let (micros, id) = text.split_once('.')?;
    Some((Time::from_micros(micros.parse().ok()?), id.parse().ok()?))
}

pub fn day(text: &str) -> Result<Date, Failure> {
    Date::from_str(text.trim())
        .map_err(|_| Failure::invalid("payment.day", "A day is written like 2026-11-29. Write both days like this."))
}

/// From the first moment of a day to the first one after another.
pub fn span(from: Date, to: Date) -> Result<(Time, Time), Failure> {
    let after = to.tomorrow().ok().filter(|_| from <= to);
    let after = after.ok_or_else(|| {
        Failure::invalid("payment.days", "The first day lies after the last one. Write the earlier day first.")
    })?;
    Ok((start_of_day(from), start_of_day(after)))
}

pub fn uzs(tiyin: i64) -> Option<proto::Money> {
    Some(money(Money::uzs(tiyin)))
}

/// Numbers of the receipts of a payment: its own, and those of its refunds.
pub struct Receipted(Vec<Receipt>);

impl Receipted {
    pub async fn of(tx: &mut sql::Tx, intent: IntentId) -> Result<Self, Failure> {
        store::receipts::of_intent(tx, intent).await.map(Self)
    }

    /// Empty: it has none. `refund`: none for the payment's own.
    pub fn number(&self, refund: Option<RefundId>) -> String {
        let found = self.0.iter().find(|receipt| receipt.refund == refund);
        found.map(|receipt| receipt.number.to_string()).unwrap_or_default()
    }
}

pub fn refund_view(refund: &Refund, receipted: &Receipted) -> RefundView {
    RefundView {
        amount: uzs(refund.amount),
        state: refund.state.as_str().to_owned(),
        reason: refund.reason.clone(),
        booked_us: refund.created.micros(),
        settled_us: refund.settled.map_or(0, Time::micros),
        receipt: receipted.number(Some(refund.id)),
    }
}

pub fn payment_row(found: &Found) -> PaymentRow {
    let intent = &found.intent;
    let telling = found.telling();
    let refunds = found.refunds.iter().filter(|refund| !refund.from_suspense);
    PaymentRow {
        intent: intent.id.to_vec(),
        agency: intent.case.agency.clone(),
        service: intent.case.service.clone(),
        number: intent.number.clone(),
        state: intent.state.as_str().to_owned(),
        amount: Some(money(intent.amount)),
        created_us: intent.created.micros(),
        captured_us: intent.captured.map_or(0, Time::micros),
        provider: telling.map(|attempt| attempt.provider.clone()).unwrap_or_default(),
        transaction: telling.and_then(|attempt| attempt.transaction.clone()).unwrap_or_default(),
        refunded: uzs(refunds.map(|refund| refund.amount).sum()),
    }
}

/// An instruction with the numbers by which people know what it is about.
pub async fn shown(
    tx: &mut sql::Tx,
    given: &Instruction,
    person: &Person,
    state: &str,
) -> Result<payments::Instruction, Failure> {
    let intent = store::intents::find(tx, given.intent).await?.ok_or_else(unknown_intent)?;
    let target = match given.target {
        Some(target) => store::intents::find(tx, target).await?,
        None => None,
    };
    Ok(payments::Instruction {
        instruction: given.id.to_vec(),
        kind: given.kind.as_str().to_owned(),
        agency: given.agency.clone(),
        intent: given.intent.to_vec(),
        number: intent.number,
        service: intent.case.service,
        target: given.target.map_or_else(Vec::new, IntentId::to_vec),
        target_number: target.map(|target| target.number).unwrap_or_default(),
        amount: uzs(given.amount),
        reason: given.why.reason.clone(),
        note: given.why.note.clone(),
        asked_us: given.time.micros(),
        own: given.by == person.actor,
        state: state.to_owned(),
        lapses_us: given.lapses().micros(),
    })
}

/// What nobody has decided.
pub const WAITING: &str = "waiting";

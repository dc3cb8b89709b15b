//! What the operations of the counter share: who sits there, and how a shift is shown to them.

use std::collections::BTreeSet;

use bus::{Call, Person};
use kernel::{CommandId, Currency, ErrorKind, Failure, Hash, Money, Time};
use proto::{identity::v1::Officer, payments::v1 as wire};

use super::{
    Office,
    finance::{Receipted, uzs},
};
use crate::{
    desk::unknown_intent,
    domain::{
        payout,
        till::{self, Shift, Taken},
    },
    store::{self, tills},
};

/// How many of the newest are shown of one shift: older mistakes go through finance officers.
const TAKEN_MAX: usize = 100;

/// An officer at the counter, or one who answers for it.
pub struct Seat {
    pub officer: Officer,
    /// Where they are a cashier.
    pub offices: BTreeSet<String>,
    /// Where they are a lead; the empty one: everywhere in the agency.
    pub led: BTreeSet<String>,
    pub treasurer: bool,
    pub now: Time,
}

impl Seat {
    /// Whether what happens in this office concerns them.
    pub fn sees(&self, office: &str) -> bool {
        self.answers_for(office) || self.offices.contains(office)
    }

    pub fn answers_for(&self, office: &str) -> bool {
        self.treasurer || self.led.contains(office) || self.led.contains("")
    }

    /// Whether they hand out cash that was taken in this office.
    pub fn gives_back(&self, office: &str) -> bool {
        self.treasurer || self.offices.contains(office)
    }

    /// Whether they may count it for its cashier.
    pub fn counts(&self, shift: &Shift, person: &Person) -> bool {
        shift.cashier != person.actor && self.sees(&shift.office)
    }
}

pub async fn seated(office: &Office, person: &Person, agency: &str) -> Result<Seat, Failure> {
    let not_yours = |detail: &str| {
        let message = "There is no counter here, or it is not yours: cash is taken by cashiers of an office.";
        Failure::not_found("payment.not-cashier", message).with_detail(detail)
    };
    if !person.officer {
        return Err(not_yours("not signed in as an officer"));
    }
    let officer = office.officers.officer(person.id).await.map_err(|failure| match failure.kind {
        ErrorKind::NotFound => not_yours("no officer"),
        _ => failure,
    })?;
    let now = office.desk.now();
    let (offices, led) = (till::offices(&officer, agency, now), till::led(&officer, agency, now));
    let treasurer = payout::pays_out(&officer, agency, now);
    match treasurer || !offices.is_empty() || !led.is_empty() {
        true => Ok(Seat { officer, offices, led, treasurer, now }),
        false => Err(not_yours("neither cashier nor lead nor treasurer of this agency")),
    }
}

/// One command of a person: sent again, it is the same.
pub fn command<Q>(name: &str, call: &Call<Q>) -> Result<Hash, Failure> {
    let person = call.person()?;
    Ok(Hash::of_parts(&[name.as_bytes(), person.id.as_bytes(), person.command_id.as_bytes()]))
}

/// Tiyin of a sum that was typed.
pub fn sum(amount: Option<&proto::Money>) -> Result<i64, Failure> {
    let missing = || Failure::invalid("payment.till-amount", "Write the sum that was counted: zero or above, in soum.");
    let amount = amount.ok_or_else(missing)?;
    Currency::parse(&amount.currency)?;
    till::counted(amount.minor)
}

/// The person's own open shift.
pub async fn own_shift(tx: &mut sql::Tx, person: &Person, agency: &str) -> Result<CommandId, Failure> {
    let open = tills::open_of(tx, agency, person.actor).await?;
    open.map(|shift| shift.id).ok_or_else(crate::desk::no_shift)
}

pub async fn shown(tx: &mut sql::Tx, shift: &Shift, (person, seat): (&Person, &Seat)) -> Result<wire::Shift, Failure> {
    let all = tills::taken_in(tx, shift.id).await?;
    let counts = tills::counts(tx, shift.id).await?;
    let counts = till::standing(&counts, &all);
    let expected = if shift.closed.is_some() { shift.expected } else { till::expected(shift, &all) };
    let mut taken = Vec::new();
    for one in all.iter().take(TAKEN_MAX) {
        taken.push(cash(tx, one).await?);
    }
    Ok(wire::Shift {
        shift: shift.id.to_vec(),
        office: shift.office.clone(),
        own: shift.cashier == person.actor,
        opened_us: shift.opened.micros(),
        change: uzs(shift.change),
        taken,
        expected: uzs(expected),
        counted: uzs(shift.counted),
        closed_us: shift.closed.map_or(0, Time::micros),
        countable: till::is_left(shift, seat.now) && seat.counts(shift, person),
        counts: i32::try_from(counts.len()).unwrap_or(i32::MAX),
        counted_own: counts.iter().any(|count| count.by == person.actor),
        reversible: shift.cashier != person.actor && seat.gives_back(&shift.office),
    })
}

pub async fn cash(tx: &mut sql::Tx, taken: &Taken) -> Result<wire::CashTaken, Failure> {
    let intent = store::intents::find(tx, taken.intent).await?.ok_or_else(unknown_intent)?;
    let receipted = Receipted::of(tx, intent.id).await?;
    Ok(wire::CashTaken {
        attempt: taken.attempt.to_vec(),
        intent: intent.id.to_vec(),
        number: intent.number,
        service: intent.case.service,
        amount: Some(super::money(Money::uzs(taken.amount))),
        time_us: taken.time.micros(),
        receipt: receipted.number(None),
        reversed: taken.reversed.is_some(),
    })
}

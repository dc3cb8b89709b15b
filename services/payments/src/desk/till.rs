//! Cash at a counter: taken in a shift, given back in it by a second person, counted at its end, and brought to the bank.

use kernel::{AttemptId, CommandId, Failure, Hash, IntentId, PersonId};

use super::{Desk, unknown_intent};
use crate::{
    domain::{
        attempt::{self, Attempt},
        intent::unreadable,
        ledger::{self, Account},
        payout::PaymentOrder,
        refund,
        till::{self, CASH, Count, Shift, Taken},
    },
    store::{self, ledger::Cause, tills},
};

impl Desk {
    pub async fn open_shift(&self, tx: &mut sql::Tx, shift: Shift) -> Result<Shift, Failure> {
        if !tills::open(tx, &shift).await? {
            let message = "You have an open shift. Count and close it before you open another one.";
            return Err(Failure::conflict("payment.till-open", message));
        }
        self.note_till(tx, "payment.shift-opened", (&shift, shift.cashier), shift.change).await?;
        Ok(shift)
    }

    /// Where a provider is at it, too, whoever comes second goes to suspense, as always: cash in the hand is not refused for it.
    pub async fn take_cash(&self, tx: &mut sql::Tx, shift: CommandId, id: IntentId) -> Result<Taken, Failure> {
        let mut intent = store::intents::lock(tx, id).await?.ok_or_else(unknown_intent)?;
        let shift = tills::lock(tx, shift).await?.filter(|shift| shift.closed.is_none()).ok_or_else(no_shift)?;
        if intent.case.agency != shift.agency {
            return Err(unknown_intent().with_detail("another agency's case"));
        }
        let now = self.now();
        if !intent.takes_money(now) {
            let message = "This payment is no longer open. Take no money for it; look for the application again.";
            return Err(Failure::conflict("payment.closed", message));
        }
        let begun = store::attempts::of_intent(tx, id).await?;
        let attempt = AttemptId::new(&*self.clock, &*self.random);
        let amount = intent.amount.minor;
        store::attempts::insert(tx, &in_cash(attempt, id, amount, now)).await?;
        let cause = Cause { intent: id, attempt, refund: None, time: now };
        let postings = ledger::captured_in_cash(&drawer(&shift), &intent.split);
        self.paid(tx, &mut intent, cause, &postings).await?;
        self.abandon(tx, begun).await?;
        let taken = Taken { attempt, shift: shift.id, intent: id, amount, time: now, reversed: None };
        tills::take(tx, &taken).await?;
        tills::change(tx, (&shift.agency, &shift.office), amount).await?;
        self.note_till(tx, "payment.cash-taken", (&shift, shift.cashier), amount).await?;
        Ok(taken)
    }

    /// It was taken by mistake: the money goes back over the counter, and the case hears that it was refunded.
    pub async fn reverse_cash(&self, tx: &mut sql::Tx, id: AttemptId, by: PersonId) -> Result<Taken, Failure> {
        let seen = tills::taken(tx, id).await?.ok_or_else(unknown_cash)?;
        let intent = store::intents::lock(tx, seen.intent).await?.ok_or_else(unknown_cash)?;
        let shift = tills::lock(tx, seen.shift).await?.ok_or_else(unknown_cash)?;
        let taken = tills::taken(tx, id).await?.ok_or_else(unknown_cash)?;
        till::reversible(&shift, &taken, by)?;
        let mut attempt = store::attempts::find(tx, id).await?.ok_or_else(unknown_cash)?;
        let parts = refund::parts(taken.amount, &store::ledger::held_by_agencies(tx, intent.id).await?)?;
        let now = self.now();
        let mut refund = self.new_refund((intent.id, &attempt), taken.amount, "paid-by-mistake", false);
        refund.state = refund::State::Settled;
        store::refunds::insert(tx, &refund, None).await?;
        store::refunds::update(tx, &refund, None, Some(now)).await?;
        attempt.happen(attempt::Happening::Reverse, now).map_err(|_| unreadable("an attempt in cash"))?;
        store::attempts::update(tx, &attempt).await?;
        let mut postings = ledger::refund_owed(&parts);
        postings.extend(ledger::refund_paid_in_cash(&drawer(&shift), taken.amount));
        let cause = Cause { intent: intent.id, attempt: id, refund: Some(refund.id), time: now };
        store::ledger::post(tx, cause, &postings).await?;
        self.record(tx, &intent, "payment.refund-booked", taken.amount).await?;
        self.tell_settled(tx, &intent, &refund).await?;
        tills::reverse(tx, id, by, now).await?;
        tills::change(tx, (&shift.agency, &shift.office), -taken.amount).await?;
        self.note_till(tx, "payment.cash-reversed", (&shift, by), taken.amount).await?;
        Ok(Taken { reversed: Some(now), ..taken })
    }

    /// What was counted is what there is from now on.
    pub async fn close_shift(
        &self,
        tx: &mut sql::Tx,
        shift: CommandId,
        (counted, said): (i64, &str),
    ) -> Result<Shift, Failure> {
        let open = tills::lock(tx, shift).await?.filter(|shift| shift.closed.is_none()).ok_or_else(no_shift)?;
        let expected = till::expected(&open, &tills::taken_in(tx, shift).await?);
        let counted = till::counted(counted)?;
        let (reason, by) = (till::reason(counted - expected, said)?, open.cashier);
        self.end_shift(tx, Shift { counted, expected, reason, ..open }, by).await
    }

    /// Its cashier has not closed it on its day: somebody else counts, and when another person has counted the same, it is closed.
    pub async fn count_shift(&self, tx: &mut sql::Tx, count: Count) -> Result<Shift, Failure> {
        let open = tills::lock(tx, count.shift).await?.filter(|shift| shift.closed.is_none()).ok_or_else(shift_over)?;
        if !till::is_left(&open, self.now()) {
            return Err(shift_today());
        }
        tills::count(tx, &count).await?;
        self.note_till(tx, "payment.shift-counted", (&open, count.by), count.counted).await?;
        let (taken, counts) = (tills::taken_in(tx, open.id).await?, tills::counts(tx, open.id).await?);
        if !till::agree(&till::standing(&counts, &taken), &count) {
            return Ok(open);
        }
        let expected = till::expected(&open, &taken);
        self.end_shift(tx, Shift { counted: count.counted, expected, reason: count.why, ..open }, count.by).await
    }

    async fn end_shift(&self, tx: &mut sql::Tx, counted: Shift, by: PersonId) -> Result<Shift, Failure> {
        let now = self.now();
        let closed = Shift { closed: Some(now), ..counted };
        let difference = closed.counted - closed.expected;
        tills::close(tx, &closed).await?;
        if let Some(posting) = ledger::counted(&drawer(&closed), &closed.agency, difference) {
            store::ledger::post(tx, counter(Hash::of(closed.id.as_bytes()), now), &[posting]).await?;
            tills::change(tx, (&closed.agency, &closed.office), difference).await?;
        }
        self.note_till(tx, "payment.shift-closed", (&closed, by), difference).await?;
        Ok(closed)
    }

    /// What the office holds afterwards. No more is brought to the bank than was counted: what left an open till would be missing
    /// when its cashier counts, and be booked twice.
    pub async fn deposit_cash(
        &self,
        tx: &mut sql::Tx,
        (agency, office): (&str, &str),
        (slip, amount): (&PaymentOrder, i64),
        by: PersonId,
    ) -> Result<i64, Failure> {
        let now = self.now();
        let left = tills::change(tx, (agency, office), -amount).await?;
        if amount <= 0 || left < tills::uncounted(tx, (agency, office)).await? {
            let message = "More than nothing and no more than closed shifts of the office left can be brought to the \
                           bank. Compare the slip, or have open shifts counted and closed first.";
            return Err(Failure::conflict("payment.till-deposit", message));
        }
        if !tills::deposit(tx, (agency, office), (slip, amount), (by, now)).await? {
            let message = "This slip of the bank was entered before. Look at its number and date.";
            return Err(Failure::conflict("payment.till-slip", message));
        }
        let till = Account::Cash { agency: agency.to_owned(), office: office.to_owned() };
        let from = Hash::of_parts(&[agency.as_bytes(), slip.number.as_bytes(), slip.date.as_bytes()]);
        let posting = ledger::deposited(&till, agency, amount);
        store::ledger::post(tx, counter(from, now), posting.as_slice()).await?;
        let detail = serde_json::json!({
            "office": office, "amount": amount, "currency": "UZS", "slip": slip.number, "date": slip.date,
        });
        let act = sql::audit::Act {
            time: now,
            actor: Some(by),
            act: "payment.cash-deposited".to_owned(),
            agency: agency.to_owned(),
            detail: detail.to_string(),
            ..sql::audit::Act::default()
        };
        sql::audit::append(tx, &act).await?;
        Ok(left)
    }

    async fn note_till(
        &self,
        tx: &mut sql::Tx,
        name: &str,
        (shift, by): (&Shift, PersonId),
        amount: i64,
    ) -> Result<(), Failure> {
        let act = sql::audit::Act {
            time: self.now(),
            actor: Some(by),
            act: name.to_owned(),
            subject: shift.id.to_vec(),
            agency: shift.agency.clone(),
            detail: serde_json::json!({"office": shift.office, "amount": amount, "currency": "UZS"}).to_string(),
            ..sql::audit::Act::default()
        };
        Ok(sql::audit::append(tx, &act).await?)
    }
}

fn drawer(shift: &Shift) -> Account {
    Account::Cash { agency: shift.agency.clone(), office: shift.office.clone() }
}

/// What no payment caused is booked under an id of its own.
fn counter(from: Hash, time: kernel::Time) -> Cause {
    Cause { intent: IntentId::derived(from), attempt: AttemptId::derived(from), refund: None, time }
}

fn in_cash(id: AttemptId, intent: IntentId, amount: i64, now: kernel::Time) -> Attempt {
    Attempt {
        id,
        intent,
        provider: CASH.to_owned(),
        state: attempt::State::Paid,
        transaction: Some(id.to_string()),
        provider_time: now,
        held: Some(now),
        paid: Some(now),
        ended: None,
        reason: None,
        amount,
        created: now,
    }
}

pub fn no_shift() -> Failure {
    Failure::conflict("payment.till-none", "You have no open shift. Count the change in the till and open one first.")
}

fn shift_over() -> Failure {
    Failure::conflict("payment.shift-over", "This shift was closed meanwhile. Look at the list again.")
}

fn shift_today() -> Failure {
    let message = "This shift began today: its cashier closes it. If they do not, count it tomorrow.";
    Failure::conflict("payment.shift-today", message)
}

/// Another agency's, another office's, one's own and an unknown one look alike.
pub fn unknown_shift() -> Failure {
    Failure::not_found("payment.unknown-shift", "There is no such shift, or it is not yours to count.")
}

/// Another agency's, another office's and an unknown one look alike.
pub fn unknown_cash() -> Failure {
    Failure::not_found("payment.unknown-cash", "No such cash was taken, or it is not yours to give back.")
}

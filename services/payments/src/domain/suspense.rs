//! Money that came when nobody was owed it, and which payment it may pay instead of going back.

use kernel::{AttemptId, Failure, IntentId, PersonId, Time};

use super::intent::{Intent, State};

/// What one attempt brought for an intent that was already decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspense {
    pub attempt: AttemptId,
    pub intent: IntentId,
    pub agency: String,
    /// Tiyin.
    pub amount: i64,
    /// How the intent stood when the money came.
    pub reason: State,
    pub since: Time,
    /// When it goes back by itself; none: it was dealt with.
    pub due: Option<Time>,
}

/// Payers of erased cases have no id any more, and two of them are not one person.
const NOBODY: [u8; 16] = [0; 16];

/// Whether the money may pay `target`: an open payment of the same payer to the same agency that it covers. A closed one takes
/// nothing: its case went on without the money.
pub fn fits(item: &Suspense, payer: PersonId, target: &Intent, now: Time) -> Result<(), Failure> {
    if item.due.is_none() {
        return Err(dealt_with());
    }
    if target.case.agency != item.agency || target.payer != payer || payer == PersonId::from_bytes(NOBODY) {
        let message = "The money may pay only for the person who paid it, to the same agency. Choose another payment.";
        return Err(Failure::conflict("payment.attach-other-payer", message));
    }
    if target.id == item.intent || !target.takes_money(now) {
        let message = "That payment is closed: its application went on without the money. Choose an open one.";
        return Err(Failure::conflict("payment.attach-closed", message));
    }
    if target.amount.minor > item.amount {
        let message = "The money does not cover that payment. Choose another, or have the money returned.";
        return Err(Failure::conflict("payment.attach-too-little", message));
    }
    Ok(())
}

/// Another agency's, an unknown and a forbidden one look alike.
pub fn unknown() -> Failure {
    Failure::not_found("payment.unknown-suspense", "There is no such money in suspense, or it is not yours to move.")
}

pub fn dealt_with() -> Failure {
    let message = "This money waits no longer: it went back, or it paid for something. Look at the list again.";
    Failure::conflict("payment.suspense-closed", message)
}

#[cfg(test)]
mod tests {
    use kernel::Money;

    use super::*;
    use crate::domain::intent::tests::open_intent;

    #[test]
    fn money_in_suspense_pays_only_an_open_payment_of_the_same_payer_that_it_covers() {
        let now = Time::from_seconds(10);
        let target = open_intent();
        let item = Suspense {
            attempt: AttemptId::from_bytes([4; 16]),
            intent: IntentId::from_bytes([5; 16]),
            agency: "justice".into(),
            amount: target.amount.minor,
            reason: State::Expired,
            since: now,
            due: Some(Time::from_seconds(20)),
        };
        let code = |item: &Suspense, payer, target: &Intent, now| {
            fits(item, payer, target, now).map_or_else(|failure| failure.code.into_owned(), |()| "fits".to_owned())
        };
        assert_eq!(code(&item, target.payer, &target, now), "fits");
        let dealt = Suspense { due: None, ..item.clone() };
        assert_eq!(code(&dealt, target.payer, &target, now), "payment.suspense-closed");
        let other = PersonId::from_bytes([8; 16]);
        assert_eq!(code(&item, other, &target, now), "payment.attach-other-payer");
        let erased = Intent { payer: PersonId::from_bytes(NOBODY), ..target.clone() };
        assert_eq!(code(&item, erased.payer, &erased, now), "payment.attach-other-payer");
        let elsewhere = Suspense { agency: "health".into(), ..item.clone() };
        assert_eq!(code(&elsewhere, target.payer, &target, now), "payment.attach-other-payer");
        for state in [State::Captured, State::Expired, State::Cancelled, State::Waived] {
            let closed = Intent { state, ..target.clone() };
            assert_eq!(code(&item, target.payer, &closed, now), "payment.attach-closed");
        }
        assert_eq!(
            code(&item, target.payer, &target, Time::from_seconds(1_000)),
            "payment.attach-closed",
            "its time is over"
        );
        let dearer = Intent { amount: Money::uzs(item.amount + 1), ..target.clone() };
        assert_eq!(code(&item, target.payer, &dearer, now), "payment.attach-too-little");
    }
}

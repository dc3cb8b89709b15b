//! Refunds: how much may go back, whose part it is, and what state a refund is in.

use kernel::{Failure, IntentId, RefundId, Time};

use super::intent::{Share, unreadable};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Booked as owed; the provider is being asked.
    Requested,
    /// The provider took the order and will report back.
    Asked,
    Settled,
    /// The provider cannot do it: the money is owed until two treasurers say by which payment order it was paid.
    ByHand,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Asked => "asked",
            Self::Settled => "settled",
            Self::ByHand => "by-hand",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Failure> {
        [Self::Requested, Self::Asked, Self::Settled, Self::ByHand]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| unreadable("refund state"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub intent: IntentId,
    pub attempt: kernel::AttemptId,
    /// Tiyin.
    pub amount: i64,
    pub state: State,
    pub reason: String,
    /// The money never belonged to the intent: it came after the intent was decided.
    pub from_suspense: bool,
    pub tries: i64,
    pub created: Time,
    /// As it was read; what settles it now is written beside it.
    pub settled: Option<Time>,
}

/// Splits a refund over those who still hold money of the intent, in proportion and to the tiyin (largest remainder).
/// Nobody gives back more than they hold, and a refund of everything takes exactly what each holds.
pub fn parts(amount: i64, held: &[Share]) -> Result<Vec<Share>, Failure> {
    let available: i128 = held.iter().map(|share| i128::from(share.amount)).sum();
    if amount <= 0 {
        return Err(Failure::invalid("payment.refund-amount", "A refund is above zero."));
    }
    if i128::from(amount) > available {
        return Err(Failure::conflict(
            "payment.refund-exceeds",
            "More cannot be refunded than was paid and not yet refunded.",
        ));
    }
    let quota = |share: &Share| i128::from(amount) * i128::from(share.amount);
    let mut parts: Vec<i128> = held.iter().map(|share| quota(share) / available).collect();
    let mut order: Vec<usize> = (0..held.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(quota(&held[*index]) % available));
    let missing = i128::from(amount) - parts.iter().sum::<i128>();
    for index in order.into_iter().take(usize::try_from(missing).unwrap_or_default()) {
        parts[index] += 1;
    }
    let share = |(part, holder): (i128, &Share)| Share {
        agency: holder.agency.clone(),
        amount: i64::try_from(part).expect("a part is never larger than what its holder has"),
    };
    Ok(parts.into_iter().zip(held).map(share).collect())
}

/// When to try again after `tries` failures: doubling from two seconds to an hour.
pub fn next_try(now: Time, tries: i64) -> Time {
    let exponent = u32::try_from(tries.clamp(1, 11)).unwrap_or(11);
    now.plus(std::time::Duration::from_secs(2_u64.pow(exponent).min(3_600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(agency: &str, amount: i64) -> Share {
        Share { agency: agency.into(), amount }
    }

    #[test]
    fn a_partial_refund_is_taken_from_each_in_proportion() {
        let held = [holder("justice", 70), holder("land", 30)];
        assert_eq!(parts(5, &held).unwrap(), [holder("justice", 4), holder("land", 1)]);
        assert_eq!(parts(100, &held).unwrap(), held);
        assert_eq!(parts(101, &held).unwrap_err().code, "payment.refund-exceeds");
        assert!(parts(0, &held).is_err());
    }

    #[test]
    fn refunds_one_after_another_take_from_each_by_its_share_and_in_the_end_what_each_has() {
        let got = [70_001, 20_003, 9_997];
        let mut held = vec![holder("a", got[0]), holder("b", got[1]), holder("c", got[2])];
        let (mut gone, mut refunds, all) = (0, 0, got.iter().sum::<i64>());
        for amount in [1, 333, 49_999, 7, 25_000, 1, 24_659] {
            let taken = parts(amount, &held).unwrap();
            (gone, refunds) = (gone + amount, refunds + 1);
            for ((one, part), got) in held.iter_mut().zip(taken).zip(got) {
                one.amount -= part.amount;
                let off = (got - one.amount) * all - got * gone;
                assert!(one.amount >= 0 && off.abs() < all * refunds, "{one:?}: less than a tiyin each time");
            }
        }
        assert_eq!(parts(all - gone, &held).unwrap(), held);
    }
}

//! The end of a civil day: what each account was moved by and stands at, chained to the day before so that nothing closed changes unseen.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Currency, Hash, Time};

/// One account over one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub account: String,
    pub currency: String,
    /// Tiyin.
    pub debits: i64,
    pub credits: i64,
    /// Credits less debits since the books began.
    pub balance: i64,
}

/// How much happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub postings: i64,
    pub payments: i64,
    pub refunds: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub day: Date,
    pub lines: Vec<Line>,
    pub counts: Counts,
    /// What the books are out by; 0: they balance.
    pub difference: i64,
    pub previous: Hash,
    pub hash: Hash,
    pub closed: Time,
}

/// Debits and credits of an account within a day.
pub type Movements = BTreeMap<String, (i64, i64)>;
/// Credits less debits of an account since the books began.
pub type Balances = BTreeMap<String, i64>;

/// What the first day follows.
pub fn beginning() -> Hash {
    Hash::of(b"")
}

impl Closing {
    /// `carried`: what the books say now of everything before the day. Where that is not what was closed, this day says by how much,
    /// once: what comes after it is out only by what is changed later.
    pub fn of(
        (day, movements, counts): (Date, &Movements, Counts),
        before: Option<&Self>,
        carried: &Balances,
        closed: Time,
    ) -> Self {
        let currency = Currency::default().code();
        let drift = before.map_or(0, |before| before.drift(carried));
        let mut balances: BTreeMap<&str, i64> =
            carried.iter().map(|(account, balance)| (account.as_str(), *balance)).collect();
        for account in movements.keys() {
            balances.entry(account).or_default();
        }
        let line = |(account, carried): (&str, i64)| {
            let (debits, credits) = movements.get(account).copied().unwrap_or_default();
            let balance = carried + credits - debits;
            Line { account: account.to_owned(), currency: currency.to_owned(), debits, credits, balance }
        };
        let lines: Vec<Line> = balances.into_iter().map(line).collect();
        let out_by: i64 = lines.iter().map(|line| line.balance).sum();
        let mut closing = Self {
            day,
            lines,
            counts,
            difference: out_by.saturating_abs().saturating_add(drift),
            previous: before.map_or_else(beginning, |before| before.hash),
            hash: beginning(),
            closed,
        };
        closing.hash = closing.digest();
        closing
    }

    /// What the hash has to be.
    pub fn digest(&self) -> Hash {
        let Counts { postings, payments, refunds } = self.counts;
        let mut parts: Vec<Vec<u8>> =
            vec![b"closing".to_vec(), self.previous.to_vec(), self.day.to_string().into_bytes()];
        let numbers = [postings, payments, refunds, self.difference, self.closed.micros()];
        parts.extend(numbers.map(|number| number.to_be_bytes().to_vec()));
        for line in &self.lines {
            parts.push(line.account.clone().into_bytes());
            parts.push(line.currency.clone().into_bytes());
            parts.extend([line.debits, line.credits, line.balance].map(|number| number.to_be_bytes().to_vec()));
        }
        Hash::of_parts(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// Whether this is what was closed, and the day before still is what it was closed upon.
    pub fn follows(&self, before: Option<&Self>) -> bool {
        self.hash == self.digest() && self.previous == before.map_or_else(beginning, |before| before.hash)
    }

    /// By how much balances differ from those that were closed, over all accounts.
    fn drift(&self, balances: &Balances) -> i64 {
        let mut out_by = balances.clone();
        for line in &self.lines {
            *out_by.entry(line.account.clone()).or_default() -= line.balance;
        }
        out_by.values().map(|difference| difference.saturating_abs()).sum()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn moved(parts: &[(&str, i64, i64)]) -> Movements {
        parts.iter().map(|(account, debits, credits)| ((*account).to_owned(), (*debits, *credits))).collect()
    }

    fn closed(day: Date, movements: &Movements, before: Option<&Closing>) -> Closing {
        let lines = before.iter().flat_map(|before| &before.lines);
        let carried: Balances = lines.map(|line| (line.account.clone(), line.balance)).collect();
        Closing::of((day, movements, Counts::default()), before, &carried, Time::from_seconds(5))
    }

    #[test]
    fn a_day_carries_balances_on_and_is_chained_to_the_one_before() {
        let captured = moved(&[("provider-clearing:payme", 1_000, 0), ("agency:justice", 0, 1_000)]);
        let first = closed(date(2026, 11, 28), &captured, None);
        assert_eq!((first.difference, first.previous), (0, beginning()));
        let owed = moved(&[("agency:justice", 400, 0), ("platform:refunds-payable", 0, 400)]);
        let second = closed(date(2026, 11, 29), &owed, Some(&first));
        let balances: Vec<(&str, i64)> =
            second.lines.iter().map(|line| (line.account.as_str(), line.balance)).collect();
        let expected =
            [("agency:justice", 600), ("platform:refunds-payable", 400), ("provider-clearing:payme", -1_000)];
        assert_eq!(balances, expected);
        assert_eq!((second.difference, second.previous), (0, first.hash));
        assert!(first.follows(None) && second.follows(Some(&first)));
        let empty = closed(date(2026, 11, 30), &Movements::new(), Some(&second));
        assert_eq!(empty.lines.iter().map(|line| line.debits + line.credits).sum::<i64>(), 0);
        assert!(empty.follows(Some(&second)));
    }

    #[test]
    fn whatever_is_changed_in_a_closed_day_is_seen() {
        let captured = moved(&[("provider-clearing:payme", 1_000, 0), ("agency:justice", 0, 1_000)]);
        let first = closed(date(2026, 11, 28), &captured, None);
        let second = closed(date(2026, 11, 29), &Movements::new(), Some(&first));
        let mut changed = first.clone();
        changed.lines[0].balance -= 1;
        assert!(!changed.follows(None));
        changed.hash = changed.digest();
        assert!(changed.follows(None) && !second.follows(Some(&changed)), "the day after tells");
        let now = BTreeMap::from([("agency:justice".to_owned(), 900), ("provider-clearing:payme".to_owned(), -1_000)]);
        assert_eq!(first.drift(&now), 100);
        assert_eq!(first.drift(&BTreeMap::new()), 2_000, "postings that are gone");
    }

    #[test]
    fn what_was_changed_in_closed_days_is_said_by_the_next_day_and_not_by_those_after_it() {
        let captured = moved(&[("provider-clearing:payme", 1_000, 0), ("agency:justice", 0, 1_000)]);
        let first = closed(date(2026, 11, 28), &captured, None);
        let changed =
            Balances::from([("agency:justice".to_owned(), 1_007), ("provider-clearing:payme".to_owned(), -1_007)]);
        let told = |day: Date, before: &Closing| {
            Closing::of((day, &Movements::new(), Counts::default()), Some(before), &changed, Time::from_seconds(5))
        };
        let second = told(date(2026, 11, 29), &first);
        assert_eq!((second.difference, second.lines[0].balance), (14, 1_007));
        let third = told(date(2026, 11, 30), &second);
        assert_eq!(third.difference, 0);
        assert!(second.follows(Some(&first)) && third.follows(Some(&second)));
    }

    #[test]
    fn books_that_do_not_balance_say_by_how_much() {
        let first = closed(date(2026, 11, 28), &moved(&[("agency:justice", 0, 7)]), None);
        assert_eq!(first.difference, 7);
    }
}

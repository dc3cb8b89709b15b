//! What agencies are settled by: what was taken for them, what providers keep of it, and what went back.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::Decimal;

use super::{
    fees::{self, Rates},
    finance::PLATFORM,
    ledger::Account,
    till::CASH,
};

/// Postings of one day that have everything but the amount in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub day: Date,
    /// Whose case it was.
    pub agency: String,
    pub debit: Account,
    pub credit: Account,
    pub provider: String,
    /// Tiyin.
    pub amount: i64,
    pub postings: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub day: Date,
    pub agency: String,
    pub beneficiary: String,
    pub provider: String,
    pub payments: i64,
    /// Tiyin, as the following.
    pub gross: i64,
    pub rate: Option<Decimal>,
    pub fee: i64,
    pub net: i64,
    pub refunds: i64,
}

/// Day, agency of the case, beneficiary, provider.
type Place<'a> = (Date, &'a str, &'a str, &'a str);

/// For one agency what concerns it: its own cases, and its part of others'. For the platform everything.
pub fn lines(moved: &[Moved], rates: &Rates, agency: &str) -> Vec<Line> {
    let mut found: BTreeMap<Place, (i64, i64, i64)> = BTreeMap::new();
    for one in moved {
        let (beneficiary, taken) = match (&one.debit, &one.credit) {
            (_, Account::Agency(beneficiary)) => (beneficiary, true),
            (Account::Agency(beneficiary), Account::RefundsPayable) => (beneficiary, false),
            _ => continue,
        };
        let concerns = agency == PLATFORM || one.agency == agency || beneficiary == agency;
        if !concerns {
            continue;
        }
        let sums =
            found.entry((one.day, one.agency.as_str(), beneficiary.as_str(), one.provider.as_str())).or_default();
        match taken {
            true => (sums.0, sums.1) = (sums.0 + one.postings, sums.1 + one.amount),
            false => sums.2 += one.amount,
        }
    }
    let line = |((day, agency, beneficiary, provider), (payments, gross, refunds)): ((Date, &str, &str, &str), _)| {
        // Nobody keeps anything of cash.
        let rate = if provider == CASH { Some(Decimal::ZERO) } else { rates.on(provider, day) };
        let fee = rate.map_or(0, |percent| fees::of(gross, percent));
        let (agency, beneficiary, provider) = (agency.to_owned(), beneficiary.to_owned(), provider.to_owned());
        Line { day, agency, beneficiary, provider, payments, gross, rate, fee, net: gross - fee, refunds }
    };
    found.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn moved(agency: &str, debit: Account, credit: Account, amount: i64) -> Moved {
        let (agency, provider) = (agency.to_owned(), "payme".to_owned());
        Moved { day: date(2026, 11, 29), agency, debit, credit, provider, amount, postings: 1 }
    }

    fn of(agency: &str) -> Account {
        Account::Agency(agency.into())
    }

    #[test]
    fn each_beneficiary_has_its_part_the_providers_fee_and_what_went_back() {
        let clearing = || Account::ProviderClearing("payme".into());
        let all = [
            moved("justice", clearing(), of("justice"), 7_000),
            moved("justice", clearing(), of("land"), 3_000),
            moved("justice", Account::Suspense, of("justice"), 1_000),
            moved("justice", of("justice"), Account::RefundsPayable, 500),
            moved("health", clearing(), of("health"), 100),
            moved("justice", clearing(), Account::Suspense, 999),
        ];
        let rates = Rates::checked([("payme", "2026-01-01", "1")]).unwrap();
        let seen = |agency: &str| {
            let lines = lines(&all, &rates, agency);
            let row = |line: Line| (line.beneficiary, line.payments, [line.gross, line.fee, line.net, line.refunds]);
            lines.into_iter().map(row).collect::<Vec<_>>()
        };
        let justice = ("justice".to_owned(), 2, [8_000, 80, 7_920, 500]);
        let land = ("land".to_owned(), 1, [3_000, 30, 2_970, 0]);
        assert_eq!(seen("justice"), [justice.clone(), land.clone()]);
        assert_eq!(seen("land"), std::slice::from_ref(&land));
        assert_eq!(seen("platform"), [("health".to_owned(), 1, [100, 1, 99, 0]), justice, land]);
        assert!(lines(&all, &Rates::default(), "land").iter().all(|line| line.rate.is_none() && line.fee == 0));
    }
}

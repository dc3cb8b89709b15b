//! Double entry in tiyin: every movement is one posting from one account to another, so the books cannot fail to balance.

use std::{collections::BTreeMap, fmt, str::FromStr};

use kernel::Failure;

use super::intent::{Share, unreadable};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// What a provider took from people and owes us.
    ProviderClearing(String),
    /// What we owe an agency.
    Agency(String),
    /// Money that came when nobody was owed it.
    Suspense,
    /// What we owe people.
    RefundsPayable,
    /// Notes and coins that an agency's office holds.
    Cash { agency: String, office: String },
    /// What was counted above what had to be there, less what was missing.
    CashDifference(String),
    /// Cash that an agency's treasurer brought to the bank.
    Bank(String),
    /// What an agency's treasury paid people where no provider could, and we owe it.
    Treasury(String),
}

impl fmt::Display for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProviderClearing(provider) => write!(out, "provider-clearing:{provider}"),
            Self::Agency(agency) => write!(out, "agency:{agency}"),
            Self::Suspense => out.write_str("platform:suspense"),
            Self::RefundsPayable => out.write_str("platform:refunds-payable"),
            Self::Cash { agency, office } => write!(out, "cash:{agency}/{office}"),
            Self::CashDifference(agency) => write!(out, "cash-difference:{agency}"),
            Self::Bank(agency) => write!(out, "bank:{agency}"),
            Self::Treasury(agency) => write!(out, "treasury:{agency}"),
        }
    }
}

impl FromStr for Account {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match text.split_once(':') {
            Some(("provider-clearing", provider)) => Ok(Self::ProviderClearing(provider.into())),
            Some(("agency", agency)) => Ok(Self::Agency(agency.into())),
            Some(("platform", "suspense")) => Ok(Self::Suspense),
            Some(("platform", "refunds-payable")) => Ok(Self::RefundsPayable),
            Some(("cash", place)) => {
                let (agency, office) = place.split_once('/').ok_or_else(|| unreadable("ledger account"))?;
                Ok(Self::Cash { agency: agency.into(), office: office.into() })
            }
            Some(("cash-difference", agency)) => Ok(Self::CashDifference(agency.into())),
            Some(("bank", agency)) => Ok(Self::Bank(agency.into())),
            Some(("treasury", agency)) => Ok(Self::Treasury(agency.into())),
            _ => Err(unreadable("ledger account")),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub debit: Account,
    pub credit: Account,
    /// Tiyin, above zero.
    pub amount: i64,
    /// Why: captured, captured-late, attached, refund-owed, refund-paid, refund-paid-by-hand,
    /// cash-difference, cash-deposited.
    pub kind: &'static str,
}

fn posting(debit: Account, credit: Account, amount: i64, kind: &'static str) -> Option<Posting> {
    (amount > 0).then_some(Posting { debit, credit, amount, kind })
}

/// The provider debited the payer for an open intent: the agencies are owed their parts.
pub fn captured(provider: &str, split: &[Share]) -> Vec<Posting> {
    let owed = split.iter().filter_map(|share| {
        posting(
            Account::ProviderClearing(provider.into()),
            Account::Agency(share.agency.clone()),
            share.amount,
            "captured",
        )
    });
    owed.collect()
}

/// An office took cash for an open intent: the agencies are owed their parts.
pub fn captured_in_cash(till: &Account, split: &[Share]) -> Vec<Posting> {
    let owed = split
        .iter()
        .filter_map(|share| posting(till.clone(), Account::Agency(share.agency.clone()), share.amount, "captured"));
    owed.collect()
}

/// The office gave the money back over the counter.
pub fn refund_paid_in_cash(till: &Account, amount: i64) -> Vec<Posting> {
    posting(Account::RefundsPayable, till.clone(), amount, "refund-paid").into_iter().collect()
}

/// More was counted than had to be there, or less.
pub fn counted(till: &Account, agency: &str, difference: i64) -> Option<Posting> {
    let account = Account::CashDifference(agency.into());
    match difference >= 0 {
        true => posting(till.clone(), account, difference, "cash-difference"),
        false => posting(account, till.clone(), difference.saturating_neg(), "cash-difference"),
    }
}

pub fn deposited(till: &Account, agency: &str, amount: i64) -> Option<Posting> {
    posting(Account::Bank(agency.into()), till.clone(), amount, "cash-deposited")
}

/// Money for an intent that is already decided: nobody's yet.
pub fn captured_late(provider: &str, amount: i64) -> Vec<Posting> {
    let clearing = Account::ProviderClearing(provider.into());
    posting(clearing, Account::Suspense, amount, "captured-late").into_iter().collect()
}

/// What waited in suspense pays an open intent: the agencies are owed their parts.
pub fn attached(split: &[Share]) -> Vec<Posting> {
    let owed = split.iter().filter_map(|share| {
        posting(Account::Suspense, Account::Agency(share.agency.clone()), share.amount, "attached")
    });
    owed.collect()
}

/// A refund was promised: each agency gives back its part.
pub fn refund_owed(parts: &[Share]) -> Vec<Posting> {
    let owed = parts.iter().filter_map(|part| {
        posting(Account::Agency(part.agency.clone()), Account::RefundsPayable, part.amount, "refund-owed")
    });
    owed.collect()
}

pub fn refund_owed_from_suspense(amount: i64) -> Vec<Posting> {
    posting(Account::Suspense, Account::RefundsPayable, amount, "refund-owed").into_iter().collect()
}

/// The provider gave the money back.
pub fn refund_paid(provider: &str, amount: i64) -> Vec<Posting> {
    let clearing = Account::ProviderClearing(provider.into());
    posting(Account::RefundsPayable, clearing, amount, "refund-paid").into_iter().collect()
}

/// The agency's treasury gave the money back: the provider still owes what it took.
pub fn refund_paid_by_hand(agency: &str, amount: i64) -> Vec<Posting> {
    let treasury = Account::Treasury(agency.into());
    posting(Account::RefundsPayable, treasury, amount, "refund-paid-by-hand").into_iter().collect()
}

/// Credits minus debits of each account.
pub fn balances<'a>(postings: impl IntoIterator<Item = &'a Posting>) -> BTreeMap<Account, i64> {
    let mut balances = BTreeMap::new();
    for posting in postings {
        *balances.entry(posting.debit.clone()).or_insert(0) -= posting.amount;
        *balances.entry(posting.credit.clone()).or_insert(0) += posting.amount;
    }
    balances
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::refund;
    use kernel::Money;

    fn split(amount: i64, shares: &[u32]) -> Vec<Share> {
        let parts = Money::uzs(amount).split_by_shares(shares);
        parts
            .iter()
            .enumerate()
            .map(|(index, part)| Share { agency: format!("agency-{index}"), amount: part.minor })
            .collect()
    }

    fn still_held(balances: &BTreeMap<Account, i64>) -> Vec<Share> {
        let held = balances.iter().filter_map(|(account, amount)| match account {
            Account::Agency(agency) => Some(Share { agency: agency.clone(), amount: *amount }),
            _ => None,
        });
        held.collect()
    }

    proptest! {
        #[test]
        fn the_books_balance_and_never_more_is_refunded_than_was_captured(
            amount in 1..10_000_000_000_i64,
            shares in prop::collection::vec(1..100_u32, 1..6),
            wishes in prop::collection::vec((1..10_000_000_000_i64, any::<bool>()), 0..8),
            late in 0..1_000_000_i64,
            part in 0..1_000_000_i64,
        ) {
            let mut postings = captured("payme", &split(amount, &shares));
            postings.extend(captured_late("payme", late));
            let used = part.min(late);
            postings.extend(attached(&split(used, &shares)));
            let (amount, late) = (amount + used, late - used);
            let (mut refunded, mut by_hand) = (0, 0);
            for (wish, provider) in wishes {
                let held = still_held(&balances(&postings));
                match refund::parts(wish, &held) {
                    Ok(parts) => {
                        prop_assert_eq!(parts.iter().map(|part| part.amount).sum::<i64>(), wish);
                        postings.extend(refund_owed(&parts));
                        postings.extend(match provider {
                            true => refund_paid("payme", wish),
                            false => refund_paid_by_hand("justice", wish),
                        });
                        refunded += wish;
                        by_hand += if provider { 0 } else { wish };
                    }
                    Err(_) => prop_assert!(refunded + wish > amount),
                }
            }
            postings.extend(refund_owed_from_suspense(late));
            postings.extend(refund_paid("payme", late));
            let till = Account::Cash { agency: "justice".into(), office: "yunusobod".into() };
            let (over, brought) = (late - part, part.min(late));
            let shares = split(late, &shares);
            postings.extend(captured_in_cash(&till, &shares));
            postings.extend(refund_owed(&shares));
            postings.extend(refund_paid_in_cash(&till, late));
            postings.extend(counted(&till, "justice", over));
            postings.extend(deposited(&till, "justice", brought));
            let balances = balances(&postings);
            prop_assert_eq!(balances.values().sum::<i64>(), 0);
            prop_assert!(refunded <= amount);
            prop_assert!(postings.iter().all(|posting| posting.amount > 0));
            for (account, balance) in &balances {
                match account {
                    Account::ProviderClearing(_) => prop_assert_eq!(*balance, refunded - by_hand - amount),
                    Account::Treasury(_) => prop_assert_eq!(*balance, by_hand),
                    Account::Cash { .. } => prop_assert_eq!(*balance, brought - over),
                    Account::CashDifference(_) => prop_assert_eq!(*balance, over),
                    Account::Bank(_) => prop_assert_eq!(*balance, -brought),
                    Account::Agency(_) => prop_assert!(*balance >= 0),
                    Account::Suspense | Account::RefundsPayable => prop_assert_eq!(*balance, 0),
                }
            }
        }
    }

    #[test]
    fn every_account_survives_its_text() {
        let accounts = [
            Account::ProviderClearing("payme".into()),
            Account::Agency("justice".into()),
            Account::Suspense,
            Account::RefundsPayable,
            Account::Cash { agency: "justice".into(), office: "yunusobod".into() },
            Account::CashDifference("justice".into()),
            Account::Bank("justice".into()),
            Account::Treasury("justice".into()),
        ];
        for account in accounts {
            assert_eq!(account.to_string().parse::<Account>().unwrap(), account);
        }
        assert!("platform:else".parse::<Account>().is_err());
    }
}

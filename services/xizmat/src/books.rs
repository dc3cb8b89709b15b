//! `xizmat payments`: the platform's treasurer reads a closed day of the books.

use clap::{Args, Subcommand};
use kernel::{Failure, Hash, Money, Time};
use proto::payments::v1::{Closing, ReadClosingRequest, operations::READ_CLOSING};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Prints the trial balance of a closed day, and whether it still follows from the day before.
    Closing(Day),
}

#[derive(Args)]
pub struct Day {
    /// A civil day in Tashkent, such as 2026-11-29.
    day: String,
    #[command(flatten)]
    treasurer: Officer,
}

pub async fn run(What::Closing(asked): What) -> Result<(), Failure> {
    let closing = asked.treasurer.ask(&READ_CLOSING, None, &ReadClosingRequest { day: asked.day.clone() }).await?;
    print!("{}", page(&closing)?);
    if closing.follows && closing.difference == 0 {
        return Ok(());
    }
    let message = "The books of this day do not balance, or they were changed after they were closed. Keep the database as \
                   it is and read docs/runbooks/XizmatBooksUnbalanced.md.";
    Err(Failure::conflict("cli.books-unbalanced", message))
}

fn page(closing: &Closing) -> Result<String, Failure> {
    let mut lines = vec![format!("{}, closed at {}", closing.day, Time::from_micros(closing.closed_us))];
    let width = closing.lines.iter().map(|line| line.account.len()).max().unwrap_or_default();
    for line in &closing.lines {
        let [debits, credits, balance] =
            [line.debits, line.credits, line.balance].map(|minor| Money::uzs(minor).to_decimal().to_string());
        let (account, currency) = (&line.account, &line.currency);
        lines.push(format!("{account:width$}  {debits:>18}  {credits:>18}  {balance:>18} {currency}"));
    }
    let (payments, refunds, postings) = (closing.payments, closing.refunds, closing.postings);
    lines.push(format!("{payments} payments, {refunds} refunds, {postings} postings"));
    lines.push(format!("out by {} UZS", Money::uzs(closing.difference).to_decimal()));
    lines.push(format!("hash {}, after {}", Hash::from_slice(&closing.hash)?, Hash::from_slice(&closing.previous)?));
    let follows = if closing.follows { "follows from the day before" } else { "does NOT follow from the day before" };
    lines.push(follows.to_owned());
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use proto::payments::v1::ClosingLine;

    use super::*;

    #[test]
    fn a_day_is_printed_with_its_balance_and_its_place_in_the_chain() {
        let line = |account: &str, debits: i64, credits: i64| ClosingLine {
            account: account.into(),
            currency: "UZS".into(),
            debits,
            credits,
            balance: credits - debits,
        };
        let closing = Closing {
            day: "2026-11-29".into(),
            lines: vec![line("agency:justice", 0, 4_120_000), line("provider-clearing:payme", 4_120_000, 0)],
            postings: 1,
            payments: 1,
            refunds: 0,
            difference: 0,
            previous: vec![8; 32],
            hash: vec![9; 32],
            closed_us: 1,
            follows: true,
        };
        let page = page(&closing).unwrap();
        assert!(page.contains("agency:justice") && page.contains("-41200.00 UZS"), "{page}");
        assert!(page.contains("out by 0.00 UZS") && page.ends_with("follows from the day before\n"), "{page}");
        assert!(page.contains(&format!("hash {}, after {}", "09".repeat(32), "08".repeat(32))), "{page}");
    }
}

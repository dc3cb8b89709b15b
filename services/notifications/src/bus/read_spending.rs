//! `read-spending`: what text messages of a month cost, by agency and service; numbers, for whoever runs the platform.

use kernel::{Failure, Money};
use proto::notifications::v1::{ReadSpendingRequest, Spending, SpendingRow};

use super::Office;
use crate::store::text_messages::{self, Spent};

pub async fn handle(office: &Office, call: bus::Call<ReadSpendingRequest>) -> Result<Spending, Failure> {
    let ReadSpendingRequest { month, agency } = &call.request;
    if !is_month(month) {
        return Err(Failure::invalid("notification.month", "A month is written with its year, such as 2026-11."));
    }
    let mut tx = office.database.read().await?;
    let rows = text_messages::spent(&mut tx, month, agency).await?.into_iter().map(row);
    Ok(Spending { rows: rows.collect() })
}

fn row(spent: Spent) -> SpendingRow {
    let Spent { agency, service, messages, segments, tiyin } = spent;
    let cost = Money::uzs(tiyin);
    let cost = proto::Money { minor: cost.minor, currency: cost.currency.code().to_owned() };
    SpendingRow { agency, service, messages, segments, cost: Some(cost) }
}

fn is_month(text: &str) -> bool {
    let Some((year, month)) = text.split_once('-') else { return false };
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(year, 4) && digits(month, 2) && month.parse().is_ok_and(|month: u8| (1..=12).contains(&month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_year_and_a_number() {
        assert!(is_month("2026-11"));
        for wrong in ["", "2026", "2026-13", "2026-00", "26-11", "2026-1", "2026-11-01", "2026-+1"] {
            assert!(!is_month(wrong), "{wrong}");
        }
    }
}

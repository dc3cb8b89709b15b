//! The ledger: postings are inserted and read, never changed.

use kernel::{AttemptId, Failure, IntentId, RefundId, Time};

use super::closings;
use crate::domain::{
    intent::Share,
    ledger::{Account, Posting},
};

/// What a movement belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    pub intent: IntentId,
    pub attempt: AttemptId,
    pub refund: Option<RefundId>,
    pub time: Time,
}

/// A closed day takes nothing more. On PostgreSQL, where others post and close meanwhile, the table itself refuses it besides.
pub async fn post(tx: &mut sql::Tx, cause: Cause, postings: &[Posting]) -> Result<(), Failure> {
    if cause.time < closings::open_from(tx).await? {
        let message = "The day to which this belongs is closed. Repeat it; if that does not help, the clock of the machine \
                       on which payments runs is behind.";
        return Err(Failure::unavailable("payment.day-closed", message));
    }
    for posting in postings {
        tx.execute(
            "INSERT INTO posting (intent, attempt, refund, debit, credit, amount, kind, time_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            sql::args![
                cause.intent.to_vec(),
                cause.attempt.to_vec(),
                cause.refund.map(RefundId::to_vec),
                posting.debit.to_string(),
                posting.credit.to_string(),
                posting.amount,
                posting.kind.to_owned(),
                cause.time.micros()
            ],
        )
        .await?;
    }
    Ok(())
}

/// Credits minus debits of every account, over everything or over one intent.
pub async fn balances(tx: &mut sql::Tx, intent: Option<IntentId>) -> Result<Vec<(Account, i64)>, Failure> {
    let filter = if intent.is_some() { "WHERE intent = $1" } else { "WHERE $1 = 0" };
    let sql = format!(
        "SELECT account, CAST(SUM(amount) AS BIGINT) FROM (\
         SELECT credit AS account, amount FROM posting {filter} \
         UNION ALL SELECT debit AS account, -amount AS amount FROM posting {filter}\
         ) AS movements GROUP BY account ORDER BY account"
    );
    let args = match intent {
        Some(intent) => sql::args![intent.to_vec()],
        None => sql::args![0_i64],
    };
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), args).await?;
    let balances = rows.iter().map(|row| Ok((row.text(0)?.parse()?, row.int(1)?)));
    balances.collect()
}

/// What each agency still holds of an intent's money.
pub async fn held_by_agencies(tx: &mut sql::Tx, intent: IntentId) -> Result<Vec<Share>, Failure> {
    let balances = balances(tx, Some(intent)).await?;
    let shares = balances.into_iter().filter_map(|(account, amount)| match account {
        Account::Agency(agency) if amount > 0 => Some(Share { agency, amount }),
        _ => None,
    });
    Ok(shares.collect())
}

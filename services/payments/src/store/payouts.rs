//! What treasurers said about refunds that no provider makes: inserted and read, never changed.

use kernel::{Failure, IntentId, PersonId, RefundId, Time};

use crate::{
    domain::{
        payout::{Entry, PaymentOrder},
        refund::Refund,
    },
    store::{intents, refunds},
};

/// What a treasurer did with a payment order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Entered,
    Confirmed,
}

impl Act {
    fn as_str(self) -> &'static str {
        match self {
            Self::Entered => "entered",
            Self::Confirmed => "confirmed",
        }
    }
}

/// False: the refund, or another one with this order, is confirmed already.
pub async fn insert(
    tx: &mut sql::Tx,
    (refund, agency): (RefundId, &str),
    act: Act,
    entry: &Entry,
    now: Time,
) -> Result<bool, Failure> {
    let inserted = tx
        .execute(
            "INSERT INTO payout (refund, agency, act, order_number, order_date, person, time_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            sql::args![
                refund.to_vec(),
                agency.to_owned(),
                act.as_str().to_owned(),
                entry.order.number.clone(),
                entry.order.date.clone(),
                entry.by.to_vec(),
                now.micros()
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// The order that was entered last.
pub async fn entered(tx: &mut sql::Tx, refund: RefundId) -> Result<Option<Entry>, Failure> {
    let sql = "SELECT order_number, order_date, person FROM payout WHERE refund = $1 AND act = 'entered' \
               ORDER BY payout DESC LIMIT 1";
    let row = tx.fetch_optional(sql, sql::args![refund.to_vec()]).await?;
    row.map(|row| {
        let order = PaymentOrder { number: row.text(0)?, date: row.text(1)? };
        Ok(Entry { order, by: PersonId::from_slice(&row.blob(2)?)? })
    })
    .transpose()
}

/// Whether a refund was paid by this order before.
pub async fn is_used(tx: &mut sql::Tx, agency: &str, order: &PaymentOrder) -> Result<bool, Failure> {
    let sql = "SELECT count(*) FROM payout \
               WHERE agency = $1 AND order_number = $2 AND order_date = $3 AND act = 'confirmed'";
    let args = sql::args![agency.to_owned(), order.number.clone(), order.date.clone()];
    Ok(tx.fetch_one(sql, args).await?.int(0)? > 0)
}

/// A refund that waits to be paid another way, as far as a treasurer needs it.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub refund: Refund,
    pub number: String,
    pub service: String,
    pub provider: String,
    pub transaction: String,
    pub entered: Option<Entry>,
}

/// Oldest first.
pub async fn waiting(tx: &mut sql::Tx, agency: &str, limit: i64) -> Result<Vec<Waiting>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT refund.refund, refund.intent, attempt.provider, attempt.transaction_id FROM refund \
             JOIN intent ON intent.intent = refund.intent JOIN attempt ON attempt.attempt = refund.attempt \
             WHERE refund.state = 'by-hand' AND intent.agency = $1 ORDER BY refund.created_us, refund.refund LIMIT $2",
            sql::args![agency.to_owned(), limit],
        )
        .await?;
    let mut waiting = Vec::new();
    for row in rows {
        let (id, intent) = (RefundId::from_slice(&row.blob(0)?)?, IntentId::from_slice(&row.blob(1)?)?);
        let (Some(refund), Some(intent)) = (refunds::find(tx, id).await?, intents::find(tx, intent).await?) else {
            continue;
        };
        waiting.push(Waiting {
            refund,
            number: intent.number,
            service: intent.case.service,
            provider: row.text(2)?,
            transaction: row.opt_text(3)?.unwrap_or_default(),
            entered: entered(tx, id).await?,
        });
    }
    Ok(waiting)
}

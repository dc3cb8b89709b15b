//! One row for each channel of each message: its state, and when it is to be taken up again.

use kernel::{Failure, MessageId, Time};

use crate::domain::delivery::{Note, State};

#[derive(Debug, Clone)]
pub struct Delivery {
    pub message: MessageId,
    /// Order of the channels; the inbox has 0.
    pub place: i64,
    pub channel: String,
    pub state: State,
    pub tries: i64,
    pub next: i64,
    pub gateway_id: Option<String>,
    /// When the gateway took it; 0: not yet.
    pub sent: i64,
    pub note: Note,
    /// When it was known to be delivered or to have failed; 0: that is not known.
    pub settled: i64,
}

const COLUMNS: &str = "message, place, channel, state, tries, next_us, gateway_id, sent_us, note, settled_us";

pub async fn insert(tx: &mut sql::Tx, delivery: &Delivery) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO delivery (message, place, channel, state, tries, next_us, gateway_id, sent_us, note, settled_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        sql::args![
            delivery.message,
            delivery.place,
            &delivery.channel,
            delivery.state.as_str(),
            delivery.tries,
            delivery.next,
            delivery.gateway_id.clone(),
            delivery.sent,
            delivery.note.as_str(),
            delivery.settled
        ],
    )
    .await?;
    Ok(())
}

pub async fn update(tx: &mut sql::Tx, delivery: &Delivery) -> Result<(), Failure> {
    tx.execute(
        "UPDATE delivery SET state = $3, tries = $4, next_us = $5, gateway_id = $6, sent_us = $7, note = $8, \
         settled_us = $9 WHERE message = $1 AND place = $2",
        sql::args![
            delivery.message,
            delivery.place,
            delivery.state.as_str(),
            delivery.tries,
            delivery.next,
            delivery.gateway_id.clone(),
            delivery.sent,
            delivery.note.as_str(),
            delivery.settled
        ],
    )
    .await?;
    Ok(())
}

/// What waits least of all comes first: a code to sign in with does not stand behind a whole night's letters.
pub async fn due(tx: &mut sql::Tx, now: Time, limit: usize) -> Result<Vec<Delivery>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT {COLUMNS} FROM delivery WHERE next_us > 0 AND next_us <= $1 \
         ORDER BY (SELECT 1 - urgent FROM message WHERE message.message = delivery.message), next_us LIMIT $2"
    );
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![now, limit]).await?;
    rows.iter().map(read).collect()
}

/// Takes a due delivery for this replica: whoever moves its time first has it. Found still `sending` after `until`, its
/// sender died in between.
pub async fn claim(tx: &mut sql::Tx, seen: &Delivery, state: State, until: Time) -> Result<bool, Failure> {
    let claimed = tx
        .execute(
            "UPDATE delivery SET state = $4, next_us = $5 WHERE message = $1 AND place = $2 AND next_us = $3",
            sql::args![seen.message, seen.place, seen.next, state.as_str(), until],
        )
        .await?;
    Ok(claimed == 1)
}

pub async fn of_message(tx: &mut sql::Tx, message: MessageId) -> Result<Vec<Delivery>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM delivery WHERE message = $1 ORDER BY place");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![message]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &sql::Row) -> Result<Delivery, Failure> {
    Ok(Delivery {
        message: MessageId::from_slice(&row.blob(0)?)?,
        place: row.int(1)?,
        channel: row.text(2)?,
        state: State::parse(&row.text(3)?)?,
        tries: row.int(4)?,
        next: row.int(5)?,
        gateway_id: row.opt_text(6)?,
        sent: row.int(7)?,
        note: Note::parse(&row.text(8)?),
        settled: row.int(9)?,
    })
}

/// What may be sent once only may have left after the backup was made: it is not sent again. The inbox has it in any case.
pub async fn doubt_once(tx: &mut sql::Tx) -> Result<(), Failure> {
    tx.execute(
        "UPDATE delivery SET state = 'unknown', next_us = 0 WHERE state IN ('queued', 'sending') \
         AND channel <> 'inbox' AND message IN (SELECT message FROM message WHERE once = 1)",
        sql::args![],
    )
    .await?;
    Ok(())
}

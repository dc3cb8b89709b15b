//! One row for each channel of each message: its state, and when it is to be taken up again.

use kernel::{Failure, Hash, MessageId, Time};

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
    /// Of a letter whose return is told: where it was sent to, by a hash.
    pub address: Option<Hash>,
}

const COLUMNS: &str = "message, place, channel, state, tries, next_us, gateway_id, sent_us, note, settled_us, address";

pub async fn insert(tx: &mut sql::Tx, delivery: &Delivery) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO delivery (message, place, channel, state, tries, next_us, gateway_id, sent_us, note, settled_us, \
         address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
            delivery.settled,
            delivery.address
        ],
    )
    .await?;
    Ok(())
}

pub async fn update(tx: &mut sql::Tx, delivery: &Delivery) -> Result<(), Failure> {
    tx.execute(
        "UPDATE delivery SET state = $3, tries = $4, next_us = $5, gateway_id = $6, sent_us = $7, note = $8, \
         settled_us = $9, address = $10 WHERE message = $1 AND place = $2",
        sql::args![
            delivery.message,
            delivery.place,
            delivery.state.as_str(),
            delivery.tries,
            delivery.next,
            delivery.gateway_id.clone(),
            delivery.sent,
            delivery.note.as_str(),
            delivery.settled,
            delivery.address
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

/// Writes what a report says about a channel. False: it has moved on since it was read.
pub async fn report(
    tx: &mut sql::Tx,
    seen: &Delivery,
    state: State,
    note: Note,
    settled: i64,
) -> Result<bool, Failure> {
    let written = tx
        .execute(
            "UPDATE delivery SET state = $5, next_us = 0, note = $6, settled_us = $7 \
             WHERE message = $1 AND place = $2 AND state = $3 AND next_us = $4",
            sql::args![
                seen.message,
                seen.place,
                seen.state.as_str(),
                seen.next,
                state.as_str(),
                note.as_str(),
                settled
            ],
        )
        .await?;
    Ok(written == 1)
}

/// The channel that takes over when this one is over.
pub async fn reserve(tx: &mut sql::Tx, delivery: &Delivery) -> Result<Option<Delivery>, Failure> {
    let others = of_message(tx, delivery.message).await?;
    Ok(others.into_iter().find(|other| other.state == State::Reserve && other.place > delivery.place))
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
        address: row.opt_blob(10)?.map(|hash| Hash::from_slice(&hash)).transpose()?,
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

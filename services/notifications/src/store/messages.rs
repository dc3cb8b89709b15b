//! Messages of the inbox. Letters are sealed with their case's key; destroying that key erases them.

use kernel::{
    CaseId, Failure, Hash, MessageId, PersonId, Random, Time,
    sealed::{AgencyKey, CaseKey},
};
use proto::KnownCase;

use crate::domain::{
    text::Letter,
    turn::{Weight, class_name, class_of},
};

/// A message apart from its letter.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    pub case: CaseId,
    pub recipient: PersonId,
    pub agency: String,
    pub service: String,
    pub notification: String,
    pub language: String,
    /// Better missed than doubled.
    pub once: bool,
    pub weight: Weight,
    /// Of the definition that it was written from; `None`: an older release wrote it.
    pub revision: Option<Hash>,
    pub time: Time,
    pub read: bool,
    pub sealed: Vec<u8>,
}

const COLUMNS: &str = "message, case_id, recipient, agency, service, notification, language, once, time_us, read_us, \
                       letter, class, urgent, revision";

/// The case's key, made with its first message.
pub async fn case_key(
    tx: &mut sql::Tx,
    case: CaseId,
    agency: &str,
    key: &AgencyKey,
    random: &dyn Random,
) -> Result<CaseKey, Failure> {
    let fresh = CaseKey::generate(random);
    tx.execute(
        "INSERT INTO case_key (case_id, agency, wrapped) VALUES ($1, $2, $3) ON CONFLICT (case_id) DO NOTHING",
        sql::args![case, agency, fresh.wrap(key, random)],
    )
    .await?;
    existing_key(tx, case, key).await?.ok_or_else(unreadable)
}

pub async fn existing_key(tx: &mut sql::Tx, case: CaseId, key: &AgencyKey) -> Result<Option<CaseKey>, Failure> {
    let row = tx.fetch_optional("SELECT wrapped FROM case_key WHERE case_id = $1", sql::args![case]).await?;
    row.map(|row| CaseKey::unwrap(key, &row.blob(0)?)).transpose()
}

/// Destroys a case's key and everything that was said about the case.
pub async fn erase(tx: &mut sql::Tx, case: CaseId) -> Result<(), Failure> {
    for sql in [
        "DELETE FROM case_key WHERE case_id = $1",
        "DELETE FROM text_sent WHERE message IN (SELECT message FROM message WHERE case_id = $1)",
        "DELETE FROM delivery WHERE message IN (SELECT message FROM message WHERE case_id = $1)",
        "DELETE FROM message WHERE case_id = $1",
    ] {
        tx.execute(sql, sql::args![case]).await?;
    }
    tx.destroys();
    Ok(())
}

pub fn seal(letter: &Letter, id: MessageId, key: &CaseKey, random: &dyn Random) -> Vec<u8> {
    let plain = serde_json::to_vec(letter).expect("a letter is made of texts");
    key.seal(&plain, id.as_bytes(), random)
}

pub fn open(message: &Message, key: &CaseKey) -> Result<Letter, Failure> {
    let plain = key.open(&message.sealed, message.id.as_bytes())?;
    serde_json::from_slice(&plain).map_err(|_| unreadable())
}

fn unreadable() -> Failure {
    Failure::internal("notification.unreadable-row", "Stored message data could not be read.")
}

pub async fn insert(tx: &mut sql::Tx, message: &Message) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO message (message, case_id, recipient, agency, service, notification, language, once, letter, \
         time_us, read_us, class, urgent, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13)",
        sql::args![
            message.id,
            message.case,
            message.recipient,
            &message.agency,
            &message.service,
            &message.notification,
            &message.language,
            message.once,
            &message.sealed,
            message.time,
            class_name(message.weight.class),
            message.weight.urgent,
            message.revision
        ],
    )
    .await?;
    Ok(())
}

pub async fn find(tx: &mut sql::Tx, id: MessageId) -> Result<Option<Message>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM message WHERE message = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![id]).await?;
    row.map(|row| read(&row)).transpose()
}

/// One person's messages, newest first, older than `before`.
pub async fn of_person(
    tx: &mut sql::Tx,
    person: PersonId,
    before: Option<(Time, MessageId)>,
    limit: i64,
) -> Result<Vec<Message>, Failure> {
    let (time, id) = before.unwrap_or((Time::from_micros(i64::MAX), MessageId::from_bytes([255; 16])));
    let sql = format!(
        "SELECT {COLUMNS} FROM message WHERE recipient = $1 AND (time_us < $2 OR (time_us = $2 AND message < $3)) \
         ORDER BY time_us DESC, message DESC LIMIT $4"
    );
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![person, time, id, limit]).await?;
    rows.iter().map(read).collect()
}

/// What was written in one case of a service, to one person or, where none is named, to everybody; the newest first.
pub async fn of_case(
    tx: &mut sql::Tx,
    case: CaseId,
    (agency, service): (&str, &str),
    to: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Message>, Failure> {
    let mut arguments = sql::args![case, agency, service, limit];
    let whose = if to.is_some() { " AND recipient = $5" } else { "" };
    arguments.extend(to.into_iter().flat_map(|person| sql::args![person]));
    let sql = format!(
        "SELECT {COLUMNS} FROM message WHERE case_id = $1 AND agency = $2 AND service = $3{whose} \
         ORDER BY time_us DESC, message DESC LIMIT $4"
    );
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), arguments).await?;
    rows.iter().map(read).collect()
}

pub async fn unread(tx: &mut sql::Tx, person: PersonId) -> Result<i64, Failure> {
    let sql = "SELECT COUNT(*) FROM message WHERE recipient = $1 AND read_us = 0";
    Ok(tx.fetch_one(sql, sql::args![person]).await?.int(0)?)
}

/// False: the person has no such message. The first reading stays.
pub async fn mark_read(tx: &mut sql::Tx, person: PersonId, id: MessageId, now: Time) -> Result<bool, Failure> {
    let sql = "UPDATE message SET read_us = CASE read_us WHEN 0 THEN $3 ELSE read_us END WHERE message = $1 AND recipient = $2";
    Ok(tx.execute(sql, sql::args![id, person, now]).await? == 1)
}

fn read(row: &sql::Row) -> Result<Message, Failure> {
    Ok(Message {
        id: MessageId::from_slice(&row.blob(0)?)?,
        case: CaseId::from_slice(&row.blob(1)?)?,
        recipient: PersonId::from_slice(&row.blob(2)?)?,
        agency: row.text(3)?,
        service: row.text(4)?,
        notification: row.text(5)?,
        language: row.text(6)?,
        once: row.bool(7)?,
        time: row.time(8)?,
        read: row.int(9)? != 0,
        sealed: row.blob(10)?,
        weight: Weight { class: class_of(&row.text(11)?), urgent: row.bool(12)? },
        revision: row.opt_blob(13)?.map(|hash| Hash::from_slice(&hash)).transpose()?,
    })
}

/// Whose messages are kept, in the order of the cases' ids: what is told after a restore.
pub async fn known(tx: &mut sql::Tx, after: &[u8], limit: i64) -> Result<Vec<KnownCase>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, MIN(agency), MIN(service) FROM message WHERE case_id > $1 \
             GROUP BY case_id ORDER BY case_id LIMIT $2",
            sql::args![after, limit],
        )
        .await?;
    let known = rows.iter().map(|row| {
        let (case_id, agency, service) = (row.blob(0)?, row.text(1)?, row.text(2)?);
        Ok(KnownCase { case_id, agency, service, ..KnownCase::default() })
    });
    known.collect()
}

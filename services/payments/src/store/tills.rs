//! Rows of shifts, of what was taken in them, and of what each office holds.

use kernel::{AttemptId, CommandId, Failure, IntentId, PersonId, Time};

use super::{read_time, stored};
use crate::domain::{
    payout::PaymentOrder,
    till::{Count, Shift, Taken},
};

const SHIFT: &str = "shift, agency, office, cashier, opened_us, change_tiyin, closed_us, counted, expected, reason";
const TAKEN: &str = "attempt, shift, intent, amount, time_us, reversed_us";

/// False: the cashier has an open one.
pub async fn open(tx: &mut sql::Tx, shift: &Shift) -> Result<bool, Failure> {
    let inserted = tx
        .execute(
            "INSERT INTO shift (shift, agency, office, cashier, opened_us, change_tiyin, closed_us, counted, expected, \
             reason) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, '') ON CONFLICT DO NOTHING",
            sql::args![
                shift.id,
                shift.agency.clone(),
                shift.office.clone(),
                shift.cashier,
                shift.opened.micros(),
                shift.change
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// Whoever changes a shift holds it: of two who act in it at once, one waits.
pub async fn lock(tx: &mut sql::Tx, id: CommandId) -> Result<Option<Shift>, Failure> {
    tx.execute("UPDATE shift SET closed_us = closed_us WHERE shift = $1", sql::args![id]).await?;
    find(tx, id).await
}

pub async fn find(tx: &mut sql::Tx, id: CommandId) -> Result<Option<Shift>, Failure> {
    let sql = format!("SELECT {SHIFT} FROM shift WHERE shift = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![id]).await?;
    row.map(|row| read_shift(&row)).transpose()
}

pub async fn open_of(tx: &mut sql::Tx, agency: &str, cashier: PersonId) -> Result<Option<Shift>, Failure> {
    let sql = format!("SELECT {SHIFT} FROM shift WHERE agency = $1 AND cashier = $2 AND closed_us = 0");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![agency, cashier]).await?;
    row.map(|row| read_shift(&row)).transpose()
}

pub async fn open_ones(tx: &mut sql::Tx, agency: &str, limit: i64) -> Result<Vec<Shift>, Failure> {
    let sql = format!(
        "SELECT {SHIFT} FROM shift WHERE agency = $1 AND closed_us = 0 ORDER BY office, opened_us, shift LIMIT $2"
    );
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![agency, limit]).await?;
    rows.iter().map(read_shift).collect()
}

pub async fn close(tx: &mut sql::Tx, shift: &Shift) -> Result<(), Failure> {
    tx.execute(
        "UPDATE shift SET closed_us = $2, counted = $3, expected = $4, reason = $5 WHERE shift = $1",
        sql::args![shift.id, stored(shift.closed), shift.counted, shift.expected, shift.reason.clone()],
    )
    .await?;
    Ok(())
}

/// What somebody else counted is kept, whatever comes of it.
pub async fn count(tx: &mut sql::Tx, count: &Count) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO shift_count (command, shift, person, in_charge, counted, why, time_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        sql::args![
            count.id,
            count.shift,
            count.by,
            i64::from(count.in_charge),
            count.counted,
            count.why.clone(),
            count.time.micros()
        ],
    )
    .await?;
    Ok(())
}

/// Oldest first.
pub async fn counts(tx: &mut sql::Tx, shift: CommandId) -> Result<Vec<Count>, Failure> {
    let sql = "SELECT command, shift, person, in_charge, counted, why, time_us FROM shift_count WHERE shift = $1 \
               ORDER BY time_us, command";
    let rows = tx.fetch_all(sql, sql::args![shift]).await?;
    let counts = rows.iter().map(|row| {
        Ok(Count {
            id: CommandId::from_slice(&row.blob(0)?)?,
            shift: CommandId::from_slice(&row.blob(1)?)?,
            by: PersonId::from_slice(&row.blob(2)?)?,
            in_charge: row.int(3)? != 0,
            counted: row.int(4)?,
            why: row.text(5)?,
            time: Time::from_micros(row.int(6)?),
        })
    });
    counts.collect()
}

pub async fn take(tx: &mut sql::Tx, taken: &Taken) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO cash_taken (attempt, shift, intent, amount, time_us, reversed_us) VALUES ($1, $2, $3, $4, $5, 0)",
        sql::args![taken.attempt, taken.shift, taken.intent, taken.amount, taken.time.micros()],
    )
    .await?;
    Ok(())
}

pub async fn reverse(tx: &mut sql::Tx, attempt: AttemptId, by: PersonId, now: Time) -> Result<(), Failure> {
    let sql = "UPDATE cash_taken SET reversed_us = $2, reversed_by = $3 WHERE attempt = $1";
    tx.execute(sql, sql::args![attempt, now.micros(), by]).await?;
    Ok(())
}

pub async fn taken(tx: &mut sql::Tx, attempt: AttemptId) -> Result<Option<Taken>, Failure> {
    let sql = format!("SELECT {TAKEN} FROM cash_taken WHERE attempt = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![attempt]).await?;
    row.map(|row| read_taken(&row)).transpose()
}

/// Newest first.
pub async fn taken_in(tx: &mut sql::Tx, shift: CommandId) -> Result<Vec<Taken>, Failure> {
    let sql = format!("SELECT {TAKEN} FROM cash_taken WHERE shift = $1 ORDER BY time_us DESC, attempt DESC");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![shift]).await?;
    rows.iter().map(read_taken).collect()
}

/// What the office holds afterwards.
pub async fn change(tx: &mut sql::Tx, (agency, office): (&str, &str), by: i64) -> Result<i64, Failure> {
    let row = tx
        .fetch_one(
            "INSERT INTO office_cash (agency, office, amount) VALUES ($1, $2, $3) \
             ON CONFLICT (agency, office) DO UPDATE SET amount = office_cash.amount + $3 RETURNING amount",
            sql::args![agency, office, by],
        )
        .await?;
    Ok(row.int(0)?)
}

/// What was taken in shifts of the office that nobody has counted yet.
pub async fn uncounted(tx: &mut sql::Tx, (agency, office): (&str, &str)) -> Result<i64, Failure> {
    let sql = "SELECT CAST(COALESCE(SUM(cash_taken.amount), 0) AS BIGINT) FROM shift \
               JOIN cash_taken ON cash_taken.shift = shift.shift \
               WHERE shift.agency = $1 AND shift.office = $2 AND shift.closed_us = 0 AND cash_taken.reversed_us = 0";
    let row = tx.fetch_one(sql, sql::args![agency, office]).await?;
    Ok(row.int(0)?)
}

/// By office.
pub async fn held(tx: &mut sql::Tx, agency: &str) -> Result<Vec<(String, i64)>, Failure> {
    let sql = "SELECT office, amount FROM office_cash WHERE agency = $1 ORDER BY office";
    let rows = tx.fetch_all(sql, sql::args![agency]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// False: this slip was entered before.
pub async fn deposit(
    tx: &mut sql::Tx,
    (agency, office): (&str, &str),
    (slip, amount): (&PaymentOrder, i64),
    (by, now): (PersonId, Time),
) -> Result<bool, Failure> {
    let inserted = tx
        .execute(
            "INSERT INTO cash_deposit (agency, office, slip_number, slip_date, amount, person, time_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            sql::args![agency, office, slip.number.clone(), slip.date.clone(), amount, by, now.micros()],
        )
        .await?;
    Ok(inserted == 1)
}

fn read_shift(row: &sql::Row) -> Result<Shift, Failure> {
    Ok(Shift {
        id: CommandId::from_slice(&row.blob(0)?)?,
        agency: row.text(1)?,
        office: row.text(2)?,
        cashier: PersonId::from_slice(&row.blob(3)?)?,
        opened: Time::from_micros(row.int(4)?),
        change: row.int(5)?,
        closed: read_time(row.int(6)?),
        counted: row.int(7)?,
        expected: row.int(8)?,
        reason: row.text(9)?,
    })
}

fn read_taken(row: &sql::Row) -> Result<Taken, Failure> {
    Ok(Taken {
        attempt: AttemptId::from_slice(&row.blob(0)?)?,
        shift: CommandId::from_slice(&row.blob(1)?)?,
        intent: IntentId::from_slice(&row.blob(2)?)?,
        amount: row.int(3)?,
        time: Time::from_micros(row.int(4)?),
        reversed: read_time(row.int(5)?),
    })
}

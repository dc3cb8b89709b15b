//! Closed days: written once, read to be shown and to be carried on, and the first moment that none of them holds.

use std::str::FromStr;

use jiff::civil::Date;
use kernel::{Failure, Hash, Time};

use crate::domain::{
    closing::{Closing, Counts, Line},
    intent::unreadable,
};

const COLUMNS: &str = "day, postings, payments, refunds, difference, previous, hash, closed_us";

/// Closes everything before `until`. Waits for those who post; whoever posts afterwards finds the day closed. False: it was closed
/// before.
pub async fn take_book(tx: &mut sql::Tx, until: Time) -> Result<bool, Failure> {
    let sql = "UPDATE book SET open_from_us = $1 WHERE one = 1 AND open_from_us < $1";
    Ok(tx.execute(sql, sql::args![until.micros()]).await? == 1)
}

pub async fn open_from(tx: &mut sql::Tx) -> Result<Time, Failure> {
    let row = tx.fetch_one("SELECT open_from_us FROM book WHERE one = 1", sql::args![]).await?;
    Ok(Time::from_micros(row.int(0)?))
}

pub async fn insert(tx: &mut sql::Tx, closing: &Closing) -> Result<(), Failure> {
    let Counts { postings, payments, refunds } = closing.counts;
    tx.execute(
        "INSERT INTO closed_day (day, postings, payments, refunds, difference, previous, hash, closed_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        sql::args![
            closing.day.to_string(),
            postings,
            payments,
            refunds,
            closing.difference,
            closing.previous,
            closing.hash,
            closing.closed.micros()
        ],
    )
    .await?;
    for line in &closing.lines {
        tx.execute(
            "INSERT INTO closed_account (day, account, currency, debits, credits, balance) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            sql::args![
                closing.day.to_string(),
                line.account.clone(),
                line.currency.clone(),
                line.debits,
                line.credits,
                line.balance
            ],
        )
        .await?;
    }
    Ok(())
}

/// One day with its lines.
pub async fn find(tx: &mut sql::Tx, day: Date) -> Result<Option<Closing>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM closed_day WHERE day = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![day.to_string()]).await?;
    whole(tx, row).await
}

/// Days before one, newest first, without their lines; `before`: empty for the newest.
pub async fn list(tx: &mut sql::Tx, before: &str, limit: i64) -> Result<Vec<Closing>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM closed_day WHERE ($1 = '' OR day < $1) ORDER BY day DESC LIMIT $2");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![before, limit]).await?;
    rows.iter().map(read).collect()
}

async fn whole(tx: &mut sql::Tx, row: Option<sql::Row>) -> Result<Option<Closing>, Failure> {
    let Some(row) = row else { return Ok(None) };
    let mut closing = read(&row)?;
    // Names of accounts are in the order of their bytes, whatever a database thinks of letters.
    let sql = "SELECT account, currency, debits, credits, balance FROM closed_account WHERE day = $1";
    let rows = tx.fetch_all(sql, sql::args![closing.day.to_string()]).await?;
    let lines = rows.iter().map(|row| {
        Ok(Line {
            account: row.text(0)?,
            currency: row.text(1)?,
            debits: row.int(2)?,
            credits: row.int(3)?,
            balance: row.int(4)?,
        })
    });
    closing.lines = lines.collect::<Result<_, Failure>>()?;
    closing.lines.sort_by(|one, other| (&one.account, &one.currency).cmp(&(&other.account, &other.currency)));
    Ok(Some(closing))
}

fn read(row: &sql::Row) -> Result<Closing, Failure> {
    Ok(Closing {
        day: Date::from_str(&row.text(0)?).map_err(|_| unreadable("closed day"))?,
        lines: Vec::new(),
        counts: Counts { postings: row.int(1)?, payments: row.int(2)?, refunds: row.int(3)? },
        difference: row.int(4)?,
        previous: Hash::from_slice(&row.blob(5)?)?,
        hash: Hash::from_slice(&row.blob(6)?)?,
        closed: Time::from_micros(row.int(7)?),
    })
}

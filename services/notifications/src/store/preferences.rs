//! How persons want to be told; whoever never said anything has no row.

use kernel::{Failure, Language, PersonId, Time};

use crate::domain::preferences::Preferences;

pub async fn of(tx: &mut sql::Tx, person: PersonId) -> Result<Preferences, Failure> {
    let sql = "SELECT sms, email, language FROM preference WHERE person = $1";
    let Some(row) = tx.fetch_optional(sql, sql::args![person]).await? else { return Ok(Preferences::default()) };
    Ok(Preferences { sms: row.bool(0)?, email: row.bool(1)?, language: Language::parse(&row.text(2)?).ok() })
}

pub async fn keep(tx: &mut sql::Tx, person: PersonId, wanted: Preferences, now: Time) -> Result<(), Failure> {
    let language = wanted.language.map(Language::tag).unwrap_or_default();
    tx.execute(
        "INSERT INTO preference (person, sms, email, language, changed_us) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (person) DO UPDATE SET sms = excluded.sms, email = excluded.email, language = excluded.language, \
         changed_us = excluded.changed_us",
        sql::args![person, wanted.sms, wanted.email, language, now],
    )
    .await?;
    Ok(())
}

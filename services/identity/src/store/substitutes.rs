//! Substitutes: for a time an officer of an agency does what another one may.

use kernel::{Failure, PersonId, Time};
use sql::{Tx, args};

use super::Store;
use crate::domain::{
    person::Appointment,
    staff::{Window, lent},
};

pub struct Substitute {
    pub person: PersonId,
    pub display_name: String,
    pub window: Window,
}

/// What an officer may because they stand in for others; `own` are their own roles.
pub(super) async fn lent_to(
    tx: &mut Tx,
    person: PersonId,
    own: &[Appointment],
    now: Time,
) -> Result<Vec<Appointment>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT a.agency, a.office, a.role, a.from_us, a.to_us, s.from_us, s.to_us
             FROM substitutes s JOIN appointments a ON a.person = s.absent AND a.agency = s.agency
             WHERE s.substitute = $1 AND s.to_us > $2",
            args![person.to_vec(), now.micros()],
        )
        .await?;
    let mut found = Vec::new();
    for row in &rows {
        let of_another = Appointment {
            agency: row.text(0)?,
            office: row.text(1)?,
            role: row.text(2)?,
            from: row.time(3)?,
            to: row.opt_time(4)?,
        };
        let window = Window { from: row.time(5)?, to: row.time(6)? };
        found.extend(lent(own, of_another, &window, now));
    }
    Ok(found)
}

/// In place of a time that it overlaps. One that is apart from it stays: nobody would notice that it was gone.
pub(super) async fn put(
    tx: &mut Tx,
    agency: &str,
    absent: PersonId,
    substitute: PersonId,
    window: &Window,
    now: Time,
) -> Result<(), Failure> {
    let kept = kept(tx, agency, absent, substitute).await?;
    if kept.is_some_and(|kept| now < kept.to && kept.is_apart_from(window)) {
        return Err(Failure::conflict(
            "identity.substitute-elsewhen",
            "They stand in for the same officer at another time already. End that first, or name somebody else.",
        ));
    }
    tx.execute(
        "INSERT INTO substitutes (agency, absent, substitute, from_us, to_us) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (agency, absent, substitute) DO UPDATE SET from_us = excluded.from_us, to_us = excluded.to_us",
        args![agency, absent.to_vec(), substitute.to_vec(), window.from.micros(), window.to.micros()],
    )
    .await?;
    Ok(())
}

async fn kept(tx: &mut Tx, agency: &str, absent: PersonId, substitute: PersonId) -> Result<Option<Window>, Failure> {
    let row = tx
        .fetch_optional(
            "SELECT from_us, to_us FROM substitutes WHERE agency = $1 AND absent = $2 AND substitute = $3",
            args![agency, absent.to_vec(), substitute.to_vec()],
        )
        .await?;
    row.map(|row| Ok(Window { from: row.time(0)?, to: row.time(1)? })).transpose()
}

/// False: nobody stood in so.
pub(super) async fn end(tx: &mut Tx, agency: &str, absent: PersonId, substitute: PersonId) -> Result<bool, Failure> {
    let ended = tx
        .execute(
            "DELETE FROM substitutes WHERE agency = $1 AND absent = $2 AND substitute = $3",
            args![agency, absent.to_vec(), substitute.to_vec()],
        )
        .await?;
    Ok(ended > 0)
}

/// Whoever stands in for a person, and for whom they stand in.
pub(super) async fn end_all(tx: &mut Tx, agency: &str, person: PersonId) -> Result<(), Failure> {
    tx.execute(
        "DELETE FROM substitutes WHERE agency = $1 AND (absent = $2 OR substitute = $2)",
        args![agency, person.to_vec()],
    )
    .await?;
    Ok(())
}

impl Store {
    /// Who stands in for a person, now or later.
    pub(super) async fn substitutes_of(
        &self,
        tx: &mut Tx,
        agency: &str,
        absent: PersonId,
    ) -> Result<Vec<Substitute>, Failure> {
        let rows = tx
            .fetch_all(
                "SELECT substitute, from_us, to_us FROM substitutes
                 WHERE agency = $1 AND absent = $2 AND to_us > $3 ORDER BY from_us, substitute",
                args![agency, absent.to_vec(), self.now().micros()],
            )
            .await?;
        let mut found = Vec::new();
        for row in &rows {
            let person = PersonId::from_slice(&row.blob(0)?)?;
            let Some((card, _)) = self.card(tx, person).await? else { continue };
            let window = Window { from: row.time(1)?, to: row.time(2)? };
            found.push(Substitute { person, display_name: card.display_name, window });
        }
        Ok(found)
    }
}

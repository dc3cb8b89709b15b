//! Officers: a login, a second factor, and roles in offices from–to.

use kernel::{Failure, Hash, PersonId, Random, Time, bytes};
use serde::{Deserialize, Serialize};
use sql::{Tx, args};

use super::{Record, Store, record, substitutes::lent_to};
use crate::domain::{person::Appointment, session::Method, totp};

/// More people than this nobody chooses one from.
const COLLEAGUES_MAX: i64 = 500;

/// What is sealed about an officer.
#[derive(Serialize, Deserialize)]
pub struct Card {
    pub display_name: String,
    /// Base32; none until the officer has enrolled.
    pub totp_secret: Option<String>,
}

pub struct Officer {
    pub display_name: String,
    /// Their own, and those of whom they stand in for.
    pub appointments: Vec<Appointment>,
}

/// A password as it is stored, with the person it belongs to.
pub struct StoredPassword {
    pub person: PersonId,
    pub phc: String,
}

impl Store {
    pub async fn password(&self, account: Hash) -> Result<Option<StoredPassword>, Failure> {
        let mut tx = self.database.read().await?;
        let row = tx
            .fetch_optional("SELECT person, phc FROM passwords WHERE account_hash = $1", args![account.to_vec()])
            .await?;
        row.map(|row| Ok(StoredPassword { person: PersonId::from_slice(&row.blob(0)?)?, phc: row.text(1)? }))
            .transpose()
    }

    /// A new password ends whatever was signed in with the one before: it may be changed because somebody else knows it.
    pub async fn set_password(&self, account: Hash, person: PersonId, phc: String) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        self.set_password_in(&mut tx, account, person, phc).await?;
        let now = self.now();
        let by_password = args![now.micros(), person.to_vec(), Method::Password.as_str().to_owned()];
        tx.execute(
            "UPDATE grants SET revoked_us = $1 WHERE revoked_us IS NULL AND session IN
             (SELECT session FROM sessions WHERE person = $2 AND method = $3 AND ended_us IS NULL)",
            by_password.clone(),
        )
        .await?;
        tx.execute(
            "UPDATE sessions SET ended_us = $1 WHERE person = $2 AND method = $3 AND ended_us IS NULL",
            by_password,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn set_password_in(
        &self,
        tx: &mut Tx,
        account: Hash,
        person: PersonId,
        phc: String,
    ) -> Result<(), Failure> {
        let now = self.now();
        tx.execute(
            "INSERT INTO passwords (account_hash, person, phc, set_us) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_hash) DO UPDATE SET phc = excluded.phc, set_us = excluded.set_us",
            args![account.to_vec(), person.to_vec(), phc, now.micros()],
        )
        .await?;
        let set = Record {
            act: "identity.password-set",
            actor: Some(person),
            through: "identity",
            subject: person.to_vec(),
            agency: "",
            purpose: "",
            detail: serde_json::json!({}),
        };
        Ok(record(tx, now, set).await?)
    }

    /// Accepts a code at most once: the step it belongs to advances in the same transaction.
    pub async fn accept_totp(&self, person: PersonId, code: &str) -> Result<bool, Failure> {
        let mut tx = self.database.begin().await?;
        let Some((card, last_step)) = self.card(&mut tx, person).await? else {
            return Ok(false);
        };
        let Some(secret) = card.totp_secret else { return Ok(false) };
        let secret = totp::from_base32(&secret)?;
        let Some(step) = totp::accept(&secret, code, last_step, self.now()) else {
            return Ok(false);
        };
        let advanced = tx
            .execute(
                "UPDATE officers SET last_step = $1 WHERE person = $2 AND last_step < $1",
                args![step, person.to_vec()],
            )
            .await?;
        tx.commit().await?;
        Ok(advanced == 1)
    }

    pub async fn officer(&self, person: PersonId) -> Result<Option<Officer>, Failure> {
        let mut tx = self.database.read().await?;
        let Some((card, _)) = self.card(&mut tx, person).await? else {
            return Ok(None);
        };
        let mut appointments = appointments(&mut tx, person).await?;
        let lent = lent_to(&mut tx, person, &appointments, self.now()).await?;
        appointments.extend(lent);
        Ok(Some(Officer { display_name: card.display_name, appointments }))
    }

    /// Who has a role in an office of an agency now, or stands in for who has; where no office is named, in any.
    pub async fn colleagues(&self, agency: &str, office: &str) -> Result<Vec<(PersonId, Officer)>, Failure> {
        let mut tx = self.database.read().await?;
        let rows = tx
            .fetch_all(
                "SELECT person FROM (
                   SELECT person FROM appointments
                   WHERE agency = $1 AND ($2 = '' OR office = $2 OR office = '') AND from_us <= $3
                     AND (to_us IS NULL OR to_us > $3)
                   UNION
                   SELECT s.substitute FROM substitutes s JOIN appointments a ON a.person = s.absent AND a.agency = s.agency
                   WHERE s.agency = $1 AND s.from_us <= $3 AND s.to_us > $3
                     AND ($2 = '' OR a.office = $2 OR a.office = '') AND a.from_us <= $3 AND (a.to_us IS NULL OR a.to_us > $3)
                 ) AS those ORDER BY person LIMIT $4",
                args![agency, office, self.now().micros(), COLLEAGUES_MAX],
            )
            .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let person = PersonId::from_slice(&row.blob(0)?)?;
            let Some((card, _)) = self.card(&mut tx, person).await? else { continue };
            let mut appointments = appointments(&mut tx, person).await?;
            let lent = lent_to(&mut tx, person, &appointments, self.now()).await?;
            appointments.extend(lent);
            found.push((person, Officer { display_name: card.display_name, appointments }));
        }
        Ok(found)
    }

    pub(crate) async fn card(&self, tx: &mut Tx, person: PersonId) -> Result<Option<(Card, i64)>, Failure> {
        let row =
            tx.fetch_optional("SELECT card, last_step FROM officers WHERE person = $1", args![person.to_vec()]).await?;
        let Some(row) = row else { return Ok(None) };
        let key = self.person_key(tx, person).await?.ok_or_else(unreadable)?;
        let plain = key.open(&row.blob(0)?, &place(person))?;
        let card = serde_json::from_slice(&plain).map_err(|_| unreadable())?;
        Ok(Some((card, row.int(1)?)))
    }

    /// Writes the officer's card; the login belongs to one person for ever.
    pub(crate) async fn put_card(
        &self,
        tx: &mut Tx,
        person: PersonId,
        login: Hash,
        card: &Card,
    ) -> Result<(), Failure> {
        let key = self.person_key(tx, person).await?.ok_or_else(unreadable)?;
        let plain = serde_json::to_vec(card).expect("a card is plain strings");
        let sealed = key.seal(&plain, &place(person), &*self.random);
        let taken = tx
            .fetch_optional(
                "SELECT 1 FROM officers WHERE login_hash = $1 AND person <> $2",
                args![login.to_vec(), person.to_vec()],
            )
            .await?;
        if taken.is_some() {
            return Err(login_taken());
        }
        tx.execute(
            "INSERT INTO officers (person, login_hash, card, last_step) VALUES ($1, $2, $3, 0)
             ON CONFLICT (person) DO UPDATE SET card = excluded.card",
            args![person.to_vec(), login.to_vec(), sealed],
        )
        .await?;
        Ok(())
    }

    pub(crate) async fn put_appointment(
        &self,
        tx: &mut Tx,
        person: PersonId,
        appointment: &Appointment,
    ) -> Result<(), Failure> {
        tx.execute(
            "INSERT INTO appointments (person, agency, office, role, from_us, to_us) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (person, agency, office, role) DO UPDATE SET from_us = excluded.from_us, to_us = excluded.to_us",
            args![
                person.to_vec(),
                appointment.agency.clone(),
                appointment.office.clone(),
                appointment.role.clone(),
                appointment.from.micros(),
                appointment.to.map(Time::micros)
            ],
        )
        .await?;
        Ok(())
    }
}

/// A person's own roles, whenever they begin and end.
pub(super) async fn appointments(tx: &mut Tx, person: PersonId) -> Result<Vec<Appointment>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT agency, office, role, from_us, to_us FROM appointments WHERE person = $1",
            args![person.to_vec()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Appointment {
                agency: row.text(0)?,
                office: row.text(1)?,
                role: row.text(2)?,
                from: Time::from_micros(row.int(3)?),
                to: row.opt_int(4)?.map(Time::from_micros),
            })
        })
        .collect()
}

pub(super) fn login_taken() -> Failure {
    Failure::conflict("identity.login-taken", "This login belongs to another person. Choose another login.")
}

/// A new second factor.
pub(crate) fn new_secret(random: &dyn Random) -> String {
    totp::to_base32(&bytes(random))
}

fn place(person: PersonId) -> Vec<u8> {
    [b"officer".as_slice(), person.as_bytes()].concat()
}

fn unreadable() -> Failure {
    Failure::internal("identity.officer-unreadable", "Stored data could not be read.")
}

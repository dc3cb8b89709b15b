//! Appointing officers, and the invitations with which they choose their password and second factor.

use std::time::Duration;

use kernel::{
    Failure, Hash, Language, PersonId,
    pinfl::{Pinfl, Sex},
};
use sql::{Tx, args};

use super::{
    Record, Store,
    officers::{Card, new_secret},
    record,
};
use crate::domain::{
    person::{Appointment, Facts},
    token::Opaque,
};

const LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub struct Appointing {
    pub pinfl: Pinfl,
    pub login: String,
    pub display_name: String,
    pub appointment: Appointment,
    /// A trial platform's demo officer: argon2 hash and base32 secret.
    pub demo: Option<(String, String)>,
}

pub struct Appointed {
    pub person: PersonId,
    /// Present until the officer has a password.
    pub invitation: Option<Opaque>,
}

/// An invitation that is still open.
pub struct Invitation {
    pub person: PersonId,
    pub account: Hash,
    pub display_name: String,
    pub totp_secret: String,
    /// Whoever accepts it has to prove first that they are this person.
    pub proof: bool,
}

impl Store {
    /// Gives a role in an office; the same request again changes nothing but the dates.
    pub async fn appoint(&self, appointing: Appointing, through: &str) -> Result<Appointed, Failure> {
        let now = self.now();
        let mut tx = self.database.begin().await?;
        let person = match self.known_with(&mut tx, appointing.pinfl.reveal()).await? {
            Some(person) => person,
            None => self.remember(&mut tx, known_from(&appointing.pinfl), Language::default()).await?,
        };
        let account = self.seals.officer_account(&appointing.login);
        let known = self.card(&mut tx, person).await?;
        let secret = known.and_then(|(card, _)| card.totp_secret);
        let demo_secret = appointing.demo.as_ref().map(|(_, secret)| secret.clone());
        let card = Card {
            display_name: appointing.display_name,
            totp_secret: Some(secret.or(demo_secret).unwrap_or_else(|| new_secret(&*self.random))),
        };
        self.put_card(&mut tx, person, account, &card).await?;
        self.put_appointment(&mut tx, person, &appointing.appointment).await?;
        let invitation = match (self.has_password(&mut tx, account).await?, appointing.demo) {
            (true, _) => None,
            (false, Some((phc, _))) => {
                self.set_password_in(&mut tx, account, person, phc).await?;
                None
            }
            (false, None) => Some(self.invite(&mut tx, person, account, false).await?),
        };
        let appointment = &appointing.appointment;
        let appointed = Record {
            act: "identity.officer-appointed",
            actor: None,
            through,
            subject: person.to_vec(),
            agency: &appointment.agency,
            purpose: "",
            detail: serde_json::json!({
                "office": appointment.office, "role": appointment.role, "from": appointment.from, "to": appointment.to,
            }),
        };
        record(&mut tx, now, appointed).await?;
        self.announce(&mut tx, person, &appointment.agency).await?;
        tx.commit().await?;
        Ok(Appointed { person, invitation })
    }

    pub(super) async fn has_password(&self, tx: &mut Tx, account: Hash) -> Result<bool, Failure> {
        let sql = "SELECT 1 FROM passwords WHERE account_hash = $1";
        Ok(tx.fetch_optional(sql, args![account.to_vec()]).await?.is_some())
    }

    /// An earlier invitation of the same person is void.
    pub(super) async fn invite(
        &self,
        tx: &mut Tx,
        person: PersonId,
        account: Hash,
        proof: bool,
    ) -> Result<Opaque, Failure> {
        let token = Opaque::new(&*self.random);
        tx.execute("DELETE FROM invitations WHERE person = $1", args![person.to_vec()]).await?;
        tx.execute(
            "INSERT INTO invitations (token_hash, person, account_hash, expires_us, proof) VALUES ($1, $2, $3, $4, $5)",
            args![
                Opaque::fingerprint(token.reveal()).to_vec(),
                person.to_vec(),
                account.to_vec(),
                self.now().plus(LIFE).micros(),
                proof
            ],
        )
        .await?;
        Ok(token)
    }

    pub async fn invitation(&self, token: &str) -> Result<Option<Invitation>, Failure> {
        let mut tx = self.database.read().await?;
        let row = tx
            .fetch_optional(
                "SELECT person, account_hash, proof FROM invitations WHERE token_hash = $1 AND expires_us > $2",
                args![Opaque::fingerprint(token).to_vec(), self.now().micros()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let person = PersonId::from_slice(&row.blob(0)?)?;
        let Some((card, _)) = self.card(&mut tx, person).await? else { return Ok(None) };
        Ok(Some(Invitation {
            person,
            account: Hash::from_slice(&row.blob(1)?)?,
            display_name: card.display_name,
            totp_secret: card.totp_secret.unwrap_or_default(),
            proof: row.int(2)? != 0,
        }))
    }

    /// Sets the password the officer chose; the invitation works once.
    pub async fn accept_invitation(&self, token: &str, invitation: &Invitation, phc: String) -> Result<bool, Failure> {
        let mut tx = self.database.begin().await?;
        let taken = tx
            .execute("DELETE FROM invitations WHERE token_hash = $1", args![Opaque::fingerprint(token).to_vec()])
            .await?;
        if taken == 0 {
            return Ok(false);
        }
        self.set_password_in(&mut tx, invitation.account, invitation.person, phc).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// What a PINFL alone says; names follow when the person signs in through a provider.
pub(crate) fn known_from(pinfl: &Pinfl) -> Facts {
    let sex = match pinfl.sex() {
        Sex::Male => "male",
        Sex::Female => "female",
    };
    Facts {
        pinfl: pinfl.reveal().to_owned().into(),
        birth_date: pinfl.birth_date().into(),
        sex: sex.to_owned(),
        ..Facts::default()
    }
}

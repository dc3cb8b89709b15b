//! Sessions: found by the hash of the browser's token, ended together with everything issued in them.

use std::time::Duration;

use kernel::{Failure, Hash, Language, PersonId, SessionId, Time};
use sql::{AssertSqlSafe, Row, Tx, args};

use super::{Record, Store, flows::FlowId, record};
use crate::domain::{
    person::Facts,
    session::{Assurance, Capacity, Method, Proof, Session, expiry},
};

pub(crate) const COLUMNS: &str =
    "s.session, s.person, s.capacity, s.assurance, s.method, s.authenticated_us, s.seen_us, s.expires_us";
/// How often a session that is used is written down as seen.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// The end of a flow in one browser.
pub struct SigningIn<'a> {
    /// The browser's new value, and the one it came with.
    pub token: &'a str,
    pub before: Option<&'a str>,
    /// The client it is done for.
    pub through: &'a str,
    pub flow: FlowId,
}

impl Store {
    pub async fn session(&self, token: &str) -> Result<Option<Session>, Failure> {
        let mut tx = self.database.read().await?;
        let sql = format!("SELECT {COLUMNS} FROM sessions s WHERE s.token_hash = $1 AND s.ended_us IS NULL");
        let row = tx.fetch_optional(AssertSqlSafe(sql), args![Hash::of(token.as_bytes()).to_vec()]).await?;
        drop(tx);
        let Some(session) = row.map(|row| read(&row, 0)).transpose()? else { return Ok(None) };
        let now = self.now();
        if !session.is_alive(now) {
            return Ok(None);
        }
        if now.since(session.seen) >= SEEN_EVERY {
            self.see(session.id, now).await?;
        }
        Ok(Some(session))
    }

    /// A use of the session's tokens counts as a sign of life, too.
    pub(crate) async fn see(&self, session: SessionId, now: Time) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        tx.execute(
            "UPDATE sessions SET seen_us = $1 WHERE session = $2 AND ended_us IS NULL",
            args![now.micros(), session.to_vec()],
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// A provider proofed somebody: the person is remembered and signed in, at once or not at all.
    pub async fn sign_in_proofed(
        &self,
        facts: Facts,
        language: Language,
        signing_in: &SigningIn<'_>,
    ) -> Result<Session, Failure> {
        let mut tx = self.database.begin().await?;
        let companies = facts.companies.clone();
        let person = self.remember(&mut tx, facts, language).await?;
        let proof =
            Proof { person, capacity: Capacity::Citizen, assurance: Assurance::Substantial, method: Method::OneId };
        let session = self.open_session(&mut tx, proof, signing_in).await?;
        self.assert_companies(&mut tx, &session, &companies, language).await?;
        tx.commit().await?;
        Ok(session)
    }

    pub async fn sign_in(&self, proof: Proof, signing_in: &SigningIn<'_>) -> Result<Session, Failure> {
        let mut tx = self.database.begin().await?;
        let session = self.open_session(&mut tx, proof, signing_in).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// The flow ends here: it signs in once. So does whoever was signed in in this browser before.
    async fn open_session(&self, tx: &mut Tx, proof: Proof, signing_in: &SigningIn<'_>) -> Result<Session, Failure> {
        let SigningIn { token, before, through, flow } = *signing_in;
        let ended = tx.execute("DELETE FROM flows WHERE flow = $1", args![flow.0.to_vec()]).await?;
        if ended == 0 {
            return Err(Failure::stale(
                "identity.flow-over",
                "This sign-in has already been completed. Go back to the service and continue there.",
            ));
        }
        self.needed(tx, proof.person).await?;
        let now = self.now();
        if let Some(before) = before {
            let sql = "SELECT session, person FROM sessions WHERE token_hash = $1 AND ended_us IS NULL";
            if let Some(row) = tx.fetch_optional(sql, args![Hash::of(before.as_bytes()).to_vec()]).await? {
                let (session, person) = (row.parsed(0, SessionId::from_slice)?, row.parsed(1, PersonId::from_slice)?);
                end(tx, session, person, through, now).await?;
            }
        }
        let session = Session {
            id: SessionId::new(&*self.clock, &*self.random),
            proof,
            authenticated: now,
            seen: now,
            expires: expiry(proof.capacity, now),
        };
        tx.execute(
            "INSERT INTO sessions (session, token_hash, person, capacity, assurance, method, authenticated_us, seen_us, expires_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
            args![
                session.id.to_vec(),
                Hash::of(token.as_bytes()).to_vec(),
                proof.person.to_vec(),
                proof.capacity.as_str().to_owned(),
                proof.assurance.as_str().to_owned(),
                proof.method.as_str().to_owned(),
                now.micros(),
                session.expires.micros()
            ],
        )
        .await?;
        let detail = serde_json::json!({
            "capacity": proof.capacity, "assurance": proof.assurance, "method": proof.method.as_str(),
        });
        let signed_in = Record {
            act: "identity.signed-in",
            actor: Some(proof.person),
            through,
            subject: session.id.to_vec(),
            agency: "",
            purpose: "",
            detail,
        };
        record(tx, now, signed_in).await?;
        Ok(session)
    }

    /// A sign-in that failed, by the keyed hash of the account that was tried.
    pub async fn record_refusal(&self, account: Hash, method: Method, through: &str) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        let refused = Record {
            act: "identity.sign-in-refused",
            actor: None,
            through,
            subject: account.to_vec(),
            agency: "",
            purpose: "",
            detail: serde_json::json!({ "method": method.as_str() }),
        };
        record(&mut tx, self.now(), refused).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the session and revokes every token issued in it.
    pub async fn end_session(&self, session: SessionId, person: PersonId, through: &str) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        end(&mut tx, session, person, through, self.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// Ends a session, once, with everything that was issued in it.
async fn end(tx: &mut Tx, session: SessionId, person: PersonId, through: &str, now: Time) -> Result<(), Failure> {
    let ended = tx
        .execute(
            "UPDATE sessions SET ended_us = $1 WHERE session = $2 AND ended_us IS NULL",
            args![now.micros(), session.to_vec()],
        )
        .await?;
    if ended == 0 {
        return Ok(());
    }
    tx.execute(
        "UPDATE grants SET revoked_us = $1 WHERE session = $2 AND revoked_us IS NULL",
        args![now.micros(), session.to_vec()],
    )
    .await?;
    let signed_out = Record {
        act: "identity.signed-out",
        actor: Some(person),
        through,
        subject: session.to_vec(),
        agency: "",
        purpose: "",
        detail: serde_json::json!({}),
    };
    Ok(record(tx, now, signed_out).await?)
}

/// Ends what a person has open as an officer; as a citizen they stay signed in. The act that it is part of is recorded.
pub(crate) async fn end_as_officer(tx: &mut Tx, person: PersonId, now: Time) -> Result<(), Failure> {
    let open = args![now.micros(), person.to_vec(), Capacity::Officer.as_str()];
    tx.execute(
        "UPDATE grants SET revoked_us = $1 WHERE revoked_us IS NULL AND session IN
         (SELECT session FROM sessions WHERE person = $2 AND capacity = $3 AND ended_us IS NULL)",
        open.clone(),
    )
    .await?;
    tx.execute("UPDATE sessions SET ended_us = $1 WHERE person = $2 AND capacity = $3 AND ended_us IS NULL", open)
        .await?;
    Ok(())
}

/// After a restore nobody knows which of them had ended: all of them end, with everything that was issued in them.
pub(crate) async fn end_all(tx: &mut Tx, now: Time) -> Result<(), Failure> {
    let now = now.micros();
    tx.execute("UPDATE sessions SET ended_us = $1 WHERE ended_us IS NULL", args![now]).await?;
    tx.execute("UPDATE grants SET revoked_us = $1 WHERE revoked_us IS NULL", args![now]).await?;
    tx.execute("DELETE FROM flows", args![]).await?;
    Ok(())
}

pub(crate) async fn is_known(tx: &mut Tx, person: &[u8]) -> Result<bool, Failure> {
    Ok(tx.fetch_optional("SELECT 1 FROM persons WHERE person = $1", args![person]).await?.is_some())
}

/// Reads `COLUMNS` from position `at`.
pub(crate) fn read(row: &Row, at: usize) -> Result<Session, Failure> {
    let unreadable = || Failure::internal("identity.session-unreadable", "The session could not be read.");
    let proof = Proof {
        person: PersonId::from_slice(&row.blob(at + 1)?)?,
        capacity: Capacity::parse(&row.text(at + 2)?).ok_or_else(unreadable)?,
        assurance: Assurance::parse(&row.text(at + 3)?).ok_or_else(unreadable)?,
        method: Method::parse(&row.text(at + 4)?).ok_or_else(unreadable)?,
    };
    Ok(Session {
        id: SessionId::from_slice(&row.blob(at)?)?,
        proof,
        authenticated: Time::from_micros(row.int(at + 5)?),
        seen: Time::from_micros(row.int(at + 6)?),
        expires: Time::from_micros(row.int(at + 7)?),
    })
}

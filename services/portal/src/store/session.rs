//! A signed-in person's session: found by the hash of an opaque id, its tokens sealed, ended by silence or age.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{CaseId, Clock, Failure, Hash, PersonId, Random, Time, bytes, sealed::CaseKey};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::domain::{acting::Principal, sign_in::Kind};

const SILENCE: Duration = Duration::from_secs(60 * 60);
const AGE: Duration = Duration::from_secs(8 * 60 * 60);
/// `used` is written at most this often: reading a page should not write.
const USED_EVERY: Duration = Duration::from_secs(60);
const REFRESH_CLAIM: Duration = Duration::from_secs(10);
const FORGET_EVERY: Duration = Duration::from_secs(600);

/// Where an officer works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Address of the queue as they narrowed it last; empty: they have not looked at it.
    pub queue: String,
    /// Their last press that took the next case: the id of its command, and the address of the task.
    pub taken: Option<(String, String)>,
}

/// What only the sealed part of a session holds.
#[derive(Clone, Serialize, Deserialize)]
pub struct Opened {
    pub form_token: String,
    pub access_token: String,
    pub access_ends: Time,
    pub refresh_token: Option<String>,
    pub id_token: String,
    pub assurance: String,
    /// Whether there is anybody else whom the person may act for.
    #[serde(default)]
    pub represents: bool,
    /// For whom the person acts; none: for themselves.
    #[serde(default)]
    pub acting: Option<Principal>,
    #[serde(default)]
    pub desk: Desk,
}

impl Opened {
    /// Opaque id of whomever the person acts for; empty: for themselves.
    pub fn acts_for(&self) -> &str {
        self.acting.as_ref().map_or("", |acting| acting.principal.as_str())
    }
}

#[derive(Clone)]
pub struct Session {
    pub id_hash: Hash,
    pub person: PersonId,
    pub kind: Kind,
    pub opened: Opened,
    /// The newest (case, version) this person has been shown: lists must not show less.
    pub seen: Option<(CaseId, i64)>,
    pub used: Time,
}

#[derive(Clone)]
pub struct Sessions {
    pub(super) database: sql::Database,
    pub(super) key: CaseKey,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

/// An id that cannot be guessed: 256 random bits.
pub(super) fn new_id(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>(random))
}

pub(super) fn unreadable(error: impl std::fmt::Display) -> Failure {
    Failure::internal("portal.session-unreadable", "Your session could not be read. Sign in again.").with_detail(error)
}

impl Sessions {
    pub fn new(database: sql::Database, key: [u8; 32], clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { database, key: CaseKey::from_bytes(key), clock, random }
    }

    /// Starts a session under a fresh id and gives the id for the cookie. `replaced`: the cookie before, which ends.
    pub async fn start(
        &self,
        person: PersonId,
        kind: Kind,
        opened: &Opened,
        replaced: Option<&str>,
    ) -> Result<String, Failure> {
        let id = new_id(self.random.as_ref());
        let id_hash = Hash::of(id.as_bytes());
        let now = self.clock.now();
        let mut tx = self.database.begin().await?;
        if let Some(replaced) = replaced {
            tx.execute("DELETE FROM sessions WHERE id_hash = $1", sql::args![Hash::of(replaced.as_bytes())]).await?;
        }
        tx.execute(
            "INSERT INTO sessions (id_hash, person, kind, sealed, started, used, ends, refreshing_until, seen_version)
             VALUES ($1, $2, $3, $4, $5, $5, $6, 0, 0)",
            sql::args![id_hash, person.to_vec(), kind.as_str(), self.seal(opened, id_hash)?, now, now.plus(AGE)],
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The living session of a cookie.
    pub async fn find(&self, id: &str) -> Result<Option<Session>, Failure> {
        let session = self.read(Hash::of(id.as_bytes())).await?;
        if let Some(session) = &session {
            self.see(session).await?;
        }
        Ok(session)
    }

    /// Whatever is done in a session is a sign of life; a file on its way is one for hours.
    pub async fn see(&self, session: &Session) -> Result<(), Failure> {
        let now = self.clock.now();
        if now.since(session.used) >= USED_EVERY {
            let mut tx = self.database.begin().await?;
            tx.execute("UPDATE sessions SET used = $2 WHERE id_hash = $1", sql::args![session.id_hash, now]).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    pub async fn read(&self, id_hash: Hash) -> Result<Option<Session>, Failure> {
        let now = self.clock.now();
        let mut tx = self.database.read().await?;
        let row = tx
            .fetch_optional(
                "SELECT person, kind, sealed, seen_case, seen_version, used FROM sessions
                 WHERE id_hash = $1 AND ends > $2 AND used > $3",
                sql::args![id_hash, now, now.minus(SILENCE)],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let seen_case = row.opt_blob(3)?.map(|case| CaseId::from_slice(&case)).transpose()?;
        let seen_version = row.int(4)?;
        Ok(Some(Session {
            id_hash,
            person: PersonId::from_slice(&row.blob(0)?)?,
            kind: Kind::parse(&row.text(1)?).ok_or_else(|| unreadable("unknown kind"))?,
            opened: self.open(&row.blob(2)?, id_hash)?,
            seen: seen_case.map(|case| (case, seen_version)),
            used: row.time(5)?,
        }))
    }

    /// Remembers what a person was shown, so that no list shows less.
    pub async fn note_seen(&self, session: &Session, case: CaseId, version: i64) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        tx.execute(
            "UPDATE sessions SET seen_case = $2, seen_version = $3 WHERE id_hash = $1",
            sql::args![session.id_hash, case.to_vec(), version],
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// From now on the person acts for somebody else, or for themselves again. What they saw as another one does not count.
    pub async fn act_for(&self, session: &Session, acting: Option<Principal>) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        let current = self.held(&mut tx, session.id_hash).await?.ok_or_else(|| unreadable("it has ended"))?;
        let opened = Opened { acting, ..current };
        tx.execute(
            "UPDATE sessions SET sealed = $2, seen_case = NULL, seen_version = 0 WHERE id_hash = $1",
            sql::args![session.id_hash, self.seal(&opened, session.id_hash)?],
        )
        .await?;
        Ok(tx.commit().await?)
    }

    pub async fn end(&self, session: &Session) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        tx.execute("DELETE FROM sessions WHERE id_hash = $1", sql::args![session.id_hash]).await?;
        Ok(tx.commit().await?)
    }

    /// Whether this request is the one that refreshes: a refresh token used twice would end the whole family.
    pub async fn claim_refresh(&self, session: &Session) -> Result<bool, Failure> {
        let now = self.clock.now();
        let mut tx = self.database.begin().await?;
        let claimed = tx
            .execute(
                "UPDATE sessions SET refreshing_until = $2 WHERE id_hash = $1 AND refreshing_until < $3",
                sql::args![session.id_hash, now.plus(REFRESH_CLAIM), now],
            )
            .await?;
        tx.commit().await?;
        Ok(claimed == 1)
    }

    /// Everything else of the session stays as it is.
    pub async fn keep_desk(&self, session: &Session, change: impl FnOnce(&mut Desk)) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        let mut current = self.held(&mut tx, session.id_hash).await?.ok_or_else(|| unreadable("it has ended"))?;
        change(&mut current.desk);
        tx.execute(
            "UPDATE sessions SET sealed = $2 WHERE id_hash = $1",
            sql::args![session.id_hash, self.seal(&current, session.id_hash)?],
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// For whom the person acts, and where they work, is theirs to change meanwhile, and stays as they chose.
    pub async fn keep_refreshed(&self, session: &Session, opened: &Opened) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        let Some(current) = self.held(&mut tx, session.id_hash).await? else { return Ok(()) };
        let opened = Opened { acting: current.acting, desk: current.desk, ..opened.clone() };
        tx.execute(
            "UPDATE sessions SET sealed = $2, refreshing_until = 0 WHERE id_hash = $1",
            sql::args![session.id_hash, self.seal(&opened, session.id_hash)?],
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// What is sealed, which nobody else changes before the transaction ends.
    async fn held(&self, tx: &mut sql::Tx, id_hash: Hash) -> Result<Option<Opened>, Failure> {
        tx.execute("UPDATE sessions SET used = used WHERE id_hash = $1", sql::args![id_hash]).await?;
        let row = tx.fetch_optional("SELECT sealed FROM sessions WHERE id_hash = $1", sql::args![id_hash]).await?;
        row.map(|row| self.open(&row.blob(0)?, id_hash)).transpose()
    }

    fn seal(&self, opened: &Opened, id_hash: Hash) -> Result<Vec<u8>, Failure> {
        let plain = serde_json::to_vec(opened).map_err(unreadable)?;
        Ok(self.key.seal(&plain, id_hash.as_bytes(), self.random.as_ref()))
    }

    fn open(&self, sealed: &[u8], id_hash: Hash) -> Result<Opened, Failure> {
        serde_json::from_slice(&self.key.open(sealed, id_hash.as_bytes())?).map_err(unreadable)
    }

    async fn forget(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let mut tx = self.database.begin().await?;
        tx.execute("DELETE FROM sessions WHERE ends <= $1 OR used <= $2", sql::args![now, now.minus(SILENCE)]).await?;
        tx.execute("DELETE FROM sign_ins WHERE ends <= $1", sql::args![now]).await?;
        Ok(tx.commit().await?)
    }
}

/// After a restore nobody knows which of them had ended.
pub async fn end_all(tx: &mut sql::Tx) -> Result<(), Failure> {
    tx.execute("DELETE FROM sessions", sql::args![]).await?;
    tx.execute("DELETE FROM sign_ins", sql::args![]).await?;
    Ok(())
}

/// Removes ended sessions from time to time; they are refused long before.
pub async fn forget_ended(sessions: Sessions, shutdown: CancellationToken) -> Result<(), Failure> {
    loop {
        sessions.forget().await?;
        tokio::select! {
            () = tokio::time::sleep(FORGET_EVERY) => {}
            () = shutdown.cancelled() => return Ok(()),
        }
    }
}

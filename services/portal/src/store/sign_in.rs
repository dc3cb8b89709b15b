//! Sign-ins under way: what was asked waits here, sealed, for the browser that began it.

use std::time::Duration;

use kernel::{Failure, Hash};

use super::session::{Sessions, new_id, unreadable};
use crate::domain::sign_in::Pending;

const AGE: Duration = Duration::from_secs(15 * 60);

impl Sessions {
    /// Gives the id for the cookie of the browser that leaves for identity.
    pub async fn begin_sign_in(&self, pending: &Pending) -> Result<String, Failure> {
        let id = new_id(self.random.as_ref());
        let id_hash = Hash::of(id.as_bytes());
        let plain = serde_json::to_vec(pending).map_err(unreadable)?;
        let sealed = self.key.seal(&plain, id_hash.as_bytes(), self.random.as_ref());
        let mut tx = self.database.begin().await?;
        tx.execute(
            "INSERT INTO sign_ins (id_hash, sealed, ends) VALUES ($1, $2, $3)",
            sql::args![id_hash, sealed, self.clock.now().plus(AGE)],
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Once: a second return with the same cookie finds nothing.
    pub async fn take_sign_in(&self, id: &str) -> Result<Option<Pending>, Failure> {
        let id_hash = Hash::of(id.as_bytes());
        let mut tx = self.database.begin().await?;
        let row = tx
            .fetch_optional(
                "SELECT sealed FROM sign_ins WHERE id_hash = $1 AND ends > $2",
                sql::args![id_hash, self.clock.now()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        tx.execute("DELETE FROM sign_ins WHERE id_hash = $1", sql::args![id_hash]).await?;
        let plain = self.key.open(&row.blob(0)?, id_hash.as_bytes())?;
        tx.commit().await?;
        Ok(Some(serde_json::from_slice(&plain).map_err(unreadable)?))
    }
}

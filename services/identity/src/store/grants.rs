//! Codes and tokens, stored only as hashes; a replay of any of them revokes its whole family.

use kernel::{Failure, Hash, Time, bytes};
use sql::{AssertSqlSafe, Row, Tx, args};

use super::{Record, Store, record, sessions};
use crate::domain::{
    authorize::Request,
    session::Session,
    token::{ACCESS_LIFE, CODE_LIFE, Grant, Opaque},
};

/// What a code was issued for.
pub struct Redeemed {
    pub grant: Grant,
    pub redirect_uri: String,
    pub challenge: String,
    pub nonce: Option<String>,
}

/// What a client is handed; the store keeps only the hashes.
pub struct Issued {
    pub access: Opaque,
    pub refresh: Opaque,
}

const GRANT: &str = "g.grant_id, g.client, g.scope, g.expires_us, g.revoked_us";

impl Store {
    pub async fn issue_code(&self, session: &Session, request: &Request) -> Result<Opaque, Failure> {
        let code = Opaque::new(&*self.random);
        let grant: [u8; 16] = bytes(&*self.random);
        let now = self.now();
        let mut tx = self.database.begin().await?;
        tx.execute(
            "INSERT INTO grants (grant_id, session, client, scope, expires_us) VALUES ($1, $2, $3, $4, $5)",
            args![
                grant.to_vec(),
                session.id.to_vec(),
                request.client.clone(),
                request.scope.clone(),
                session.expires.micros()
            ],
        )
        .await?;
        tx.execute(
            "INSERT INTO codes (code_hash, grant_id, redirect_uri, challenge, nonce, expires_us) VALUES ($1, $2, $3, $4, $5, $6)",
            args![
                Opaque::fingerprint(code.reveal()).to_vec(),
                grant.to_vec(),
                request.redirect_uri.clone(),
                request.challenge.clone(),
                request.nonce.clone(),
                now.plus(CODE_LIFE).micros()
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(code)
    }

    /// Redeems a code once. `judge` decides while the code is held; a second use, and a use that is
    /// refused, revoke everything the code gave.
    pub async fn redeem_code(
        &self,
        code: &str,
        judge: impl FnOnce(&Redeemed) -> bool,
    ) -> Result<Option<(Redeemed, Issued)>, Failure> {
        let now = self.now();
        let fingerprint = Opaque::fingerprint(code).to_vec();
        let mut tx = self.database.begin().await?;
        let sql = format!(
            "SELECT c.redirect_uri, c.challenge, c.nonce, c.expires_us, c.used_us, {GRANT}, {}
             FROM codes c JOIN grants g ON g.grant_id = c.grant_id JOIN sessions s ON s.session = g.session
             WHERE c.code_hash = $1",
            sessions::COLUMNS
        );
        let Some(row) = tx.fetch_optional(AssertSqlSafe(sql), args![fingerprint.clone()]).await? else {
            return Ok(None);
        };
        let redeemed = Redeemed {
            grant: grant(&row, 5)?,
            redirect_uri: row.text(0)?,
            challenge: row.text(1)?,
            nonce: row.opt_text(2)?,
        };
        let first = tx
            .execute(
                "UPDATE codes SET used_us = $1 WHERE code_hash = $2 AND used_us IS NULL",
                args![now.micros(), fingerprint],
            )
            .await?;
        let in_time = now < Time::from_micros(row.int(3)?);
        let alive = row.opt_int(9)?.is_none() && redeemed.grant.session.is_alive(now);
        if first == 1 && in_time && alive && judge(&redeemed) {
            let issued = self.issue(&mut tx, &redeemed.grant, now).await?;
            tx.commit().await?;
            return Ok(Some((redeemed, issued)));
        }
        let act = if first == 1 { "identity.code-refused" } else { "identity.code-replayed" };
        self.revoke(&mut tx, &redeemed.grant, act, now).await?;
        tx.commit().await?;
        Ok(None)
    }

    /// Rotates a refresh token; a replay of an old one revokes the family (RFC 9700, 4.14.2).
    pub async fn refresh(&self, token: &str, client: &str) -> Result<Option<(Grant, Issued)>, Failure> {
        let now = self.now();
        let fingerprint = Opaque::fingerprint(token).to_vec();
        let mut tx = self.database.begin().await?;
        let Some((grant, revoked)) = self.find(&mut tx, &fingerprint, "refresh", now).await? else {
            return Ok(None);
        };
        let first = tx
            .execute(
                "UPDATE tokens SET used_us = $1 WHERE token_hash = $2 AND used_us IS NULL",
                args![now.micros(), fingerprint],
            )
            .await?;
        if first == 1 && !revoked && grant.client == client && grant.session.is_alive(now) {
            let issued = self.issue(&mut tx, &grant, now).await?;
            tx.execute(
                "UPDATE sessions SET seen_us = $1 WHERE session = $2",
                args![now.micros(), grant.session.id.to_vec()],
            )
            .await?;
            tx.commit().await?;
            return Ok(Some((grant, issued)));
        }
        let act = if first == 1 { "identity.refresh-refused" } else { "identity.refresh-replayed" };
        self.revoke(&mut tx, &grant, act, now).await?;
        tx.commit().await?;
        Ok(None)
    }

    /// The grant an access token belongs to, while both and the session are alive.
    pub async fn access(&self, token: &str) -> Result<Option<Grant>, Failure> {
        let now = self.now();
        let mut tx = self.database.read().await?;
        let fingerprint = Opaque::fingerprint(token).to_vec();
        let found = self.find(&mut tx, &fingerprint, "access", now).await?;
        Ok(found.filter(|(grant, revoked)| !revoked && grant.session.is_alive(now)).map(|(grant, _)| grant))
    }

    async fn find(
        &self,
        tx: &mut Tx,
        fingerprint: &[u8],
        kind: &str,
        now: Time,
    ) -> Result<Option<(Grant, bool)>, Failure> {
        let sql = format!(
            "SELECT {GRANT}, {} FROM tokens t JOIN grants g ON g.grant_id = t.grant_id
             JOIN sessions s ON s.session = g.session
             WHERE t.token_hash = $1 AND t.kind = $2 AND t.expires_us > $3 AND s.ended_us IS NULL",
            sessions::COLUMNS
        );
        let args = args![fingerprint.to_vec(), kind.to_owned(), now.micros()];
        let Some(row) = tx.fetch_optional(AssertSqlSafe(sql), args).await? else { return Ok(None) };
        Ok(Some((grant(&row, 0)?, row.opt_int(4)?.is_some())))
    }

    async fn issue(&self, tx: &mut Tx, grant: &Grant, now: Time) -> Result<Issued, Failure> {
        let issued = Issued { access: Opaque::new(&*self.random), refresh: Opaque::new(&*self.random) };
        let access_expires = now.plus(ACCESS_LIFE).min(grant.expires);
        let rows = [(&issued.access, "access", access_expires), (&issued.refresh, "refresh", grant.expires)];
        for (token, kind, expires) in rows {
            let fingerprint: Hash = Opaque::fingerprint(token.reveal());
            tx.execute(
                "INSERT INTO tokens (token_hash, grant_id, kind, expires_us) VALUES ($1, $2, $3, $4)",
                args![fingerprint.to_vec(), grant.id.to_vec(), kind.to_owned(), expires.micros()],
            )
            .await?;
        }
        Ok(issued)
    }

    async fn revoke(&self, tx: &mut Tx, grant: &Grant, act: &'static str, now: Time) -> Result<(), Failure> {
        tx.execute(
            "UPDATE grants SET revoked_us = $1 WHERE grant_id = $2 AND revoked_us IS NULL",
            args![now.micros(), grant.id.to_vec()],
        )
        .await?;
        let revoked = Record {
            act,
            actor: Some(grant.session.proof.person),
            through: &grant.client,
            subject: grant.session.id.to_vec(),
            agency: "",
            purpose: "",
            detail: serde_json::json!({}),
        };
        Ok(record(tx, now, revoked).await?)
    }
}

/// Reads `GRANT` and, after it, the session, from position `at`.
fn grant(row: &Row, at: usize) -> Result<Grant, Failure> {
    let id = row
        .blob(at)?
        .try_into()
        .map_err(|_| Failure::internal("identity.grant-unreadable", "The authorization could not be read."))?;
    Ok(Grant {
        id,
        client: row.text(at + 1)?,
        scope: row.text(at + 2)?,
        expires: Time::from_micros(row.int(at + 3)?),
        session: sessions::read(row, at + 5)?,
    })
}

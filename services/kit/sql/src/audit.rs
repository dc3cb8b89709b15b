//! The record of acts: a hash chain over salted commitments, written as the last thing of the act's own transaction.

use kernel::{Hash, Time, id::PersonId};

use crate::{Error, Row, Tx, args};

/// One act. `detail` is JSON without personal data.
#[derive(Debug, Clone, Default)]
pub struct Act {
    pub time: Time,
    /// The person who acted, if one did.
    pub actor: Option<PersonId>,
    /// The service that acted, if no person did or on whose word it rests.
    pub service_actor: Option<String>,
    /// `case.opened`, `task.decided`, …
    pub act: String,
    /// What was acted upon: an id.
    pub subject: Vec<u8>,
    pub agency: String,
    pub purpose: Option<String>,
    pub detail: String,
}

/// Adds the act to the transaction. It is written at commit, so that the chain's head is locked as shortly as possible.
#[expect(clippy::unused_async, reason = "callers treat every store operation alike")]
pub async fn append(tx: &mut Tx, act: &Act) -> Result<(), Error> {
    tx.acts.push(act.clone());
    Ok(())
}

pub(crate) async fn write(tx: &mut Tx) -> Result<(), Error> {
    let acts = std::mem::take(&mut tx.acts);
    if acts.is_empty() {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO audit_head (one, last, hash) VALUES (1, 0, $1) ON CONFLICT (one) DO NOTHING",
        args![Hash::of(b"")],
    )
    .await?;
    let head = tx.fetch_one("UPDATE audit_head SET last = last WHERE one = 1 RETURNING last, hash", args![]).await?;
    let mut last = head.int(0)?;
    let mut hash = head.parsed(1, Hash::from_slice)?;
    for act in acts {
        last += 1;
        hash = write_one(tx, last, hash, act).await?;
    }
    tx.execute("UPDATE audit_head SET last = $1, hash = $2 WHERE one = 1", args![last, hash]).await?;
    Ok(())
}

async fn write_one(tx: &mut Tx, sequence: i64, previous: Hash, act: Act) -> Result<Hash, Error> {
    let salt = tx.salt().await?;
    let commitment = commitment(&salt, &act);
    let hash = link(previous, sequence, act.time, &act.act, &act.agency, commitment);
    tx.execute(
        "INSERT INTO audit (sequence, time, act, agency, actor, service_actor, subject, purpose, detail, salt, commitment, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            sequence,
            act.time,
            act.act,
            act.agency,
            act.actor,
            act.service_actor,
            act.subject,
            act.purpose,
            act.detail,
            salt,
            commitment,
            hash
        ],
    )
    .await?;
    Ok(hash)
}

fn commitment(salt: &[u8], act: &Act) -> Hash {
    Hash::of_parts(&[
        salt,
        act.actor.as_ref().map_or(&[], |actor| actor.as_bytes().as_slice()),
        act.service_actor.as_deref().unwrap_or_default().as_bytes(),
        &act.subject,
        act.purpose.as_deref().unwrap_or_default().as_bytes(),
        act.detail.as_bytes(),
    ])
}

fn link(previous: Hash, sequence: i64, time: Time, act: &str, agency: &str, commitment: Hash) -> Hash {
    Hash::of_parts(&[
        previous.as_bytes(),
        &sequence.to_be_bytes(),
        &time.micros().to_be_bytes(),
        act.as_bytes(),
        agency.as_bytes(),
        commitment.as_bytes(),
    ])
}

/// What a whole chain proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    pub acts: i64,
    pub head: Hash,
    /// Rows whose content was lawfully erased: their place in the chain is proved, their content no longer.
    pub erased: i64,
}

/// Recomputes the chain from its first act; the error names the first row that does not fit.
pub async fn verify(tx: &mut Tx) -> Result<Proof, Error> {
    let mut proof = Proof { acts: 0, head: Hash::of(b""), erased: 0 };
    loop {
        let rows = tx
            .fetch_all(
                "SELECT sequence, time, act, agency, actor, service_actor, subject, purpose, detail, salt, commitment, hash
                 FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT 1000",
                args![proof.acts],
            )
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            verify_row(&mut proof, row)?;
        }
    }
    let head = tx.fetch_optional("SELECT last, hash FROM audit_head WHERE one = 1", args![]).await?;
    let (last, hash) = match head {
        Some(head) => (head.int(0)?, head.parsed(1, Hash::from_slice)?),
        None => (0, Hash::of(b"")),
    };
    if last != proof.acts || hash != proof.head {
        return Err(Error::Other(format!("the audit chain ends at {} but its head names {last}", proof.acts)));
    }
    Ok(proof)
}

fn verify_row(proof: &mut Proof, row: &Row) -> Result<(), Error> {
    let sequence = row.int(0)?;
    let stored = row.parsed(10, Hash::from_slice)?;
    let broken = |what: &str| Error::Other(format!("audit row {sequence}: {what}"));
    if sequence != proof.acts + 1 {
        return Err(broken("rows are missing before it"));
    }
    match row.opt_blob(9)? {
        None => proof.erased += 1,
        Some(salt) => {
            if commitment(&salt, &act_of(row)?) != stored {
                return Err(broken("its content was changed"));
            }
        }
    }
    let hash = link(proof.head, sequence, row.time(1)?, &row.text(2)?, &row.text(3)?, stored);
    if hash != row.parsed(11, Hash::from_slice)? {
        return Err(broken("it does not follow from the row before"));
    }
    proof.acts = sequence;
    proof.head = hash;
    Ok(())
}

fn act_of(row: &Row) -> Result<Act, Error> {
    let actor = row.opt_blob(4)?;
    Ok(Act {
        time: row.time(1)?,
        actor: actor
            .map(|id| PersonId::from_slice(&id))
            .transpose()
            .map_err(|failure| Error::Other(failure.to_string()))?,
        service_actor: row.opt_text(5)?,
        act: row.text(2)?,
        subject: row.opt_blob(6)?.unwrap_or_default(),
        agency: row.text(3)?,
        purpose: row.opt_text(7)?,
        detail: row.opt_text(8)?.unwrap_or_default(),
    })
}

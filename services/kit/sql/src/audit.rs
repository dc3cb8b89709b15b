//! The record of acts: a hash chain over salted commitments, written as the last thing of the act's own transaction.

use kernel::{Hash, Time, id::PersonId};

use crate::{Error, Row, Tx, args};

const ROWS_TOGETHER: i64 = 1000;

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

/// The hash of an act that follows on another one's: whoever was told the rows of a chain can recompute it.
pub fn link(previous: Hash, sequence: i64, time: Time, act: &str, agency: &str, commitment: Hash) -> Hash {
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
    /// When its first and its last act were.
    pub first: Option<Time>,
    pub last: Option<Time>,
}

impl Proof {
    /// Of a chain without acts.
    pub fn start() -> Self {
        Self { acts: 0, head: Hash::of(b""), erased: 0, first: None, last: None }
    }
}

/// Where a chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    pub sequence: i64,
    pub why: &'static str,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "audit row {}: {}", self.sequence, self.why)
    }
}

/// A chain as far as it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    pub proof: Proof,
    /// The first row that does not fit.
    pub broken: Option<Broken>,
    /// Of the act that was asked for, if the chain reaches so far.
    pub hash_at: Option<Hash>,
}

/// Recomputes the chain from its first act; the error names the first row that does not fit.
pub async fn verify(tx: &mut Tx) -> Result<Proof, Error> {
    let examined = examine(tx, 0).await?;
    match examined.broken {
        None => Ok(examined.proof),
        Some(broken) => Err(Error::Other(broken.to_string())),
    }
}

/// Recomputes the chain from its first act to the first that does not fit; `at`: of which act the hash is wanted.
pub async fn examine(tx: &mut Tx, at: i64) -> Result<Examined, Error> {
    let start = Proof::start();
    let mut examined = Examined { proof: start, broken: None, hash_at: (at == 0).then_some(start.head) };
    loop {
        let rows = read(tx, examined.proof.acts, ROWS_TOGETHER).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if let Err(why) = follows(&mut examined.proof, row) {
                examined.broken = Some(Broken { sequence: row.sequence, why });
                return Ok(examined);
            }
            if row.sequence == at {
                examined.hash_at = Some(row.hash);
            }
        }
    }
    let proof = examined.proof;
    if head(tx).await? != (proof.acts, proof.head) {
        let why = "the chain ends before it, and its head names another end";
        examined.broken = Some(Broken { sequence: proof.acts + 1, why });
    }
    Ok(examined)
}

/// One act as it stands in its chain.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub sequence: i64,
    /// Without content where that was lawfully erased.
    pub act: Act,
    /// What the content is proved with; it goes with the content.
    salt: Option<Vec<u8>>,
    pub commitment: Hash,
    pub hash: Hash,
}

/// Acts after a place, in their order. A sequence is given at commit, under the head's lock: none appears later before another.
pub async fn read(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Recorded>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT sequence, time, act, agency, actor, service_actor, subject, purpose, detail, salt, commitment, hash
             FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            args![after, limit],
        )
        .await?;
    rows.iter().map(recorded).collect()
}

/// Where the chain ends: the sequence and the hash of its last act.
pub async fn head(tx: &mut Tx) -> Result<(i64, Hash), Error> {
    let head = tx.fetch_optional("SELECT last, hash FROM audit_head WHERE one = 1", args![]).await?;
    head.map_or(Ok((0, Hash::of(b""))), |head| Ok((head.int(0)?, head.parsed(1, Hash::from_slice)?)))
}

fn recorded(row: &Row) -> Result<Recorded, Error> {
    Ok(Recorded {
        sequence: row.int(0)?,
        act: act_of(row)?,
        salt: row.opt_blob(9)?,
        commitment: row.parsed(10, Hash::from_slice)?,
        hash: row.parsed(11, Hash::from_slice)?,
    })
}

/// Goes one act further, or says why it does not fit.
fn follows(proof: &mut Proof, row: &Recorded) -> Result<(), &'static str> {
    let act = &row.act;
    if row.sequence != proof.acts + 1 {
        return Err("rows are missing before it");
    }
    match &row.salt {
        None if is_empty(act) => proof.erased += 1,
        None => return Err("its content cannot be proved"),
        Some(salt) if commitment(salt, act) != row.commitment => return Err("its content was changed"),
        Some(_) => {}
    }
    if link(proof.head, row.sequence, act.time, &act.act, &act.agency, row.commitment) != row.hash {
        return Err("it does not follow from the row before");
    }
    proof.acts = row.sequence;
    proof.head = row.hash;
    proof.first = proof.first.or(Some(act.time));
    proof.last = Some(act.time);
    Ok(())
}

/// An erased act has its time, its name and its agency, and nothing else.
fn is_empty(act: &Act) -> bool {
    act.actor.is_none()
        && act.service_actor.is_none()
        && act.subject.is_empty()
        && act.purpose.is_none()
        && act.detail.is_empty()
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

//! Who asked which registry about whom, for what, and what came of it: the citizen's own record.

use std::collections::BTreeMap;

use kernel::{Hash, Time, id::PersonId};
use sql::{Action, Error, Tx, args};

/// What `erase` does, as the table itself allows it: the salt goes, everything else stays.
pub(super) const ERASES: &str = "length(NEW.salt) = 0 AND NEW.id = OLD.id AND NEW.time = OLD.time
    AND NEW.person IS NOT DISTINCT FROM OLD.person AND NEW.asking_agency = OLD.asking_agency
    AND NEW.service = OLD.service AND NEW.owner = OLD.owner AND NEW.registry = OLD.registry
    AND NEW.operation = OLD.operation AND NEW.purpose = OLD.purpose AND NEW.legal_basis = OLD.legal_basis
    AND NEW.case_id = OLD.case_id AND NEW.cause = OLD.cause AND NEW.outcome = OLD.outcome AND NEW.code = OLD.code
    AND NEW.fields = OLD.fields AND NEW.grant_hash IS NOT DISTINCT FROM OLD.grant_hash
    AND NEW.commitment = OLD.commitment";

/// What a row says to whoever reads it, in every language it was said in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    ByLanguage(BTreeMap<String, String>),
    /// As releases kept them that knew the case's language only.
    Plain(String),
}

impl Default for Words {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl Words {
    pub fn of(text: &proto::Text) -> Self {
        Self::ByLanguage(text.by_language.clone())
    }

    fn read(kept: String) -> Self {
        serde_json::from_str(&kept).map_or(Self::Plain(kept), Self::ByLanguage)
    }

    fn kept(&self) -> String {
        match self {
            Self::ByLanguage(words) => serde_json::to_string(words).expect("a map of texts is JSON"),
            Self::Plain(words) => words.clone(),
        }
    }

    pub fn text(&self) -> Option<proto::Text> {
        match self {
            Self::ByLanguage(words) => Some(proto::Text { by_language: words.clone() }),
            Self::Plain(_) => None,
        }
    }

    pub fn plain(&self) -> String {
        match self {
            Self::ByLanguage(_) => String::new(),
            Self::Plain(words) => words.clone(),
        }
    }
}

/// One call. Question and answer are not kept: only a salted commitment to them.
#[derive(Debug, Clone, Default)]
pub struct Use {
    pub time: Time,
    pub person: Option<PersonId>,
    pub asking_agency: String,
    pub service: String,
    pub owner: String,
    pub registry: String,
    pub operation: String,
    pub purpose: Words,
    pub legal_basis: Words,
    pub case_id: Vec<u8>,
    pub cause: Vec<u8>,
    pub outcome: String,
    pub code: String,
    /// Names of the fields that were passed on.
    pub fields: Vec<String>,
    pub grant: Option<Hash>,
    /// No registry was asked: an officer opened the case.
    pub opened: Option<Opened>,
}

/// As what an officer opened a case, or a document of it, or found it when they looked for people; never who.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    pub office: String,
    pub role: String,
    /// Name of the document; empty: the case.
    pub document: String,
    pub reasoned: bool,
    /// It was found, and not opened.
    pub searched: bool,
}

/// What came of it, as rows say it.
const OPENED: &str = "opened";
const SEARCHED: &str = "searched";

/// Keeps the row; returns the commitment that proves what was asked and answered, to whoever holds both.
pub async fn record(tx: &mut Tx, used: &Use, salt: [u8; 16], input: &[u8], output: &[u8]) -> Result<Hash, Error> {
    let commitment = Hash::of_parts(&[&salt, input, output]);
    tx.execute(
        "INSERT INTO data_use (time, person, asking_agency, service, owner, registry, operation, purpose, legal_basis,
                               case_id, cause, outcome, code, fields, grant_hash, salt, commitment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        args![
            used.time,
            used.person,
            &used.asking_agency,
            &used.service,
            &used.owner,
            &used.registry,
            &used.operation,
            used.purpose.kept(),
            used.legal_basis.kept(),
            &used.case_id,
            &used.cause,
            &used.outcome,
            &used.code,
            used.fields.join(" "),
            used.grant,
            salt.to_vec(),
            commitment
        ],
    )
    .await?;
    Ok(commitment)
}

/// Keeps an opening, or that a case was found, among the calls, so that all are one list. There is nothing to prove about it here:
/// the audit of the e-service or the docket holds it.
pub async fn record_opening(tx: &mut Tx, used: &Use, opened: &Opened) -> Result<(), Error> {
    let row = tx
        .fetch_one(
            "INSERT INTO data_use (time, person, asking_agency, service, owner, registry, operation, purpose, legal_basis,
                                   case_id, cause, outcome, code, fields, salt, commitment)
             VALUES ($1, $2, $3, $4, $5, '', '', $6, '', $7, $8, $10, '', '', $9, $9) RETURNING id",
            args![
                used.time,
                used.person,
                &used.asking_agency,
                &used.service,
                &used.owner,
                used.purpose.kept(),
                &used.case_id,
                &used.cause,
                Vec::<u8>::new(),
                if opened.searched { SEARCHED } else { OPENED }
            ],
        )
        .await?;
    tx.execute(
        "INSERT INTO openings (id, office, role, document, reasoned) VALUES ($1, $2, $3, $4, $5)",
        args![row.int(0)?, &opened.office, &opened.role, &opened.document, opened.reasoned],
    )
    .await?;
    Ok(())
}

/// Makes the commitments of a case's calls unprovable, because short answers could be guessed from them, and forgets the
/// answers that were kept. The rows stay: they are the citizen's own record of who looked.
pub async fn erase(tx: &mut Tx, case: &[u8]) -> Result<(), Error> {
    let asked = "SELECT DISTINCT asking_agency, service, cause FROM data_use WHERE case_id = $1";
    let asked = tx.fetch_all(asked, args![case]).await?;
    for row in &asked {
        let (agency, service, cause) = (row.text(0)?, row.text(1)?, row.blob(2)?);
        sql::answers::erase(tx, Action::of_service(&agency, &service, &cause)).await?;
    }
    tx.execute("UPDATE data_use SET salt = $2 WHERE case_id = $1", args![case, Vec::<u8>::new()]).await?;
    tx.destroys();
    Ok(())
}

/// Rows that are ended together.
const TOGETHER: i64 = 500;

/// Rows from before a moment that can still be proved, the oldest first. A legal hold that stands on their case keeps them.
pub async fn over(tx: &mut Tx, before: Time, now: Time) -> Result<Vec<i64>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT id FROM data_use
             WHERE length(salt) > 0 AND time < $1
               AND NOT EXISTS (SELECT 1 FROM held WHERE held.case_id = data_use.case_id AND (until_us IS NULL OR until_us > $2))
             ORDER BY time LIMIT $3",
            args![before, now, TOGETHER],
        )
        .await?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// Makes the commitments of these rows unprovable and forgets the answers that were kept for them, as the end of their case does.
pub async fn end(tx: &mut Tx, rows: &[i64]) -> Result<(), Error> {
    for id in rows {
        let asked = "SELECT asking_agency, service, cause FROM data_use WHERE id = $1";
        let row = tx.fetch_one(asked, args![*id]).await?;
        let (agency, service, cause) = (row.text(0)?, row.text(1)?, row.blob(2)?);
        sql::answers::erase(tx, Action::of_service(&agency, &service, &cause)).await?;
        tx.execute("UPDATE data_use SET salt = $2 WHERE id = $1", args![*id, Vec::<u8>::new()]).await?;
    }
    tx.destroys();
    Ok(())
}

/// Somebody acts for the principal in this case: what is asked about the one is the other's business, too.
pub async fn represent(tx: &mut Tx, case: &[u8], principal: PersonId) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO represented (case_id, principal) VALUES ($1, $2) ON CONFLICT (case_id) DO NOTHING",
        args![case, principal],
    )
    .await?;
    Ok(())
}

fn unreadable(failure: kernel::Failure) -> Error {
    Error::Other(failure.to_string())
}

/// A person's rows, and those about whoever acts for them; newest first, before the row `before`.
pub async fn of_person(tx: &mut Tx, person: PersonId, before: i64, limit: i64) -> Result<Vec<(i64, Use)>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT data_use.id, time, asking_agency, service, owner, registry, operation, purpose, legal_basis, case_id,
                    outcome, code, fields, cause, openings.id, office, role, document, reasoned, person
             FROM data_use LEFT JOIN openings ON openings.id = data_use.id
             WHERE (person = $1 OR case_id IN (SELECT case_id FROM represented WHERE principal = $1))
               AND data_use.id < $2 ORDER BY data_use.id DESC LIMIT $3",
            args![person, before, limit],
        )
        .await?;
    let read = |row: &sql::Row| {
        let used = Use {
            time: row.time(1)?,
            person: row.opt_blob(19)?.map(|id| PersonId::from_slice(&id)).transpose().map_err(unreadable)?,
            asking_agency: row.text(2)?,
            service: row.text(3)?,
            owner: row.text(4)?,
            registry: row.text(5)?,
            operation: row.text(6)?,
            purpose: Words::read(row.text(7)?),
            legal_basis: Words::read(row.text(8)?),
            case_id: row.blob(9)?,
            outcome: row.text(10)?,
            code: row.text(11)?,
            fields: row.text(12)?.split_whitespace().map(str::to_owned).collect(),
            cause: row.blob(13)?,
            opened: row.opt_int(14)?.is_some().then(|| opened(row)).transpose()?,
            ..Use::default()
        };
        Ok((row.int(0)?, used))
    };
    rows.iter().map(read).collect()
}

fn opened(row: &sql::Row) -> Result<Opened, Error> {
    Ok(Opened {
        office: row.text(15)?,
        role: row.text(16)?,
        document: row.text(17)?,
        reasoned: row.bool(18)?,
        searched: row.text(10)? == SEARCHED,
    })
}

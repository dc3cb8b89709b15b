//! The register's word that a revision was admitted, and every service's own copy of what was admitted.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Failure, Hash, Kept, Time};
use proto::register::v1::{ReadRevisionRequest, Revision, operations::READ_REVISION};
use serde::{Deserialize, Serialize};
use sql::{Database, args};

use crate::Bus;

const REGISTER: &str = "register";
const TYPE: &str = "xizmat-admission+jws";
/// Copies in memory, of at most a megabyte each: whoever needs one often keeps what it made of it.
const COPIES_MAX: usize = 128;

/// An admitted revision: its bytes hash to its name, and the register signed hash, owner, name and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    pub revision: Hash,
    pub agency: String,
    pub service: String,
    /// Canonical JSON (RFC 8785).
    pub definition: Vec<u8>,
    pub admitted: Time,
    /// Compact JWS (RFC 7515), Ed25519.
    pub admission: String,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Claims {
    agency: String,
    hash: Hash,
    service: String,
    time: i64,
}

impl Bus {
    /// Signs an admission with this role's key; others believe it only from the register.
    pub fn sign_admission(&self, revision: Hash, agency: &str, service: &str, time: Time) -> String {
        let header = Header { alg: "EdDSA".into(), kid: self.key().kid().to_owned(), typ: TYPE.into() };
        let claims =
            Claims { agency: agency.to_owned(), hash: revision, service: service.to_owned(), time: time.micros() };
        let encode =
            |json: Result<Vec<u8>, serde_json::Error>| URL_SAFE_NO_PAD.encode(json.expect("a struct of texts is JSON"));
        let signed = format!("{}.{}", encode(serde_json::to_vec(&header)), encode(serde_json::to_vec(&claims)));
        let signature = self.key().sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn check(&self, admitted: &Admitted) -> Result<(), Failure> {
        if Hash::of(&admitted.definition) != admitted.revision {
            return Err(refused("its bytes do not fit its hash"));
        }
        let malformed = || refused("its admission is malformed");
        let (signed, signature) = admitted.admission.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed());
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| malformed())?;
        let claims: Claims = serde_json::from_slice(&decode(claims)?).map_err(|_| malformed())?;
        let signature: [u8; 64] = decode(signature)?.try_into().map_err(|_| malformed())?;
        let expected = Claims {
            agency: admitted.agency.clone(),
            hash: admitted.revision,
            service: admitted.service.clone(),
            time: admitted.admitted.micros(),
        };
        if header.alg != "EdDSA" || header.typ != TYPE || claims != expected {
            return Err(refused("its admission speaks of something else"));
        }
        let signer = self.trusted().verify(&header.kid, admitted.admitted, signed.as_bytes(), &signature)?;
        if signer.role == REGISTER { Ok(()) } else { Err(refused("it was not admitted by the register")) }
    }
}

fn refused(why: &str) -> Failure {
    Failure::forbidden("revision.not-admitted", format!("The revision is refused: {why}."))
}

/// A service's copies of admitted revisions; the signature is checked again whenever one is read from the database.
pub struct Revisions {
    bus: Bus,
    database: Database,
    read: Kept<Hash, Arc<Admitted>>,
}

impl Revisions {
    pub fn new(bus: Bus, database: Database) -> Self {
        Self { bus, database, read: Kept::at_most(COPIES_MAX) }
    }

    pub async fn read(&self, revision: Hash) -> Result<Arc<Admitted>, Failure> {
        if let Some(known) = self.read.get(&revision) {
            return Ok(known);
        }
        let admitted = match self.copy(revision).await? {
            Some(copy) => {
                self.bus.check(&copy)?;
                copy
            }
            None => self.fetch(revision).await?,
        };
        let admitted = Arc::new(admitted);
        self.read.put(revision, admitted.clone());
        Ok(admitted)
    }

    async fn copy(&self, revision: Hash) -> Result<Option<Admitted>, Failure> {
        let mut tx = self.database.read().await?;
        let select = "SELECT agency, service, definition, admitted, admission FROM revisions WHERE revision = $1";
        let Some(row) = tx.fetch_optional(select, args![revision]).await? else { return Ok(None) };
        Ok(Some(Admitted {
            revision,
            agency: row.text(0)?,
            service: row.text(1)?,
            definition: row.blob(2)?,
            admitted: row.time(3)?,
            admission: row.text(4)?,
        }))
    }

    async fn fetch(&self, revision: Hash) -> Result<Admitted, Failure> {
        let question = ReadRevisionRequest { revision: revision.to_vec() };
        let answer: Revision = self.bus.request(&READ_REVISION, "platform", &question).await?;
        let admitted = Admitted {
            revision,
            agency: answer.agency,
            service: answer.service,
            definition: answer.definition,
            admitted: Time::from_micros(answer.admitted_us),
            admission: answer.admission,
        };
        self.bus.check(&admitted)?;
        let mut tx = self.database.begin().await?;
        tx.execute(
            "INSERT INTO revisions (revision, agency, service, definition, admitted, admission)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (revision) DO NOTHING",
            args![
                revision,
                &admitted.agency,
                &admitted.service,
                &admitted.definition,
                admitted.admitted,
                &admitted.admission
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(admitted)
    }
}

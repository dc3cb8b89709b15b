//! The holder's download, and what anyone needs to verify documents offline.

use std::sync::Arc;

use ::bus::{Assurance, Call, Person};
use api::Assurance as Demanded;
use kernel::{Failure, Time, id::DocumentId};
use proto::{
    Empty,
    signing::v1::{DocumentChunk, ReadDocumentRequest, Trust},
};
use sql::audit;

use super::{FRESH, Office, admitted, reader::may_read, status_list, unknown_document};
use crate::{
    domain::ca,
    store::{
        documents::{self, Stored},
        seals,
    },
};

/// A message holds a megabyte; a longer list is read in parts.
const LIST_BYTES_MAX: usize = 512 * 1024;

/// One chunk of a document for its holder, for who acts for them, or for an officer of one of its case's tasks.
pub async fn document(office: &Arc<Office>, call: Call<ReadDocumentRequest>) -> Result<DocumentChunk, Failure> {
    let person = call.person()?;
    let id = DocumentId::from_slice(&call.request.document_id).map_err(|_| unknown_document())?;
    let mut tx = office.database.read().await?;
    let found = documents::by_id(&mut tx, id).await?.filter(|document| !document.wrapped_key.is_empty());
    drop(tx);
    let allowed = match &found {
        Some(document) => may_read(&**office, document, person).await?,
        None => false,
    };
    let Some(document) = found.filter(|_| allowed) else {
        note(office, person, id, "document.refused", "platform", None).await?;
        return Err(unknown_document());
    };
    assured(office, person, &document).await?;
    if call.request.offset == 0 {
        note(office, person, id, "document.read", &document.agency, Some(&document)).await?;
    }
    chunk(office, &document, call.request.offset).await
}

/// One chunk of a document, for whom the caller has judged.
pub async fn chunk(office: &Office, document: &Stored, offset: i64) -> Result<DocumentChunk, Failure> {
    let size = i64::try_from(files::CHUNK_BYTES).unwrap_or(i64::MAX);
    if offset < 0 || offset % size != 0 {
        return Err(Failure::invalid("document.offset", "The offset is a multiple of 262144."));
    }
    let key = office.document_key(document)?;
    let mut tx = office.database.read().await?;
    let bytes = files::chunk(&mut tx, document.id.as_bytes(), &key, document.hash, offset / size).await?;
    let bytes = bytes.ok_or_else(|| Failure::invalid("document.offset", "The offset is beyond the document's end."))?;
    let file_name = format!("{}.pdf", document.number.replace('/', "-"));
    Ok(DocumentChunk { bytes, size: document.size, file_name, hash: document.hash.to_vec() })
}

/// A document is shown to a session that is as sure as its service demands: a password alone must not fetch it.
async fn assured(office: &Office, person: &Person, document: &Stored) -> Result<(), Failure> {
    let admitted = office.revisions.read(document.revision).await?;
    let definition = admitted::definition(&admitted)?;
    let demanded = match definition.spec.access.assurance {
        Demanded::None | Demanded::Low => Assurance::Low,
        Demanded::Substantial => Assurance::Substantial,
        Demanded::High => Assurance::High,
    };
    if person.assurance >= demanded {
        return Ok(());
    }
    Err(Failure::forbidden("service.assurance", "This service needs a confirmed identity. Sign in with OneID."))
}

/// Whoever reads for the holder is named beside them.
async fn note(
    office: &Office,
    person: &Person,
    document: DocumentId,
    act: &str,
    agency: &str,
    read: Option<&Stored>,
) -> Result<(), Failure> {
    let detail = match read {
        None => serde_json::json!({}),
        Some(read) if person.officer || read.holder == person.actor => serde_json::json!({"case": read.case}),
        Some(read) => serde_json::json!({"case": read.case, "applicant": read.holder, "representative": person.actor}),
    };
    let mut tx = office.database.begin().await?;
    let act = audit::Act {
        time: office.clock.now(),
        actor: Some(person.actor),
        service_actor: Some("portal".into()),
        act: act.to_owned(),
        subject: document.to_vec(),
        agency: agency.to_owned(),
        detail: detail.to_string(),
        ..audit::Act::default()
    };
    audit::append(&mut tx, &act).await?;
    Ok(tx.commit().await?)
}

/// Root, issuing certificate, revocation list and status list.
pub async fn trust(office: &Arc<Office>, _call: Call<Empty>) -> Result<Trust, Failure> {
    let now = office.clock.now();
    let list = status_list::made(office, "", 0).await?.list;
    let fits = list.len() <= LIST_BYTES_MAX;
    let authority = &office.authority;
    Ok(Trust {
        root_pem: authority.root_pem.clone(),
        issuing_pem: authority.issuing_pem.clone(),
        crl: revocation_list(office, now).await?,
        status_list: if fits { list.to_string() } else { String::new() },
    })
}

/// The current revocation list. Its number rises with the minute it was made in.
pub async fn revocation_list(office: &Office, now: Time) -> Result<Vec<u8>, Failure> {
    let mut tx = office.database.read().await?;
    let revoked = seals::revoked(&mut tx).await?;
    let withdrawn: Vec<_> = revoked.into_iter().map(|(serial, at)| ca::Withdrawn { serial, at }).collect();
    let minute = u64::try_from(now.micros() / 1_000_000).unwrap_or_default() / FRESH.as_secs();
    ca::revocation_list(&office.authority.issuing, &*office.authority.key, minute, &withdrawn, now)
}

//! Withdraws a document, with its reason, for good.

use std::sync::Arc;

use ::bus::Call;
use api::Text;
use kernel::{Failure, id::DocumentId};
use prost::Message;
use proto::signing::v1::{Document as Issued, RevokeDocumentRequest};
use sql::{answers, audit};

use super::{
    Office,
    admitted::{self, Asked},
    unknown_document,
};
use crate::store::documents;

const REASON_CHARS_MAX: usize = 500;

pub async fn revoke(office: &Arc<Office>, call: Call<RevokeDocumentRequest>) -> Result<Issued, Failure> {
    let request = &call.request;
    let asked = admitted::asked(request.action.as_ref(), &call.agency)?;
    let id = DocumentId::from_slice(&request.document_id).map_err(|_| unknown_document())?;
    let reason = request.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Failure::invalid("document.reason", "A withdrawal needs a reason of at most 500 letters."));
    }
    let by = match request.superseded_by.as_slice() {
        [] => None,
        bytes => Some(DocumentId::from_slice(bytes)?),
    };
    let told = reason_of(office, &asked, id, reason).await?;
    let now = office.clock.now();
    let mut tx = office.database.begin().await?;
    if let Some(kept) = answers::recall(&mut tx, asked.action(), &call.body_hash).await? {
        return Issued::decode(kept.as_slice())
            .map_err(|error| Failure::internal("document.answer", "A kept answer cannot be read.").with_detail(error));
    }
    let document = documents::by_id(&mut tx, id).await?;
    let document = document.filter(|document| document.owner == asked.agency && document.case == asked.case);
    let document = document.ok_or_else(unknown_document)?;
    let status = if by.is_some() { "superseded" } else { "revoked" };
    if !documents::withdraw(&mut tx, id, status, &told, by, now).await? {
        return Err(Failure::conflict("document.withdrawn", "The document was withdrawn before."));
    }
    let titles: Text = serde_json::from_str(&document.titles).unwrap_or_default();
    // Without the code: whoever withdraws does not need it, and a kept answer is not sealed.
    let answer = Issued {
        document_id: id.to_vec(),
        number: document.number.clone(),
        code: String::new(),
        title: titles.in_language(&document.language).to_owned(),
        hash: document.hash.to_vec(),
        size: document.size,
        sealed_us: document.sealed.micros(),
        status: status.to_owned(),
    };
    answers::keep(&mut tx, asked.action(), &call.body_hash, &answer.encode_to_vec(), now).await?;
    let detail = serde_json::json!({
        "case": document.case, "number": document.number, "status": status, "service": document.service,
    });
    let act = audit::Act {
        time: now,
        service_actor: Some(call.caller.clone()),
        act: "document.withdrawn".into(),
        subject: id.to_vec(),
        agency: document.agency.clone(),
        detail: detail.to_string(),
        ..audit::Act::default()
    };
    audit::append(&mut tx, &act).await?;
    tx.commit().await?;
    Ok(answer)
}

/// What whoever verifies the document reads: of a reason that the revision declares, its text in every language. Other words are told
/// as they are.
async fn reason_of(office: &Office, asked: &Asked, id: DocumentId, reason: &str) -> Result<String, Failure> {
    let mut tx = office.database.read().await?;
    let document = documents::by_id(&mut tx, id).await?;
    drop(tx);
    // A receipt is payments' word about money, and no case takes it back.
    let own = |document: &documents::Stored| {
        document.kind != documents::RECEIPT && document.owner == asked.agency && document.case == asked.case
    };
    let document = document.filter(own).ok_or_else(unknown_document)?;
    let admitted = office.revisions.read(document.revision).await?;
    let definition = admitted::definition(&admitted)?;
    let declared = definition.document(&document.kind).and_then(|document| document.recall.as_ref());
    let text = declared.and_then(|recall| recall.reasons.iter().find(|known| known.code == reason));
    Ok(text.and_then(|known| serde_json::to_string(&known.text).ok()).unwrap_or_else(|| reason.to_owned()))
}

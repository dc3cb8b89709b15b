//! Signing asks whether an officer may read a document of a case, and notifications whether they may see what was written to
//! its applicant: the same officers as may open one of its tasks.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, DocumentId, ErrorKind, Failure, PersonId};
use process::case::{IssuedDocument, Task};
use proto::{Empty, eservice::v1::AdmitReaderRequest, identity::v1::Officer};

use super::{
    opening::{self, Look},
    stored,
};
use crate::{
    domain::{access, opening::in_own_queue, recalls},
    execute::act,
    host::{Host, Reach, Service},
    store::cases::Case,
};

/// Who asks for messages: the only one that names no document.
const MESSAGES: &str = "notifications";

pub async fn admit(host: Arc<Host>, call: Call<AdmitReaderRequest>) -> Result<Empty, Failure> {
    let asked = &call.request;
    let (case_id, who) = (CaseId::from_slice(&asked.case_id)?, PersonId::from_slice(&asked.officer)?);
    let document = match asked.document_id.as_slice() {
        [] if call.caller == MESSAGES => None,
        id => Some(DocumentId::from_slice(id)?),
    };
    let admitted = allowed(&host, &call.agency, case_id, who, document).await;
    if let Err(failure) = &admitted
        && failure.kind == ErrorKind::NotFound
    {
        let mut refused = act("case.refused", host.now(), Some(who), case_id, &call.agency);
        refused.detail = serde_json::json!({"officer": true, "through": call.caller}).to_string();
        host.record(refused).await?;
    }
    let (case, service, task, document, officer) = admitted?;
    let document = document.as_ref();
    let (file, version, reason) = (None, None, "");
    let look = Look { who, officer: &officer, case: &case, task: &task, document, file, version, reason };
    opening::record(&host, &service, &look).await?;
    Ok(Empty {})
}

/// The task through which the officer comes to the document or the messages, one of their own queue first; where their role never had
/// one, the place where it withdraws a document.
async fn allowed(
    host: &Host,
    agency: &str,
    case_id: CaseId,
    who: PersonId,
    document: Option<DocumentId>,
) -> Result<(Case, Service, Task, Option<IssuedDocument>, Officer), Failure> {
    let officer = host.officer(who).await.map_err(|failure| match failure.kind {
        ErrorKind::NotFound => access::not_found().with_detail("no officer"),
        _ => failure,
    })?;
    let case = stored(host, case_id).await?;
    if case.agency != agency {
        return Err(access::not_found().with_detail("no case of this agency"));
    }
    let issued = |id: DocumentId| case.state.documents.iter().find(|known| known.document == id).cloned();
    let none = || access::not_found().with_detail("no document of this case");
    let document = document.map(|id| issued(id).ok_or_else(none)).transpose()?;
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    let now = host.now();
    let mut covered = Vec::new();
    // Another agency sees what its task shows, and no document or message.
    let own = case.state.tasks.values().filter(|task| !case.state.is_foreign(task)).cloned();
    for task in own.chain(recalls::unmet(&service.process, &case.state, &host.facts(&service))) {
        match access::officer_may(host.keys.lookup(), &case.state, &task, who, &officer, now) {
            Ok(()) => covered.push(task),
            Err(failure) if failure.kind == ErrorKind::NotFound => {}
            Err(failure) => return Err(failure),
        }
    }
    let task = covered.into_iter().max_by_key(|task| (in_own_queue(&officer, task, now), task.opened));
    let task = task.ok_or_else(|| access::not_found().with_detail("no task of the case is the officer's"))?;
    Ok((case, service, task, document, officer))
}

//! What the admitted revision says about a document; a request only names it.

use ::bus::Admitted;
use api::{Document, ServiceDefinition};
use kernel::{Failure, Hash, id::CaseId};
use proto::{ActionRef, CaseRef};
use sql::Action;

use super::Office;

/// Who asks, for which case, under which revision.
pub struct Asked {
    pub action_id: Vec<u8>,
    pub case: CaseId,
    pub agency: String,
    pub service: String,
    pub revision: Hash,
}

impl Asked {
    pub fn action(&self) -> Action<'_> {
        Action::of_service(&self.agency, &self.service, &self.action_id)
    }
}

/// Reads an action's reference; the agency in the subject and the one in the case must be the same.
pub fn asked(action: Option<&ActionRef>, agency: &str) -> Result<Asked, Failure> {
    let refused = || Failure::invalid("document.action", "The request does not say for which action it is.");
    let action = action.ok_or_else(refused)?;
    if action.action_id.len() != 32 {
        return Err(refused());
    }
    Ok(Asked { action_id: action.action_id.clone(), ..looked_at(action.case.as_ref(), agency)? })
}

/// The same of a request that performs no action.
pub fn looked_at(case: Option<&CaseRef>, agency: &str) -> Result<Asked, Failure> {
    let refused =
        || Failure::invalid("document.case", "The request does not say which case of its agency it is about.");
    let CaseRef { case_id, agency: of_case, service, revision } = case.ok_or_else(refused)?;
    if of_case != agency {
        return Err(refused());
    }
    Ok(Asked {
        action_id: Vec::new(),
        case: CaseId::from_slice(case_id)?,
        agency: of_case.clone(),
        service: service.clone(),
        revision: Hash::from_slice(revision)?,
    })
}

/// The definition under which the case runs. The revision must be the asking service's own.
pub async fn of_case(office: &Office, asked: &Asked) -> Result<ServiceDefinition, Failure> {
    of_revision(office, asked, asked.revision).await
}

async fn of_revision(office: &Office, asked: &Asked, revision: Hash) -> Result<ServiceDefinition, Failure> {
    let admitted = office.revisions.read(revision).await?;
    if admitted.agency != asked.agency || admitted.service != asked.service {
        return Err(Failure::forbidden("document.foreign-revision", "The revision belongs to another service."));
    }
    definition(&admitted)
}

/// The document as the case's revision declares it, or another one of the same service; the seal must be the service's own agency's.
pub async fn document(office: &Office, asked: &Asked, by: Option<Hash>, name: &str) -> Result<Document, Failure> {
    let definition = of_revision(office, asked, by.unwrap_or(asked.revision)).await?;
    let mut documents = definition.spec.documents.into_iter();
    let document = documents.find(|document| document.name == name);
    let document = document
        .ok_or_else(|| Failure::invalid("document.undeclared", "The revision declares no document of this name."))?;
    if document.seal != asked.agency {
        return Err(Failure::forbidden(
            "seal.not-granted",
            "The document names another agency's seal, and that agency has not granted it.",
        ));
    }
    Ok(document)
}

/// The definition of an admitted revision.
pub fn definition(admitted: &Admitted) -> Result<ServiceDefinition, Failure> {
    process::revision::read(&admitted.definition, admitted.revision)
        .map_err(|error| Failure::internal("document.revision", "The revision cannot be read.").with_detail(error))
}

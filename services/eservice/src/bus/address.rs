//! A request names the agency and the service it is meant for: what it asks for must be theirs.

use bus::Call;
use kernel::{CaseId, Failure};
use proto::eservice::v1::{
    AddNoteRequest, AdmitReaderRequest, AnswerQuestionRequest, AskApplicantRequest, AssignTaskRequest,
    AttachFileRequest, BeginUploadRequest, CaseCommand, ClaimTaskRequest, ConfirmTaskRequest, DecideTaskRequest,
    DiscardDraftRequest, EraseCaseRequest, HoldCaseRequest, IdentifyApplicantRequest, ListPrincipalsRequest,
    ListRatingsRequest, ListRecordsRequest, ListRegistriesRequest, ListReissuesRequest, ListStuckRequest,
    ListTakenInRequest, OpenDraftRequest, PreviewDecisionRequest, PutPiecesRequest, RateCaseRequest, ReadCaseRequest,
    ReadChoicesRequest, ReadExperienceRequest, ReadFileRequest, ReadLoadRequest, ReadPageRequest, ReadPurposeRequest,
    ReadReasonsRequest, ReadStandingRequest, ReadTaskRequest, ReadUploadRequest, RecallDocumentRequest, ReissueOrder,
    ReissueRef, ReleaseTaskRequest, RemoveFileRequest, RequestOpinionRequest, RetryStepRequest, SavePageRequest,
    SendBackTaskRequest, SubmitRequest, TakeBackQuestionRequest,
};

use crate::{
    domain::{access, intake},
    execute::act,
    host::Host,
    store::cases,
};

/// What a request is about.
pub trait OfCase {
    fn about(&self) -> About<'_>;
}

pub enum About<'a> {
    Case(&'a [u8]),
    Service(&'a str, &'a str),
}

macro_rules! of_case {
    ($($request:ty),* $(,)?) => {$(
        impl OfCase for $request {
            fn about(&self) -> About<'_> {
                About::Case(&self.case_id)
            }
        }
    )*};
}

of_case!(
    AddNoteRequest,
    AdmitReaderRequest,
    AnswerQuestionRequest,
    AskApplicantRequest,
    AssignTaskRequest,
    AttachFileRequest,
    BeginUploadRequest,
    CaseCommand,
    ClaimTaskRequest,
    ConfirmTaskRequest,
    DecideTaskRequest,
    DiscardDraftRequest,
    EraseCaseRequest,
    HoldCaseRequest,
    IdentifyApplicantRequest,
    PreviewDecisionRequest,
    PutPiecesRequest,
    RateCaseRequest,
    ReadCaseRequest,
    ReadChoicesRequest,
    ReadFileRequest,
    ReadPageRequest,
    ReadPurposeRequest,
    ReadReasonsRequest,
    ReadStandingRequest,
    ReadTaskRequest,
    ReadUploadRequest,
    RecallDocumentRequest,
    ReleaseTaskRequest,
    RemoveFileRequest,
    RequestOpinionRequest,
    RetryStepRequest,
    SavePageRequest,
    SendBackTaskRequest,
    SubmitRequest,
    TakeBackQuestionRequest,
);

impl OfCase for OpenDraftRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ListTakenInRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ListPrincipalsRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ListRegistriesRequest {
    fn about(&self) -> About<'_> {
        match self.case_id.as_slice() {
            [] => About::Service(&self.agency, &self.service),
            case => About::Case(case),
        }
    }
}

impl OfCase for ListRecordsRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ListStuckRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ListRatingsRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ReadExperienceRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ReissueOrder {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ListReissuesRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ReissueRef {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

impl OfCase for ReadLoadRequest {
    fn about(&self) -> About<'_> {
        About::Service(&self.agency, &self.service)
    }
}

/// Refuses what belongs to another address. What is not there at all is the operation's to refuse.
pub async fn fits<Q: OfCase>(host: &Host, call: &Call<Q>) -> Result<(), Failure> {
    let service = call.service.as_deref().unwrap_or_default();
    let id = match call.request.about() {
        About::Service(agency, name) if agency == call.agency && name == service => return Ok(()),
        About::Service(..) => return Err(intake::no_such_service()),
        // Named by its number: the operation looks for it among the agency's.
        About::Case([]) => return Ok(()),
        About::Case(id) => CaseId::from_slice(id)?,
    };
    let mut tx = host.database.read().await?;
    let place = cases::service(&mut tx, id).await?;
    drop(tx);
    if place.is_none_or(|(agency, name)| agency == call.agency && name == service) {
        return Ok(());
    }
    let actor = call.person.as_ref().map(|person| person.actor);
    let mut refused = act("case.refused", host.now(), actor, id, &call.agency);
    refused.detail = serde_json::json!({"address": service}).to_string();
    host.record(refused).await?;
    Err(access::not_found())
}

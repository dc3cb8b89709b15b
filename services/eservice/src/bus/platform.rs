//! What this service asks of the others, as one port: the bus in the product, a scripted one in tests.

use std::time::Duration;

use async_trait::async_trait;
use bus::{Admitted, Bus, Event, Log, Place, Revisions};
use kernel::{CaseId, Failure, Hash, PersonId};
use proto::{exchange, identity, notifications, payments, register, signing};

use super::events::PAYMENTS;

const PLATFORM: &str = "platform";
/// Rendering and sealing take longer than a look-up.
const DOCUMENT_PATIENCE: Duration = Duration::from_secs(20);

#[async_trait]
pub trait Platform: Send + Sync {
    async fn person(&self, person: PersonId, case: CaseId) -> Result<identity::v1::Person, Failure>;
    /// The person whom a registry names by their PINFL.
    async fn resolve(&self, named: &identity::v1::ResolvePersonRequest) -> Result<identity::v1::Person, Failure>;
    async fn officer(&self, person: PersonId) -> Result<identity::v1::Officer, Failure>;
    async fn agency(&self, agency: &str) -> Result<Vec<u8>, Failure>;
    async fn registry(&self, owner: &str, registry: &str) -> Result<Vec<u8>, Failure>;
    /// One page of what the register admitted, of an agency or, where none is named, of all.
    async fn revisions(
        &self,
        agency: Option<&str>,
        request: &register::v1::ListRevisionsRequest,
    ) -> Result<register::v1::ListRevisionsReply, Failure>;
    async fn revision(&self, revision: Hash) -> Result<std::sync::Arc<Admitted>, Failure>;
    async fn placement(&self, agency: &str, service: &str) -> Result<register::v1::Placement, Failure>;
    async fn call_registry(
        &self,
        agency: &str,
        request: &exchange::v1::CallRegistryRequest,
        patience: Duration,
    ) -> Result<exchange::v1::CallRegistryReply, Failure>;
    /// Done once the agency's own system has it.
    async fn deliver_event(&self, agency: &str, request: &exchange::v1::DeliverEventRequest) -> Result<(), Failure>;
    /// Which of a service's needs of other agencies would be refused now.
    async fn refusals(&self, asked: &exchange::v1::JudgeQuestionsRequest) -> Result<Vec<String>, Failure>;
    /// In which roles other agencies lend officers to a service now.
    async fn lent(&self, agency: &str, service: &str) -> Result<Vec<exchange::v1::TaskRole>, Failure>;
    async fn create_intent(
        &self,
        agency: &str,
        request: &payments::v1::CreateIntentRequest,
    ) -> Result<payments::v1::Intent, Failure>;
    async fn close_intent(
        &self,
        agency: &str,
        request: &payments::v1::CloseIntentRequest,
    ) -> Result<payments::v1::Intent, Failure>;
    async fn refund(
        &self,
        agency: &str,
        request: &payments::v1::RefundRequest,
    ) -> Result<payments::v1::RefundReply, Failure>;
    async fn issue_document(
        &self,
        agency: &str,
        request: &signing::v1::IssueDocumentRequest,
    ) -> Result<signing::v1::Document, Failure>;
    async fn revoke_document(
        &self,
        agency: &str,
        request: &signing::v1::RevokeDocumentRequest,
    ) -> Result<signing::v1::Document, Failure>;
    async fn notify(
        &self,
        agency: &str,
        request: &notifications::v1::SendRequest,
    ) -> Result<notifications::v1::SendReply, Failure>;
    async fn preview_document(
        &self,
        agency: &str,
        request: &signing::v1::PreviewDocumentRequest,
    ) -> Result<signing::v1::DocumentPreview, Failure>;
    async fn preview_message(
        &self,
        agency: &str,
        request: &notifications::v1::PreviewMessageRequest,
    ) -> Result<notifications::v1::MessagePreview, Failure>;
    /// What payments says at a place of its log; nothing, where it does not have that event.
    async fn payment_event(&self, place: &Place) -> Result<Option<Event>, Failure>;
}

/// The real platform.
pub struct OverBus {
    bus: Bus,
    revisions: Revisions,
}

impl OverBus {
    pub fn new(bus: Bus, database: sql::Database) -> Self {
        let revisions = Revisions::new(bus.clone(), database);
        Self { bus, revisions }
    }
}

#[async_trait]
impl Platform for OverBus {
    async fn person(&self, person: PersonId, case: CaseId) -> Result<identity::v1::Person, Failure> {
        let request = identity::v1::ReadPersonRequest { person: person.to_vec(), case_id: case.to_vec() };
        let operation = &identity::v1::operations::READ_PERSON;
        self.bus.request(operation, PLATFORM, &request).await
    }

    async fn resolve(&self, named: &identity::v1::ResolvePersonRequest) -> Result<identity::v1::Person, Failure> {
        self.bus.request(&identity::v1::operations::RESOLVE_PERSON, PLATFORM, named).await
    }

    async fn officer(&self, person: PersonId) -> Result<identity::v1::Officer, Failure> {
        let request = identity::v1::ReadPersonRequest { person: person.to_vec(), case_id: Vec::new() };
        let operation = &identity::v1::operations::READ_OFFICER;
        self.bus.request(operation, PLATFORM, &request).await
    }

    async fn agency(&self, agency: &str) -> Result<Vec<u8>, Failure> {
        let request = register::v1::ReadAgencyRequest { agency: agency.to_owned() };
        let operation = &register::v1::operations::READ_AGENCY;
        Ok(self.bus.request(operation, PLATFORM, &request).await?.resource)
    }

    async fn registry(&self, owner: &str, registry: &str) -> Result<Vec<u8>, Failure> {
        let request = exchange::v1::ReadRegistryRequest { owner: owner.to_owned(), registry: registry.to_owned() };
        let operation = &exchange::v1::operations::READ_REGISTRY;
        Ok(self.bus.request(operation, PLATFORM, &request).await?.resource)
    }

    async fn revisions(
        &self,
        agency: Option<&str>,
        request: &register::v1::ListRevisionsRequest,
    ) -> Result<register::v1::ListRevisionsReply, Failure> {
        let operation = &register::v1::operations::LIST_REVISIONS;
        self.bus.request(operation, agency.unwrap_or(PLATFORM), request).await
    }

    async fn revision(&self, revision: Hash) -> Result<std::sync::Arc<Admitted>, Failure> {
        self.revisions.read(revision).await
    }

    async fn placement(&self, agency: &str, service: &str) -> Result<register::v1::Placement, Failure> {
        let request = register::v1::ReadPlacementRequest { agency: agency.to_owned(), service: service.to_owned() };
        self.bus.request(&register::v1::operations::READ_PLACEMENT, PLATFORM, &request).await
    }

    async fn call_registry(
        &self,
        agency: &str,
        request: &exchange::v1::CallRegistryRequest,
        patience: Duration,
    ) -> Result<exchange::v1::CallRegistryReply, Failure> {
        let operation = &exchange::v1::operations::CALL_REGISTRY;
        self.bus.request_within(operation, agency, request, patience).await
    }

    async fn deliver_event(&self, agency: &str, request: &exchange::v1::DeliverEventRequest) -> Result<(), Failure> {
        self.bus.request(&exchange::v1::operations::DELIVER_EVENT, agency, request).await.map(|_| ())
    }

    async fn refusals(&self, asked: &exchange::v1::JudgeQuestionsRequest) -> Result<Vec<String>, Failure> {
        let operation = &exchange::v1::operations::JUDGE_QUESTIONS;
        Ok(self.bus.request(operation, asked.agency.as_str(), asked).await?.refusals)
    }

    async fn lent(&self, agency: &str, service: &str) -> Result<Vec<exchange::v1::TaskRole>, Failure> {
        let asked = exchange::v1::JudgeQuestionsRequest {
            agency: agency.to_owned(),
            service: service.to_owned(),
            ..exchange::v1::JudgeQuestionsRequest::default()
        };
        Ok(self.bus.request(&exchange::v1::operations::JUDGE_QUESTIONS, agency, &asked).await?.lent)
    }

    async fn create_intent(
        &self,
        agency: &str,
        request: &payments::v1::CreateIntentRequest,
    ) -> Result<payments::v1::Intent, Failure> {
        let operation = &payments::v1::operations::CREATE_INTENT;
        self.bus.request(operation, agency, request).await
    }

    async fn close_intent(
        &self,
        agency: &str,
        request: &payments::v1::CloseIntentRequest,
    ) -> Result<payments::v1::Intent, Failure> {
        let operation = &payments::v1::operations::CLOSE_INTENT;
        self.bus.request(operation, agency, request).await
    }

    async fn refund(
        &self,
        agency: &str,
        request: &payments::v1::RefundRequest,
    ) -> Result<payments::v1::RefundReply, Failure> {
        let operation = &payments::v1::operations::REFUND;
        self.bus.request(operation, agency, request).await
    }

    async fn issue_document(
        &self,
        agency: &str,
        request: &signing::v1::IssueDocumentRequest,
    ) -> Result<signing::v1::Document, Failure> {
        let operation = &signing::v1::operations::ISSUE_DOCUMENT;
        self.bus.request_within(operation, agency, request, DOCUMENT_PATIENCE).await
    }

    async fn revoke_document(
        &self,
        agency: &str,
        request: &signing::v1::RevokeDocumentRequest,
    ) -> Result<signing::v1::Document, Failure> {
        let operation = &signing::v1::operations::REVOKE_DOCUMENT;
        self.bus.request(operation, agency, request).await
    }

    async fn notify(
        &self,
        agency: &str,
        request: &notifications::v1::SendRequest,
    ) -> Result<notifications::v1::SendReply, Failure> {
        let operation = &notifications::v1::operations::SEND;
        self.bus.request(operation, agency, request).await
    }

    async fn preview_document(
        &self,
        agency: &str,
        request: &signing::v1::PreviewDocumentRequest,
    ) -> Result<signing::v1::DocumentPreview, Failure> {
        let operation = &signing::v1::operations::PREVIEW_DOCUMENT;
        self.bus.request_within(operation, agency, request, DOCUMENT_PATIENCE).await
    }

    async fn preview_message(
        &self,
        agency: &str,
        request: &notifications::v1::PreviewMessageRequest,
    ) -> Result<notifications::v1::MessagePreview, Failure> {
        let operation = &notifications::v1::operations::PREVIEW_MESSAGE;
        self.bus.request(operation, agency, request).await
    }

    async fn payment_event(&self, place: &Place) -> Result<Option<Event>, Failure> {
        bus::read_again(&self.bus, &Log::of(PAYMENTS), place).await
    }
}

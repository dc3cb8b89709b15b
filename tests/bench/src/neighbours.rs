//! The services around a host of cases, as far as five steps that leave by the host's own outbox need them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bus::{Admitted, Event, Place};
use eservice::bus::platform::Platform;
use kernel::{CaseId, Failure, Hash, PersonId, Time};
use proto::{exchange, identity, notifications, payments, register, signing};

use crate::Outcome;

pub const AGENCY: &str = "bench";
pub const SERVICE: &str = "five-steps";
const DEFINITION: &str = include_str!("five-steps.yaml");

pub struct Neighbours {
    admitted: Arc<Admitted>,
    agency: Vec<u8>,
}

impl Neighbours {
    pub fn new() -> Outcome<Self> {
        let definition: api::ServiceDefinition = serde_saphyr::from_str(DEFINITION)?;
        let definition = process::revision::canonical_bytes(&definition)?;
        let admitted = Admitted {
            revision: process::revision::hash_of(&definition),
            agency: AGENCY.into(),
            service: SERVICE.into(),
            definition,
            admitted: Time::from_seconds(1_790_000_000),
            admission: String::new(),
        };
        let agency = serde_json::json!({
            "apiVersion": "xizmat.dev/v1alpha1", "kind": "Agency", "metadata": {"name": AGENCY},
            "spec": {"title": {"uz": "Bench"}},
        });
        Ok(Self { admitted: Arc::new(admitted), agency: agency.to_string().into_bytes() })
    }
}

fn not_needed() -> Failure {
    Failure::internal("bench.not-needed", "Five steps that only emit ask no other service for this.")
}

#[async_trait]
impl Platform for Neighbours {
    async fn person(&self, person: PersonId, _: CaseId) -> Result<identity::v1::Person, Failure> {
        Ok(identity::v1::Person {
            person: person.to_vec(),
            pinfl: "31203850000015".into(),
            given_name: "Dilnoza".into(),
            family_name: "Karimova".into(),
            ..identity::v1::Person::default()
        })
    }

    async fn lent(&self, _: &str, _: &str) -> Result<Vec<exchange::v1::TaskRole>, Failure> {
        Err(not_needed())
    }

    async fn resolve(&self, _: &identity::v1::ResolvePersonRequest) -> Result<identity::v1::Person, Failure> {
        Err(not_needed())
    }

    async fn officer(&self, _: PersonId) -> Result<identity::v1::Officer, Failure> {
        Err(not_needed())
    }

    async fn agency(&self, _: &str) -> Result<Vec<u8>, Failure> {
        Ok(self.agency.clone())
    }

    async fn registry(&self, _: &str, _: &str) -> Result<Vec<u8>, Failure> {
        Err(not_needed())
    }

    async fn revisions(
        &self,
        _: Option<&str>,
        _: &register::v1::ListRevisionsRequest,
    ) -> Result<register::v1::ListRevisionsReply, Failure> {
        let revision = register::v1::RevisionEntry {
            revision: self.admitted.revision.to_vec(),
            agency: AGENCY.into(),
            service: SERVICE.into(),
            ..register::v1::RevisionEntry::default()
        };
        Ok(register::v1::ListRevisionsReply { revisions: vec![revision], whole: true })
    }

    async fn placement(&self, _: &str, _: &str) -> Result<register::v1::Placement, Failure> {
        let placed = register::v1::PlacedRevision {
            revision: self.admitted.revision.to_vec(),
            admitted_us: self.admitted.admitted.micros(),
            share: 100,
            ..register::v1::PlacedRevision::default()
        };
        let revisions = vec![placed];
        Ok(register::v1::Placement { revisions, intake: "open".into(), ..register::v1::Placement::default() })
    }

    async fn revision(&self, _: Hash) -> Result<Arc<Admitted>, Failure> {
        Ok(self.admitted.clone())
    }

    async fn call_registry(
        &self,
        _: &str,
        _: &exchange::v1::CallRegistryRequest,
        _: Duration,
    ) -> Result<exchange::v1::CallRegistryReply, Failure> {
        Err(not_needed())
    }

    async fn create_intent(
        &self,
        _: &str,
        _: &payments::v1::CreateIntentRequest,
    ) -> Result<payments::v1::Intent, Failure> {
        Err(not_needed())
    }

    async fn close_intent(
        &self,
        _: &str,
        _: &payments::v1::CloseIntentRequest,
    ) -> Result<payments::v1::Intent, Failure> {
        Err(not_needed())
    }

    async fn refund(&self, _: &str, _: &payments::v1::RefundRequest) -> Result<payments::v1::RefundReply, Failure> {
        Err(not_needed())
    }

    async fn refusals(&self, _: &exchange::v1::JudgeQuestionsRequest) -> Result<Vec<String>, Failure> {
        Err(not_needed())
    }

    async fn issue_document(
        &self,
        _: &str,
        _: &signing::v1::IssueDocumentRequest,
    ) -> Result<signing::v1::Document, Failure> {
        Err(not_needed())
    }

    async fn revoke_document(
        &self,
        _: &str,
        _: &signing::v1::RevokeDocumentRequest,
    ) -> Result<signing::v1::Document, Failure> {
        Err(not_needed())
    }

    async fn notify(
        &self,
        _: &str,
        _: &notifications::v1::SendRequest,
    ) -> Result<notifications::v1::SendReply, Failure> {
        Err(not_needed())
    }

    async fn preview_document(
        &self,
        _: &str,
        _: &signing::v1::PreviewDocumentRequest,
    ) -> Result<signing::v1::DocumentPreview, Failure> {
        Err(not_needed())
    }

    async fn preview_message(
        &self,
        _: &str,
        _: &notifications::v1::PreviewMessageRequest,
    ) -> Result<notifications::v1::MessagePreview, Failure> {
        Err(not_needed())
    }

    async fn deliver_event(&self, _: &str, _: &exchange::v1::DeliverEventRequest) -> Result<(), Failure> {
        Ok(())
    }

    async fn payment_event(&self, _: &Place) -> Result<Option<Event>, Failure> {
        Err(not_needed())
    }
}

//! Whom a document is shown to. Its case's host decides, but nobody learns from a host that is away that a document exists.

use std::time::Duration;

use ::bus::{Person, subject::Address};
use kernel::{ErrorKind, Failure, PersonId};
use proto::{
    Empty,
    eservice::v1::{
        AdmitReaderRequest, ReadStandingRequest,
        operations::{ADMIT_READER, READ_STANDING},
    },
};

use super::Office;
use crate::store::documents::Stored;

/// For somebody whom signing does not know, the answer comes before the page that asks loses its patience.
const BRIEFLY: Duration = Duration::from_secs(2);
const PATIENTLY: Duration = Duration::from_secs(5);

/// Who keeps the document's case.
fn host(document: &Stored) -> Address<'_> {
    Address::service(&document.owner, &document.service)
}

/// What only the document's case knows.
pub trait Cases {
    /// Whether the person acts for the holder now.
    async fn represents(&self, document: &Stored, person: PersonId, patience: Duration) -> Result<bool, Failure>;
    /// Whether one of the case's tasks is the officer's; the case keeps the opening.
    async fn admits(&self, document: &Stored, officer: PersonId) -> Result<bool, Failure>;
}

impl Cases for Office {
    async fn represents(&self, document: &Stored, person: PersonId, patience: Duration) -> Result<bool, Failure> {
        let (case_id, person) = (document.case.to_vec(), person.to_vec());
        let request = ReadStandingRequest { case_id, person, ..ReadStandingRequest::default() };
        let answer = self.bus.request_within(&READ_STANDING, host(document), &request, patience).await?;
        Ok(answer.standing == "representative")
    }

    async fn admits(&self, document: &Stored, officer: PersonId) -> Result<bool, Failure> {
        let (case_id, document_id) = (document.case.to_vec(), document.id.to_vec());
        let request = AdmitReaderRequest { case_id, document_id, officer: officer.to_vec() };
        match self.bus.request(&ADMIT_READER, host(document), &request).await {
            Ok(Empty {}) => Ok(true),
            Err(failure) if failure.kind == ErrorKind::NotFound => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

/// A failure is told to officers, who answer for what they look for, and to whom signing itself knows in the case. Of what an
/// older release issued it knows the holder only, so anybody else is asked about; without an answer they are a stranger.
pub async fn may_read(cases: &impl Cases, document: &Stored, person: &Person) -> Result<bool, Failure> {
    if person.officer {
        return cases.admits(document, person.actor).await;
    }
    if document.holder == person.id {
        return Ok(true);
    }
    match document.representative {
        Some(acting) if acting == person.id => cases.represents(document, person.id, PATIENTLY).await,
        Some(_) => Ok(false),
        None => {
            let answer = cases.represents(document, person.id, BRIEFLY).await;
            Ok(answer.unwrap_or_else(|failure| {
                tracing::info!(document = %document.id, ?failure, "a case could not be asked about a reader: refused");
                false
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use ::bus::Assurance;
    use kernel::{
        Hash, Time,
        id::{CaseId, CommandId, DocumentId},
    };

    use super::*;

    const HOLDER: u8 = 1;
    const ACTING: u8 = 2;
    const STRANGER: u8 = 3;
    const OFFICER: u8 = 4;

    /// A case that everybody named here acts in; `None`: its host is away.
    struct Says(Option<&'static [u8]>);

    impl Says {
        fn about(&self, person: PersonId) -> Result<bool, Failure> {
            let known = self.0.ok_or_else(|| Failure::unavailable("bus.unavailable", "Nobody answers."))?;
            Ok(known.iter().any(|known| person == id(*known)))
        }
    }

    impl Cases for Says {
        async fn represents(&self, _: &Stored, person: PersonId, _: Duration) -> Result<bool, Failure> {
            self.about(person)
        }

        async fn admits(&self, _: &Stored, officer: PersonId) -> Result<bool, Failure> {
            self.about(officer)
        }
    }

    fn id(person: u8) -> PersonId {
        PersonId::from_bytes([person; 16])
    }

    fn document(representative: Option<u8>) -> Stored {
        Stored {
            id: DocumentId::from_bytes([7; 16]),
            number: "justice-2026-1".into(),
            agency: "justice".into(),
            owner: "justice".into(),
            service: "copy".into(),
            revision: Hash::of(b"revision"),
            case: CaseId::from_bytes([5; 16]),
            kind: "certificate".into(),
            titles: "{}".into(),
            agency_titles: "{}".into(),
            language: "uz".into(),
            holder: id(HOLDER),
            representative: representative.map(id),
            code_hash: Hash::of(b"code"),
            code_sealed: vec![1],
            wrapped_key: vec![1],
            hash: Hash::of(b"file"),
            size: 4,
            twin: None,
            seal: vec![1],
            sealed: Time::from_seconds(1),
            valid_until: None,
            status: "valid".into(),
            status_since: Time::from_seconds(1),
            reason: String::new(),
        }
    }

    fn person(who: u8, officer: bool) -> Person {
        Person {
            id: id(who),
            actor: id(who),
            mandate: None,
            assurance: Assurance::Substantial,
            authenticated: Time::from_seconds(1),
            command_id: CommandId::from_bytes([6; 16]),
            officer,
        }
    }

    async fn read(says: &Says, of: Option<u8>, by: u8, officer: bool) -> Result<bool, &'static str> {
        may_read(says, &document(of), &person(by, officer)).await.map_err(|failure| match failure.kind {
            ErrorKind::Unavailable => "unavailable",
            _ => "something else",
        })
    }

    #[tokio::test]
    async fn a_stranger_never_learns_from_a_host_that_is_away_that_a_document_exists() {
        for says in [Says(None), Says(Some(&[ACTING, OFFICER]))] {
            for recorded in [None, Some(ACTING)] {
                assert_eq!(read(&says, recorded, STRANGER, false).await, Ok(false));
            }
        }
    }

    #[tokio::test]
    async fn the_holder_needs_no_host_and_who_acts_for_them_is_told_that_it_is_away() {
        for recorded in [None, Some(ACTING)] {
            assert_eq!(read(&Says(None), recorded, HOLDER, false).await, Ok(true));
            assert_eq!(read(&Says(Some(&[ACTING])), recorded, ACTING, false).await, Ok(true));
            assert_eq!(read(&Says(Some(&[])), recorded, ACTING, false).await, Ok(false), "the mandate ended");
        }
        assert_eq!(read(&Says(None), Some(ACTING), ACTING, false).await, Err("unavailable"));
        assert_eq!(read(&Says(None), None, ACTING, false).await, Ok(false), "an older release told of nobody");
    }

    #[tokio::test]
    async fn an_officer_reads_by_the_cases_tasks_only_and_is_told_that_the_host_is_away() {
        for recorded in [None, Some(ACTING)] {
            assert_eq!(read(&Says(Some(&[OFFICER])), recorded, OFFICER, true).await, Ok(true));
            for other in [HOLDER, ACTING, STRANGER] {
                assert_eq!(read(&Says(Some(&[OFFICER])), recorded, other, true).await, Ok(false));
            }
            assert_eq!(read(&Says(None), recorded, OFFICER, true).await, Err("unavailable"));
        }
    }
}

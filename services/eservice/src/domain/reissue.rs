//! Documents that are issued again, many at once: who answers for that, and which of a case's documents are meant.

use kernel::Time;
use process::{
    CaseState,
    case::{IssuedDocument, Recall, RecallState},
};
use proto::{eservice::v1::ReissueOrder, identity::v1::Officer};

use super::access;

/// Whoever answers for what an agency publishes: two different persons, in either role.
const ROLES: [&str; 2] = ["head", "lawyer"];

/// Whether the officer answers for documents of this agency now.
pub fn answers_for(officer: &Officer, agency: &str, now: Time) -> bool {
    let mut appointments = officer.appointments.iter();
    appointments.any(|one| one.agency == agency && ROLES.contains(&one.role.as_str()) && access::in_force(one, now))
}

fn counts(document: &IssuedDocument) -> bool {
    let proposed = |recall: &Recall| recall.state == RecallState::Proposed && recall.over.is_none();
    document.recall.as_ref().is_none_or(proposed)
}

/// Those that the case delivered, that still count, and that the order means.
pub fn meant<'s>(state: &'s CaseState, order: &'s ReissueOrder) -> impl Iterator<Item = &'s IssuedDocument> {
    state.documents.iter().filter(move |document| {
        let at = document.at.micros();
        document.name == order.document
            && state.delivers.contains(&document.name)
            && counts(document)
            && at >= order.since_us
            && (order.until_us == 0 || at < order.until_us)
    })
}

#[cfg(test)]
mod tests {
    use kernel::{CaseId, DocumentId};
    use proto::identity::v1::Appointment;

    use super::*;

    #[test]
    fn only_head_and_lawyer_of_the_agency_answer_for_its_documents() {
        let officer = |agency: &str, role: &str| Officer {
            appointments: vec![Appointment { agency: agency.into(), role: role.into(), ..Appointment::default() }],
            ..Officer::default()
        };
        let now = Time::from_seconds(1_790_000_000);
        for (agency, role, may) in [
            ("justice", "head", true),
            ("justice", "lawyer", true),
            ("justice", "lead", false),
            ("justice", "registrar", false),
            ("health", "head", false),
        ] {
            assert_eq!(answers_for(&officer(agency, role), "justice", now), may, "{agency} {role}");
        }
    }

    #[test]
    fn what_was_delivered_counts_and_was_issued_in_that_time_is_meant() {
        let mut state = CaseState::absent(CaseId::from_bytes([1; 16]));
        let issued = |name: &str, second: i64| IssuedDocument {
            name: name.into(),
            document: DocumentId::from_bytes([u8::try_from(second).unwrap(); 16]),
            number: format!("justice-2026-{second}"),
            code: String::new(),
            at: Time::from_seconds(second),
            recall: None,
        };
        state.documents = vec![issued("certificate", 1), issued("certificate", 2), issued("refusal", 3)];
        state.delivers = vec!["certificate".into()];
        let numbers = |document: &str, since_us: i64, until_us: i64| {
            let order = ReissueOrder { document: document.into(), since_us, until_us, ..ReissueOrder::default() };
            meant(&state, &order).map(|document| document.number.clone()).collect::<Vec<_>>()
        };
        assert_eq!(numbers("certificate", 0, 0), ["justice-2026-1", "justice-2026-2"]);
        assert_eq!(numbers("certificate", 2_000_000, 0), ["justice-2026-2"]);
        assert_eq!(numbers("certificate", 0, 2_000_000), ["justice-2026-1"]);
        assert!(numbers("refusal", 0, 0).is_empty(), "the case does not deliver it");
    }
}

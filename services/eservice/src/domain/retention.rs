//! When the data of a case is destroyed: after its retention, by the civil calendar; never while something is still to be done.

use std::{collections::BTreeMap, time::Duration};

use kernel::{CaseId, Failure, Hash, PersonId, Time, keyed_hash};
use process::{
    CaseState,
    calendar::Calendar,
    case::{Payment, PaymentState, Phase},
};
use proto::identity::v1::Officer;

use super::access;

/// The role that holds cases and orders their erasure.
pub const ARCHIVIST: &str = "archivist";
/// What is told of a case has reached everybody by then, and money that came late is on its way back.
const REST: Duration = Duration::from_secs(86_400);

/// What people read as the ground of an erasure that a restore had undone, by language.
pub const REPEATED: [(&str, &str); 5] = [
    ("uz", "avvalgi oʻchirish: zaxira nusxasidan tiklangandan keyin takrorlandi"),
    ("uz-Cyrl", "аввалги ўчириш: захира нусхасидан тиклангандан кейин такрорланди"),
    ("kaa", "aldınǵı óshiriw: rezerv nusqadan tiklengennen keyin tákirarlandı"),
    ("ru", "прежнее удаление: повторено после восстановления из резервной копии"),
    ("en", "an earlier erasure, repeated after a restore from a backup"),
];

/// When the retention of a case's own revision is over, counted from its end; None: it runs, or no retention is declared.
/// A draft's retention is the time it was kept as a draft: a discarded one has none left.
pub fn over(definition: &api::ServiceDefinition, state: &CaseState, calendar: &Calendar) -> Option<Time> {
    let ended = state.ended?;
    match state.phase {
        Phase::Discarded => Some(ended),
        Phase::Ended => declared(definition).map(|retention| calendar.deadline(ended, retention.cases)),
        Phase::Absent | Phase::Draft | Phase::Running => None,
    }
}

fn declared(definition: &api::ServiceDefinition) -> Option<&api::Retention> {
    definition.spec.data.as_ref().and_then(|data| data.retention.as_ref())
}

/// The act that orders the retention, by language; empty where the definition names none.
pub fn basis(definition: &api::ServiceDefinition) -> BTreeMap<String, String> {
    let basis = declared(definition).and_then(|retention| retention.legal_basis.as_ref());
    let texts = basis.into_iter().flat_map(|basis| basis.title.iter());
    texts.map(|(tag, words)| (tag.to_owned(), words.to_owned())).collect()
}

/// What is still to be done before the key may go, as one word: archivists read it in their language.
pub fn obstacle(state: &CaseState, now: Time) -> Option<&'static str> {
    let mut payments = state.payments.values().flatten();
    match state.phase {
        Phase::Absent | Phase::Draft | Phase::Running => Some("running"),
        _ if !state.actions.is_empty() => Some("action"),
        _ if payments.clone().any(|payment| payment.state == PaymentState::Open) => Some("payment"),
        _ if payments.any(awaits_refund) => Some("refund"),
        Phase::Ended if now.since(state.changed) < REST => Some("rest"),
        Phase::Ended | Phase::Discarded => None,
    }
}

fn awaits_refund(payment: &Payment) -> bool {
    let asked = payment.refund_asked && payment.refunded.minor < payment.captured.minor;
    asked || !payment.owed.is_empty()
}

/// Who applied, for nobody but themselves: what is kept instead of the applicant when the case is erased.
pub fn mark(key: &[u8; 32], case: CaseId, applicant: PersonId) -> Hash {
    keyed_hash(key, &[b"erased case", case.as_bytes(), applicant.as_bytes()])
}

/// A hold is looked at anew by then: one without need keeps people's data for nothing.
const HOLD_MAX: Duration = Duration::from_secs(10 * 366 * 86_400);

/// The end of a hold as it was asked for; none: until somebody ends it.
pub fn hold_end(until_us: i64, now: Time) -> Result<Option<Time>, Failure> {
    if until_us == 0 {
        return Ok(None);
    }
    let until = Time::from_micros(until_us);
    if until <= now || until > now.plus(HOLD_MAX) {
        let message = "A hold ends on a day that is still to come, within ten years. Write that day, or none.";
        return Err(Failure::invalid("case.hold-end", message));
    }
    Ok(Some(until))
}

/// Whether the officer keeps the records of this agency now.
pub fn keeps_records(officer: &Officer, agency: &str, now: Time) -> bool {
    let mut appointments = officer.appointments.iter();
    appointments.any(|one| one.agency == agency && one.role == ARCHIVIST && access::in_force(one, now))
}

#[cfg(test)]
mod tests {
    use kernel::{IntentId, Money};
    use proto::identity::v1::Appointment;

    use super::*;

    fn definition(retention: &str) -> api::ServiceDefinition {
        let data = if retention.is_empty() {
            serde_json::json!({"schema": {"type": "object"}})
        } else {
            let kept = serde_json::json!({"cases": retention, "drafts": "30 days", "legalBasis": {"title": {"en": "Archives Act"}}});
            serde_json::json!({"schema": {"type": "object"}, "retention": kept})
        };
        serde_json::from_value(serde_json::json!({
            "apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceDefinition", "metadata": {"name": "copy"},
            "spec": {"title": {"en": "Copy"}, "agency": "justice", "level": "hosted", "data": data}
        }))
        .unwrap()
    }

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn ended(when: &str, phase: Phase) -> CaseState {
        let mut state = CaseState::absent(CaseId::from_bytes([1; 16]));
        (state.phase, state.ended, state.changed) = (phase, Some(at(when)), at(when));
        state
    }

    fn kept(from: &str, retention: &str) -> String {
        let over = over(&definition(retention), &ended(from, Phase::Ended), &Calendar::standard());
        over.map(|over| over.to_string()).unwrap_or_default()
    }

    #[test]
    fn five_years_end_with_the_same_day_of_the_calendar_in_tashkent() {
        assert_eq!(kept("2026-11-24T10:00:00Z", "5 years"), "2031-11-24T18:59:59Z");
        // Half past midnight in Tashkent is still the day before in Greenwich.
        assert_eq!(kept("2026-11-23T19:30:00Z", "5 years"), "2031-11-24T18:59:59Z");
    }

    #[test]
    fn a_leap_day_that_the_last_year_does_not_have_ends_with_february() {
        assert_eq!(kept("2028-02-29T10:00:00Z", "5 years"), "2033-02-28T18:59:59Z");
        assert_eq!(kept("2028-02-29T10:00:00Z", "4 years"), "2032-02-29T18:59:59Z");
        assert_eq!(kept("2027-02-28T10:00:00Z", "5 years"), "2032-02-28T18:59:59Z");
        assert_eq!(kept("2026-01-31T10:00:00Z", "1 month"), "2026-02-28T18:59:59Z");
        assert_eq!(kept("2026-11-24T10:00:00Z", "30 days"), "2026-12-24T10:00:00Z");
    }

    #[test]
    fn what_runs_or_declares_no_retention_is_kept_and_a_discarded_draft_is_not() {
        let (calendar, day) = (Calendar::standard(), "2026-11-24T10:00:00Z");
        assert_eq!(kept(day, ""), "");
        let mut running = ended(day, Phase::Running);
        running.ended = None;
        assert_eq!(over(&definition("5 years"), &running, &calendar), None);
        assert_eq!(over(&definition("5 years"), &ended(day, Phase::Discarded), &calendar), Some(at(day)));
        assert_eq!(basis(&definition("5 years"))["en"], "Archives Act");
    }

    #[test]
    fn nothing_goes_before_all_is_done() {
        let (day, later) = ("2026-11-24T10:00:00Z", at("2031-11-25T00:00:00Z"));
        let mut state = ended(day, Phase::Ended);
        assert_eq!(obstacle(&state, later), None);
        assert!(obstacle(&state, at("2026-11-25T09:59:59Z")).is_some(), "a day of rest");
        assert!(obstacle(&ended(day, Phase::Running), later).is_some());
        assert_eq!(obstacle(&ended(day, Phase::Discarded), at(day)), None, "nobody was told of a draft");
        let payment = Payment {
            step: "pay".into(),
            activation: 1,
            fee: "duty".into(),
            intent: IntentId::from_bytes([1; 16]),
            amount: Money::uzs(100),
            state: PaymentState::Open,
            captured: Money::ZERO,
            refunded: Money::ZERO,
            refund_asked: false,
            refund_refused: None,
            refunds: std::collections::BTreeSet::new(),
            owed: std::collections::BTreeMap::new(),
            arithmetic: serde_json::Value::Null,
            opened: at(day),
        };
        let mut with = |payment: Payment| {
            state.payments = [("pay".to_owned(), vec![payment])].into();
            obstacle(&state, later)
        };
        assert!(with(payment.clone()).is_some(), "an open payment");
        let captured = Payment { state: PaymentState::Captured, captured: Money::uzs(100), ..payment };
        assert_eq!(with(captured.clone()), None);
        let asked = Payment { refund_asked: true, ..captured.clone() };
        assert!(with(asked.clone()).is_some(), "a refund under way");
        assert!(with(Payment { refunded: Money::uzs(40), ..asked.clone() }).is_some(), "the rest is under way");
        assert_eq!(with(Payment { refunded: Money::uzs(100), ..asked }), None);
        let part = [(kernel::RefundId::from_bytes([1; 16]), Money::uzs(40))].into();
        assert!(with(Payment { owed: part, ..captured }).is_some(), "a part is under way");
    }

    #[test]
    fn a_hold_ends_on_a_day_to_come_or_when_somebody_ends_it() {
        let now = at("2026-11-24T10:00:00Z");
        let end = |until: &str| hold_end(at(until).micros(), now).map_err(|failure| failure.code);
        assert_eq!(hold_end(0, now).unwrap(), None);
        assert_eq!(end("2026-11-24T10:00:01Z").unwrap(), Some(at("2026-11-24T10:00:01Z")));
        for wrong in ["2026-11-24T10:00:00Z", "2020-01-01T00:00:00Z", "2037-01-01T00:00:00Z"] {
            assert_eq!(end(wrong).unwrap_err(), "case.hold-end", "{wrong}");
        }
    }

    #[test]
    fn only_an_archivist_of_the_agency_keeps_its_records() {
        let officer = |agency: &str, role: &str, to_us: i64| Officer {
            appointments: vec![Appointment {
                agency: agency.into(),
                role: role.into(),
                to_us,
                ..Appointment::default()
            }],
            ..Officer::default()
        };
        let now = Time::from_micros(100);
        assert!(keeps_records(&officer("justice", ARCHIVIST, 0), "justice", now));
        assert!(!keeps_records(&officer("justice", ARCHIVIST, 100), "justice", now), "no longer");
        assert!(!keeps_records(&officer("justice", "registrar", 0), "justice", now));
        assert!(!keeps_records(&officer("health", ARCHIVIST, 0), "justice", now));
    }

    #[test]
    fn a_mark_tells_the_applicant_of_one_case_only() {
        let (case, person) = (CaseId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        assert_eq!(mark(&[7; 32], case, person), mark(&[7; 32], case, person));
        assert_ne!(mark(&[7; 32], case, person), mark(&[7; 32], CaseId::from_bytes([3; 16]), person));
        assert_ne!(mark(&[7; 32], case, person), mark(&[8; 32], case, person));
    }
}

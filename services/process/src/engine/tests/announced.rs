//! A case that an agency's event begins runs at once, with what the event gave, and nobody has sent it.

use super::*;
use crate::{announced, case::Announced, forms};

/// The service with a start by an event, whose cases go to the officer.
fn service() -> Process {
    let mut definition = crate::sample::definition();
    let text = json!({"type": "string", "maxLength": 20});
    let starts = json!([
        {"name": "apply", "kind": "form", "step": "apply"},
        {"name": "built", "kind": "event", "step": "review", "title": {"en": "A shop was built"}, "event": {
            "agency": "cadastre", "name": "shop-built", "applicant": "owner.pinfl",
            "data": {
                "type": "object", "required": ["owner", "soato", "opened", "goods"],
                "properties": {
                    "owner": {"type": "object", "required": ["pinfl"], "properties": {"pinfl": text}},
                    "soato": text, "opened": {"type": "string", "format": "date"}, "goods": text, "phone": text,
                },
            },
            "set": [
                {"at": "shop.soato", "from": "soato"}, {"at": "shop.opened", "from": "opened"},
                {"at": "goods.kind", "from": "goods"}, {"at": "shop.phone", "from": "phone"},
            ],
        }},
    ]);
    definition.spec.starts = serde_json::from_value(starts).unwrap();
    Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn shop() -> serde_json::Value {
    json!({"owner": {"pinfl": "31203850000015"}, "soato": "1735401", "opened": "2026-11-20", "goods": "food"})
}

fn begins(start: &str, said: serde_json::Value) -> Command {
    let Command::OpenDraft { case_id, applicant, language, .. } = open(1) else { unreachable!("that is what it is") };
    let (agency, event, id) = ("cadastre".to_owned(), "shop-built".to_owned(), "e-7".to_owned());
    let announced = Announced { agency, event, id, at: tuesday() };
    Command::BeginFromEvent {
        case_id,
        applicant,
        language,
        number: "TRA-2026-9".into(),
        start: start.into(),
        announced,
        said,
    }
}

fn host() -> Host {
    let mut host = Host::new();
    host.process = service();
    host
}

#[test]
fn an_event_begins_a_case_that_runs_with_what_it_gave_and_nobody_has_sent() {
    let mut host = host();
    host.give(&begins("built", shop())).unwrap();
    let state = &host.state;
    assert_eq!((state.phase, state.channel.as_str(), state.start.as_str()), (Phase::Running, "event", "built"));
    assert_eq!((state.number.as_deref(), state.submitted), (Some("TRA-2026-9"), Some(tuesday())));
    assert_eq!((state.submitted_by, state.sent_by(), state.shown_hash), (None, None, None));
    let wanted = json!({"shop": {"soato": "1735401", "opened": "2026-11-20"}, "goods": {"kind": "food"}});
    assert_eq!(state.data, wanted, "and no phone, which the event does not have");
    assert_eq!(state.announced.as_ref().map(|announced| announced.id.as_str()), Some("e-7"));
    assert_eq!(state.timeline[0].code, "begun");
    assert_eq!(state.open_tasks().count(), 1, "the officer has it");
    assert!(state.promised.is_some());
    assert!(state.takes_part(applicant()), "it is the applicant's own case");
    assert!(host.give(&begins("built", shop())).is_none(), "once");
}

#[test]
fn whoever_reads_it_sees_each_value_as_a_fact_and_where_it_came_from() {
    let mut host = host();
    host.give(&begins("built", shop())).unwrap();
    let facts = host.law.at(host.now, 0);
    let review = forms::review(&host.process, &host.state, &facts, "en").unwrap();
    let rows: Vec<_> = review.sections.iter().flat_map(|section| &section.rows).filter(|row| row.fact).collect();
    let told: Vec<(&str, &str)> = rows.iter().map(|row| (row.at.as_str(), row.value.as_str())).collect();
    assert_eq!(told, [("shop.soato", "1735401"), ("shop.opened", "2026-11-20"), ("goods.kind", "food")]);
    assert!(rows.iter().all(|row| row.source == "cadastre/shop-built"));
}

#[test]
fn what_was_sent_back_to_the_applicant_keeps_what_the_event_gave() {
    let mut host = host();
    host.give(&begins("built", shop())).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    let (reasons, note) = (Vec::new(), "How many?".to_owned());
    let marked = [("goods.stalls".to_owned(), "Say it".to_owned())].into();
    host.give(&Command::DecideTask { task, outcome: "return".into(), reasons, note, marked, officer: officer() })
        .unwrap();
    let values = [("goods.stalls".to_owned(), "3".to_owned())].into();
    let disputed = BTreeSet::new();
    host.give(&Command::SaveAnswers { page: "goods".into(), values, disputed, shown: None }).unwrap();
    assert_eq!(host.state.data["goods"], json!({"kind": "food", "stalls": 3}));
    assert_eq!(host.state.data["shop"], json!({"soato": "1735401", "opened": "2026-11-20"}));
}

#[test]
fn a_start_that_is_not_there_and_values_that_the_service_does_not_take_begin_nothing() {
    let host = host();
    let law = Law::new();
    let refused =
        |command: &Command| decide(&host.process, &host.state, command, &law.at(tuesday(), 0)).unwrap_err().code;
    for start in ["apply", "other", ""] {
        assert_eq!(refused(&begins(start, shop())), "start.late", "{start}");
    }
    let mut wrong = shop();
    wrong["goods"] = json!("weapons");
    assert_eq!(refused(&begins("built", wrong)), "start.event-data");
    let plain = Host::new();
    let refusal = decide(&plain.process, &plain.state, &begins("built", shop()), &law.at(tuesday(), 0)).unwrap_err();
    assert_eq!(refusal.code, "start.late", "another revision does not begin so");
    assert_eq!(announced::ways(plain.process.definition()).count(), 0);
}

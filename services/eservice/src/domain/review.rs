//! An officer's page: everything a decision needs, and no more of the case than the task shows.

use kernel::{DocumentId, Language};
use process::{
    CaseState, Facts, Process,
    case::{PaymentState, RecallState, Task},
};
use proto::eservice::v1::{
    DocumentLink, OutcomeChoice, RecallChoice, RecallProposal, ReturnableField, Row, Section, TaskPage,
};
use serde_json::Value;

use super::{changed::micros, mandate, progress, summary, text};

pub fn page(
    process: &Process,
    state: &CaseState,
    version: i64,
    task: &Task,
    language: Language,
    facts: &Facts<'_>,
) -> TaskPage {
    let definition = process.definition();
    let declared = definition.step(&task.step).and_then(|step| step.task.as_ref());
    let shows = declared.map(|task| task.shows.as_slice()).unwrap_or_default();
    let sections: Vec<Section> = summary::sections(process, state, language, facts)
        .into_iter()
        .filter(|section| shows.is_empty() || shows.contains(&section.page))
        .collect();
    let returnable = returnable(&sections);
    let sections = sections.into_iter().chain(registries(definition, state, language, facts)).collect();
    let open = declared.filter(|_| task.closed.is_none());
    let outcomes = open.map(|task| task.outcomes.as_slice()).unwrap_or_default();
    TaskPage {
        case_id: state.case_id.to_vec(),
        version,
        task_id: task.id.to_vec(),
        number: state.number.clone().unwrap_or_default(),
        service_title: definition.title(language.tag()).to_owned(),
        title: text::optional(declared.and_then(|task| task.title.as_ref()), language),
        sections,
        outcomes: outcomes.iter().map(|outcome| choice(definition, outcome, language)).collect(),
        due_us: micros(task.due),
        office: task.office.as_deref().map(|name| progress::office_title(name, language, facts)).unwrap_or_default(),
        timeline: progress::timeline(state),
        documents: documents(definition, state, task, language),
        applicant: applicant_name(state),
        applicant_language: state.language.tag().to_owned(),
        returnable,
        payment: payment(state).to_owned(),
        representation: mandate::told(state),
        closed_us: micros(task.closed),
        // A name, which identity knows.
        claim: None,
    }
}

/// Documents with what may be done about each through this task.
fn documents(
    definition: &api::ServiceDefinition,
    state: &CaseState,
    task: &Task,
    language: Language,
) -> Vec<DocumentLink> {
    let mut links = progress::documents(definition, state, language);
    for link in links.iter_mut().filter(|link| link.status == "valid") {
        let known = state.documents.iter().find(|known| known.document.to_vec() == link.document_id);
        let declared = definition.document(&link.name).and_then(|document| document.recall.as_ref());
        let (Some(known), Some(declared)) = (known, declared.filter(|recall| recall.role == task.role)) else {
            continue;
        };
        let recall = known.recall.as_ref();
        let proposed = recall.filter(|recall| recall.state == RecallState::Proposed);
        link.recall = Some(RecallChoice {
            reasons: declared.reasons.iter().map(|reason| progress::reason(reason, language)).collect(),
            of_two: declared.four_eyes,
            proposal: proposed.map(|proposed| RecallProposal {
                officer: proposed.officer.to_vec(),
                reason: proposed.reason.clone(),
                note: proposed.note.clone(),
                replace: proposed.replace,
                time_us: proposed.at.micros(),
            }),
            replacing: recall.is_some_and(|recall| recall.state == RecallState::Replacing),
        });
    }
    links
}

/// Whether a document of the case is withdrawn through tasks like this one; whether it still can be the case itself says.
pub fn may_recall(definition: &api::ServiceDefinition, state: &CaseState, task: &Task, document: DocumentId) -> bool {
    let known = state.documents.iter().find(|known| known.document == document);
    let declared = known.and_then(|known| definition.document(&known.name)?.recall.as_ref());
    declared.is_some_and(|recall| recall.role == task.role)
}

/// What registries said in this case, one section a call that was made.
fn registries(
    definition: &api::ServiceDefinition,
    state: &CaseState,
    language: Language,
    known: &Facts<'_>,
) -> Vec<Section> {
    let called = definition.steps().iter().filter(|step| state.activations.contains_key(&step.name));
    let section = |(step, call): (&api::Step, &api::Call)| Section {
        page: format!("@{}", step.name),
        title: call.purpose.in_language(language.tag()).to_owned(),
        rows: facts(call, state.facts.get(call.fact()), language, known),
    };
    let called = called.filter_map(|step| step.call.as_ref().map(|call| (step, call)));
    called.map(section).collect()
}

/// The answer's own fields; a single row of the kind `absent` when the registry holds nothing or did not answer.
fn facts(call: &api::Call, answer: Option<&Value>, language: Language, known: &Facts<'_>) -> Vec<Row> {
    let source = format!("{}/{}", call.registry, call.operation);
    let row = |label: &str, value: String, kind: &str| Row {
        label: label.to_owned(),
        value,
        fact: true,
        source: source.clone(),
        kind: kind.to_owned(),
        ..Row::default()
    };
    match answer {
        Some(Value::Object(fields)) => {
            let told = |value: &Value| progress::office_title(&text::of_value(value), language, known);
            fields.iter().map(|(name, value)| row(name, told(value), kind_of(value))).collect()
        }
        Some(value) if !value.is_null() => vec![row(&call.fact(), text::of_value(value), "text")],
        _ => vec![row(&call.fact(), String::new(), "absent")],
    }
}

/// Registries write days as ISO 8601; people do not.
fn kind_of(value: &Value) -> &'static str {
    let is_day = |text: &str| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    if value.as_str().is_some_and(is_day) { "date" } else { "text" }
}

fn choice(definition: &api::ServiceDefinition, outcome: &api::Outcome, language: Language) -> OutcomeChoice {
    OutcomeChoice {
        name: outcome.name.clone(),
        label: outcome.label.in_language(language.tag()).to_owned(),
        reasons: outcome.reasons.iter().map(|reason| progress::reason(reason, language)).collect(),
        returns: definition.returns(outcome),
        needs_reason: !outcome.reasons.is_empty(),
    }
}

fn returnable(sections: &[Section]) -> Vec<ReturnableField> {
    let rows = sections.iter().flat_map(|section| &section.rows);
    let field = |row: &Row| ReturnableField { at: row.at.clone(), label: row.label.clone() };
    rows.filter(|row| !row.at.is_empty()).map(field).collect()
}

fn applicant_name(state: &CaseState) -> String {
    let profile = state.applicant.as_ref().map(|applicant| &applicant.profile);
    let name = profile.and_then(|profile| profile.get("name")).and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

/// One word for all payments of the case: `paid`, `waived`, `open`, `closed`, or nothing.
fn payment(state: &CaseState) -> &'static str {
    let states: Vec<PaymentState> = state.payments.values().flatten().map(|payment| payment.state).collect();
    let any = |wanted| states.contains(&wanted);
    if any(PaymentState::Open) {
        "open"
    } else if any(PaymentState::Captured) {
        "paid"
    } else if any(PaymentState::Waived) {
        "waived"
    } else if states.is_empty() {
        ""
    } else {
        "closed"
    }
}

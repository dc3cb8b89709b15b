//! An officer's page: everything a decision needs, and no more of the case than the task shows. Of another agency's task that is the
//! pages that it names and nothing besides.

use kernel::{DocumentId, Language};
use process::{
    CaseState, Facts, Process,
    case::{Enclosed, Note, OfficerDecision, OpinionRequest, PaymentState, Proposal, RecallState, Task},
};
use proto::eservice::v1::{
    self as eservice, Decision, DocumentLink, MarkedField, OfficerNote, Opinion, OutcomeChoice, RecallChoice,
    RecallProposal, ReturnableField, Row, Section, TaskPage,
};
use serde_json::Value;

use super::{
    asked, changed::micros, comparison, correction, mandate, onward, paper, progress, slips, summary, text, thread,
};

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
    let request = state.request(task.id);
    let shows = declared.map(|task| task.shows.as_slice()).unwrap_or_default();
    let shows = request.map_or(shows, |request| request.pages.as_slice());
    let shows_all = shows.is_empty() && !state.is_foreign(task);
    let is_seen = |page: &str| shows_all || shows.iter().any(|shown| shown == page);
    let is_shown = |section: &Section| is_seen(&section.page);
    let sections = summary::sections(process, state, language, facts).into_iter().filter(is_shown);
    let agreed = asked::agreed(process, state, language, facts).into_iter().filter(is_shown);
    if let Some(request) = request {
        return requested(definition, state, version, request, sections.collect(), language);
    }
    if state.is_foreign(task) {
        return foreign(definition, state, version, task, sections.chain(agreed).collect(), language);
    }
    let mut sections: Vec<Section> = sections.collect();
    comparison::beside(definition, state, language, facts, &mut sections);
    let returnable = returnable(&sections);
    let sections = sections.into_iter().chain(agreed).chain(registries(definition, state, language, facts)).collect();
    let open = declared.filter(|_| task.closed.is_none());
    let outcomes = open.map(|task| task.outcomes.as_slice()).unwrap_or_default();
    let proposal = task.proposal.as_ref().map(|kept| proposal(kept, outcomes, language));
    let left = thread::left(state, task, declared);
    let awaited = state.open_question(task.id);
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
        start_title: onward::title(definition, &state.start, language),
        origin: onward::origin(definition, state, language),
        of_two: open.is_some_and(|task| task.four_eyes),
        proposal,
        questions: thread::of_task(state, task, declared),
        questions_left: left,
        enclosing: (left > 0).then(|| thread::enclosing(state, Enclosed::Question { task: task.id })),
        opinions: opinions(definition, state, language),
        may_request: open.is_some() && state.open_request(task.id).is_none(),
        notes: notes(state, |note| shows_all || note.step == task.step),
        opinion: false,
        awaited_until_us: micros(awaited.map(|question| question.until)),
        awaited_question: awaited.and_then(|question| i32::try_from(question.number).ok()).unwrap_or_default(),
        correction: correction::told(process, state, language, facts, (shows_all, &is_seen)),
        original: paper::original(state),
        received_us: paper::received_us(state),
        reason: paper::reason(state),
        // The reader's, whom only the operation knows.
        kept_off: false,
        // Of an opinion beside the process, which is another page.
        request: String::new(),
        // From the case's events, which only the operation reads.
        rules: Vec::new(),
    }
}

/// No name, no history, no document, no registry's answer: whoever gives an opinion knows what they are asked about.
fn foreign(
    definition: &api::ServiceDefinition,
    state: &CaseState,
    version: i64,
    task: &Task,
    sections: Vec<Section>,
    language: Language,
) -> TaskPage {
    let declared = definition.step(&task.step).and_then(|step| step.task.as_ref());
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
        office: task.office.clone().unwrap_or_default(),
        closed_us: micros(task.closed),
        of_two: open.is_some_and(|task| task.four_eyes),
        proposal: task.proposal.as_ref().map(|kept| proposal(kept, outcomes, language)),
        opinion: true,
        ..TaskPage::default()
    }
}

/// What somebody of the case's agency wants to know beside the process: the pages that they named, and nothing besides.
fn requested(
    definition: &api::ServiceDefinition,
    state: &CaseState,
    version: i64,
    request: &OpinionRequest,
    sections: Vec<Section>,
    language: Language,
) -> TaskPage {
    let outcome = |name: &&str| OutcomeChoice { name: (*name).to_owned(), ..OutcomeChoice::default() };
    let open = request.closed.is_none();
    TaskPage {
        case_id: state.case_id.to_vec(),
        version,
        task_id: request.id.to_vec(),
        number: state.number.clone().unwrap_or_default(),
        service_title: definition.title(language.tag()).to_owned(),
        sections,
        outcomes: if open { OpinionRequest::OUTCOMES.iter().map(outcome).collect() } else { Vec::new() },
        due_us: request.until.micros(),
        closed_us: micros(request.closed),
        opinion: true,
        request: request.text.clone(),
        ..TaskPage::default()
    }
}

/// What officers wrote down, the newest first; names come from identity.
pub fn notes(state: &CaseState, is_shown: impl Fn(&Note) -> bool) -> Vec<OfficerNote> {
    let told = |note: &Note| OfficerNote {
        officer: note.officer.to_vec(),
        name: String::new(),
        text: note.text.clone(),
        time_us: note.at.micros(),
    };
    state.notes.iter().rev().filter(|note| is_shown(note)).map(told).collect()
}

/// What other agencies said until now.
fn opinions(definition: &api::ServiceDefinition, state: &CaseState, language: Language) -> Vec<Opinion> {
    let told = |decision: &OfficerDecision| {
        let task = definition.step(&decision.step).and_then(|step| step.task.as_ref());
        Opinion {
            agency: state.tasks.get(&decision.task).map(|task| task.agency.clone()).unwrap_or_default(),
            title: text::optional(task.and_then(|task| task.title.as_ref()), language),
            decision: Some(progress::decided(definition, decision, language)),
            awaited_until_us: 0,
        }
    };
    state.opinions().map(told).chain(state.requests.iter().map(asked_beside)).collect()
}

/// Of an opinion that was asked for beside the process; the words of its outcome are the reader's.
fn asked_beside(request: &OpinionRequest) -> Opinion {
    let given = request.given.as_ref().map(|given| Decision {
        outcome: given.outcome.clone(),
        note: given.note.clone(),
        time_us: given.at.micros(),
        ..Decision::default()
    });
    Opinion {
        agency: request.agency.clone(),
        title: request.text.clone(),
        decision: given,
        awaited_until_us: if request.closed.is_none() { request.until.micros() } else { 0 },
    }
}

/// What can be decided about a task, and whether two officers decide it.
pub fn choices(definition: &api::ServiceDefinition, task: &Task, language: Language) -> (Vec<OutcomeChoice>, bool) {
    // What is asked beside the process has a token of none.
    let declared = definition.step(&task.step).and_then(|step| step.task.as_ref()).filter(|_| task.token != 0);
    let outcomes = declared.map(|task| task.outcomes.as_slice()).unwrap_or_default();
    let choices = outcomes.iter().map(|outcome| choice(definition, outcome, language)).collect();
    (choices, declared.is_some_and(|task| task.four_eyes))
}

/// What the first of two officers proposes, in words.
fn proposal(kept: &Proposal, outcomes: &[api::Outcome], language: Language) -> eservice::Proposal {
    let outcome = outcomes.iter().find(|outcome| outcome.name == kept.outcome);
    let reasons = outcome.map(|outcome| outcome.reasons.as_slice()).unwrap_or_default();
    let given = reasons.iter().filter(|reason| kept.reasons.contains(&reason.code));
    let marked = kept.marked.iter().map(|(at, note)| MarkedField { at: at.clone(), note: note.clone() });
    let back = kept.sent_back.as_ref();
    eservice::Proposal {
        officer: kept.officer.to_vec(),
        // Names, which identity knows.
        name: String::new(),
        sent_back_by: String::new(),
        outcome: kept.outcome.clone(),
        label: text::optional(outcome.map(|outcome| &outcome.label), language),
        reasons: given.map(|reason| progress::reason(reason, language)).collect(),
        note: kept.note.clone(),
        marked: marked.collect(),
        time_us: kept.at.micros(),
        sent_back_us: micros(back.map(|back| back.at)),
        sent_back_note: back.map(|back| back.note.clone()).unwrap_or_default(),
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
                corrections: slips::proposed(proposed),
            }),
            replacing: known.replacing().is_some(),
            corrects: slips::choices(definition, state, declared, language),
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

/// What registries said in this case or in the one it began from, one section a call that was made.
fn registries(
    definition: &api::ServiceDefinition,
    state: &CaseState,
    language: Language,
    known: &Facts<'_>,
) -> Vec<Section> {
    let carried = |call: &api::Call| state.origin.is_some() && state.facts.get(call.fact()).is_some();
    let called = definition
        .steps()
        .iter()
        .filter(|step| state.activations.contains_key(&step.name) || step.call.as_ref().is_some_and(carried));
    let section = |(step, call): (&api::Step, &api::Call)| {
        let read = state.sources.get(&call.fact()).map(|source| source.read);
        let mut rows = facts(call, state.facts.get(call.fact()), language, known);
        for row in &mut rows {
            row.read_us = micros(read);
        }
        let title = call.purpose.in_language(language.tag()).to_owned();
        Section { page: format!("@{}", step.name), title, rows }
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

pub(super) fn applicant_name(state: &CaseState) -> String {
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

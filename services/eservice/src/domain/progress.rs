//! The applicant's view of a case: where it stands, what happened, what was decided and delivered.

use kernel::{DocumentId, Language};
use process::{
    CaseState, Facts, Process,
    case::{IssuedDocument, OfficerDecision, Phase, Recall, RecallState, TimelineEntry},
    evidence,
};
use proto::eservice::v1::{Case, Decision, DocumentLink, File, Reason, TimelineRow, Withdrawal};

use super::{asked, changed::micros, form, mandate, onward, paper, slips, text, thread};

pub fn case(process: &Process, state: &CaseState, version: i64, language: Language, facts: &Facts<'_>) -> Case {
    let definition = process.definition();
    let due = state.due_payment();
    Case {
        case_id: state.case_id.to_vec(),
        version,
        number: state.number.clone().unwrap_or_default(),
        agency: state.agency.clone(),
        service: state.service.clone(),
        service_title: definition.title(language.tag()).to_owned(),
        phase: state.public_phase().to_owned(),
        status: state.status().to_owned(),
        status_text: ending(definition, state, language),
        timeline: timeline(state),
        intent: due.map(|payment| payment.intent.to_vec()).unwrap_or_default(),
        amount: due.map(|payment| form::money(payment.amount)),
        pay_until_us: micros(state.pay_until()),
        documents: documents(definition, state, language),
        decision: state.decision().map(|decision| decided(definition, decision, language)),
        earlier: state.earlier_decisions().map(|decision| decided(definition, decision, language)).collect(),
        channel: state.channel.clone(),
        sent_by: state.sent_by().unwrap_or_default().to_owned(),
        submitted_us: micros(state.submitted),
        due_us: micros(state.due()),
        correct_page: correct_page(process, state, facts),
        office: office(state, language, facts),
        outcome: state.outcome.clone().unwrap_or_default(),
        representation: mandate::told(state),
        files: attached(process, state),
        withdrawal: process::withdrawal(process, state).map(withdrawn),
        start_title: onward::title(definition, &state.start, language),
        origin: onward::origin(definition, state, language),
        parties: asked::told_to_applicant(process, state, language, facts),
        questions: thread::whole(state),
        original: paper::original(state),
        received_us: paper::received_us(state),
        ..Case::default()
    }
}

fn withdrawn(of: process::Withdrawal) -> Withdrawal {
    Withdrawal { returned: Some(form::money(of.returned)), kept: Some(form::money(of.kept)) }
}

/// Of a draft its questions show them.
fn attached(process: &Process, state: &CaseState) -> Vec<File> {
    let named = if state.submitted.is_some() { evidence::named(process, state) } else { Vec::new() };
    form::files(&named.into_iter().map(|(_, file)| file).collect::<Vec<_>>())
}

/// What the definition calls the case's last state; statuses on the way have their words in the portal.
fn ending(definition: &api::ServiceDefinition, state: &CaseState, language: Language) -> String {
    state.outcome.as_ref().map(|outcome| ending_of(definition, outcome, language)).unwrap_or_default()
}

pub(super) fn ending_of(definition: &api::ServiceDefinition, outcome: &str, language: Language) -> String {
    let ends = definition.steps().iter().filter_map(|step| step.end.as_ref());
    let label = ends.filter(|end| end.outcome == outcome).find_map(|end| end.label.as_ref());
    text::optional(label, language)
}

/// The portal has a sentence for each code.
pub fn timeline(state: &CaseState) -> Vec<TimelineRow> {
    let row = |entry: &TimelineEntry| TimelineRow {
        time_us: entry.at.micros(),
        text: String::new(),
        code: entry.code.clone(),
        actor: entry.actor.clone(),
    };
    state.timeline.iter().map(row).collect()
}

/// Documents that the case delivers; before its end, all that were issued.
pub fn documents(definition: &api::ServiceDefinition, state: &CaseState, language: Language) -> Vec<DocumentLink> {
    let delivered = state
        .documents
        .iter()
        .filter(|document| state.phase != Phase::Ended || state.delivers.contains(&document.name));
    let number = |id: DocumentId| state.documents.iter().find(|known| known.document == id).map(|known| &known.number);
    let link = |document: &IssuedDocument| {
        let declared = definition.document(&document.name);
        let replaced = document.recall.as_ref().filter(|recall| recall.state == RecallState::Superseded);
        let by = replaced.and_then(|recall| number(recall.replaced_by?)).cloned();
        let made = |recall| {
            let declared = declared.and_then(|declared| declared.recall.as_ref());
            slips::made(definition, declared, recall, language)
        };
        DocumentLink {
            document_id: document.document.to_vec(),
            title: text::optional(declared.and_then(|declared| declared.title.as_ref()), language),
            number: document.number.clone(),
            code: document.code.clone(),
            status: standing(document).to_owned(),
            name: document.name.clone(),
            reason: text::optional(why(declared, document).map(|reason| &reason.text), language),
            article: why(declared, document).and_then(|reason| reason.article.clone()).unwrap_or_default(),
            recall: None,
            superseded_by: by.unwrap_or_default(),
            corrections: replaced.map(made).unwrap_or_default(),
        }
    };
    delivered.map(link).collect()
}

/// As signing tells it to whoever verifies the document.
fn standing(document: &IssuedDocument) -> &'static str {
    match document.recall.as_ref().map(|recall| recall.state) {
        Some(RecallState::Revoked) => "revoked",
        Some(RecallState::Superseded) => "superseded",
        None | Some(RecallState::Proposed | RecallState::Replacing) => "valid",
    }
}

/// Of one that does not count any more.
fn why<'d>(declared: Option<&'d api::Document>, document: &IssuedDocument) -> Option<&'d api::Reason> {
    let gone = |recall: &&Recall| matches!(recall.state, RecallState::Revoked | RecallState::Superseded);
    let recall = document.recall.as_ref().filter(gone);
    let reasons = declared.and_then(|declared| declared.recall.as_ref()).map(|recall| recall.reasons.as_slice());
    recall.and_then(|recall| reasons.unwrap_or_default().iter().find(|known| known.code == recall.reason))
}

pub fn decided(definition: &api::ServiceDefinition, decision: &OfficerDecision, language: Language) -> Decision {
    let task = definition.step(&decision.step).and_then(|step| step.task.as_ref());
    let outcome = task.and_then(|task| task.outcomes.iter().find(|outcome| outcome.name == decision.outcome));
    let declared = outcome.map(|outcome| outcome.reasons.as_slice()).unwrap_or_default();
    let given = declared.iter().filter(|reason| decision.reasons.contains(&reason.code));
    Decision {
        outcome: decision.outcome.clone(),
        label: text::optional(outcome.map(|outcome| &outcome.label), language),
        reasons: given.map(|given| reason(given, language)).collect(),
        note: decision.note.clone(),
        time_us: decision.at.micros(),
        appeal: String::new(),
    }
}

pub fn reason(declared: &api::Reason, language: Language) -> Reason {
    Reason {
        code: declared.code.clone(),
        text: declared.text.in_language(language.tag()).to_owned(),
        article: declared.article.clone().unwrap_or_default(),
    }
}

fn correct_page(process: &Process, state: &CaseState, facts: &Facts<'_>) -> String {
    if state.returned.is_none() {
        return String::new();
    }
    form::next_unanswered(process, state, facts).unwrap_or_default()
}

/// Title of the office that works on the case now.
fn office(state: &CaseState, language: Language, facts: &Facts<'_>) -> String {
    let name = state.own_tasks().find_map(|task| task.office.as_deref());
    name.map(|name| office_title(name, language, facts)).unwrap_or_default()
}

pub fn office_title(name: &str, language: Language, facts: &Facts<'_>) -> String {
    let office = facts.offices.iter().find(|office| office.name == name);
    office.map_or_else(|| name.to_owned(), |office| office.title.in_language(language.tag()).to_owned())
}

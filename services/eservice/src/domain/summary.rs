//! All answers at a glance, with what it will cost: exactly this is hashed, and a submission names the hash.

use std::collections::BTreeSet;

use kernel::Language;
use process::{
    CaseState, Facts, Process,
    case::Phase,
    fees::{self, Charge, Inputs},
    forms::{self, Review},
    process::office,
};
use proto::eservice::v1::{Answers, FeeLine, FormPart, Row, Section, SignInAsked};

use super::{form, intake, mandate, paper, review, text};

pub fn answers(process: &Process, state: &CaseState, version: i64, language: Language, facts: &Facts<'_>) -> Answers {
    let mut answers = Answers {
        case_id: state.case_id.to_vec(),
        version,
        service_title: process.definition().title(language.tag()).to_owned(),
        agency: state.agency.clone(),
        service: state.service.clone(),
        returned: state.returned.is_some(),
        representation: mandate::told(state),
        sign_in: sign_in(&process.definition().spec.access),
        parts: forms::outline(process, state, facts, language.tag()).into_iter().map(part).collect(),
        original: paper::original(state),
        reason: paper::reason(state),
        applicant: if state.taken_in.is_some() { review::applicant_name(state) } else { String::new() },
        ..Answers::default()
    };
    if let Some(review) = forms::review(process, state, facts, language.tag()) {
        let charges = charges(process, state, facts);
        answers.shown_hash = review.hash(&charges).to_vec();
        answers.incomplete.clone_from(&review.sequence.incomplete);
        answers.declaration.clone_from(&review.declaration);
        answers.fees = charges.iter().map(|charge| fee(charge, language)).collect();
        answers.sections = written(review);
    }
    answers
}

/// What a party who is asked checks before they agree; `seen`: the case as they work on it.
pub fn asked(process: &Process, seen: &CaseState, version: i64, language: Language, facts: &Facts<'_>) -> Answers {
    let mut answers = Answers {
        case_id: seen.case_id.to_vec(),
        version,
        service_title: process.definition().title(language.tag()).to_owned(),
        agency: seen.agency.clone(),
        service: seen.service.clone(),
        ..Answers::default()
    };
    if let Some(review) = forms::review_asked(process, seen, facts, language.tag()) {
        answers.shown_hash = review.hash(&[]).to_vec();
        answers.incomplete.clone_from(&review.sequence.incomplete);
        answers.declaration.clone_from(&review.declaration);
        answers.sections = written(review);
    }
    answers
}

fn part(part: forms::Part) -> FormPart {
    FormPart { title: part.title, standing: part.standing.name().to_owned(), page: part.page.unwrap_or_default() }
}

/// Never less sure than what filling in takes: whoever signs in again must not lose sight of their own answers.
fn sign_in(access: &api::Access) -> Option<SignInAsked> {
    let asked = access.submission.as_ref()?;
    let assurance = match access.assurance.max(asked.assurance) {
        api::Assurance::None | api::Assurance::Low => "low",
        api::Assurance::Substantial => "substantial",
        api::Assurance::High => "high",
    };
    let within_s = i64::try_from(intake::within_s(asked)).unwrap_or(i64::MAX);
    Some(SignInAsked { within_s, assurance: assurance.to_owned() })
}

/// The answers as the case holds them, page by page.
pub fn sections(process: &Process, state: &CaseState, language: Language, facts: &Facts<'_>) -> Vec<Section> {
    forms::review(process, state, facts, language.tag()).map(written).unwrap_or_default()
}

fn written(review: Review) -> Vec<Section> {
    review.sections.into_iter().map(section).collect()
}

pub(super) fn section(section: forms::Section) -> Section {
    Section { page: section.page, title: section.title, rows: section.rows.into_iter().map(row).collect() }
}

pub(super) fn row(row: forms::Row) -> Row {
    Row {
        at: row.at,
        label: row.label,
        value: row.value,
        fact: row.fact,
        source: row.source,
        disputed: row.disputed,
        registry_value: row.registry_value,
        differs: row.differs,
        kind: row.kind.to_owned(),
        files: form::files(&row.files),
        read_us: 0,
    }
}

/// Fees that the answers so far already fix; shown before anybody submits. Payments computes them again, from the same rules.
fn charges(process: &Process, state: &CaseState, facts: &Facts<'_>) -> Vec<Charge> {
    if state.phase != Phase::Draft {
        return Vec::new();
    }
    let inputs = Inputs::of_case(state, office::of_case(process, state, facts), Vec::new());
    let mut named: Vec<&str> = Vec::new();
    for fee in payments(process, state) {
        if !named.contains(&fee) {
            named.push(fee);
        }
    }
    let charged = named.into_iter().map(|fee| fees::charge(process, fee, &inputs, facts.reference, facts.calendar));
    charged.filter_map(Result::ok).collect()
}

/// Fees of every payment step. Where the case began from another one, only of those that come before somebody decides: whether what
/// lies behind is ever due is what is asked for.
fn payments<'p>(process: &'p Process, state: &CaseState) -> Vec<&'p str> {
    let steps = process.definition().steps();
    if state.origin.is_none() {
        return steps.iter().filter_map(|step| step.payment.as_deref()).collect();
    }
    let mut met: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = process.first_step(state).into_iter().collect();
    while let Some(name) = open.pop() {
        let Some(step) = process.step(name) else { continue };
        if met.insert(&step.name) && step.task.is_none() {
            open.extend(step.outgoing().iter().map(|way| way.to));
        }
    }
    steps.iter().filter(|step| met.contains(step.name.as_str())).filter_map(|step| step.payment.as_deref()).collect()
}

fn fee(charge: &Charge, language: Language) -> FeeLine {
    let waiver = charge.waiver.as_ref();
    FeeLine {
        title: text::of_map(&charge.title, language),
        amount: Some(form::money(charge.amount)),
        note: waiver.map(|waiver| text::of_map(&waiver.title, language)).unwrap_or_default(),
        declared: charge.declared,
    }
}

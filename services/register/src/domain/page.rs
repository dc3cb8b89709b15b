//! What a citizen reads about a service: a view of its definition in one language.

use api::{Agency, Assurance, Audience, Earned, Fee, LegalBasis, Level, Office, ServiceDefinition, Text};
use kernel::{Hash, Money, Time};
use process::{
    calendar::{Calendar, civil_date},
    expr::{Scope, TypeEnv, compile},
    reference::Reference,
    start,
    words::said,
};
use proto::register::v1 as wire;
use serde_json::Value;

use super::eligibility;

/// What the page is made for.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub language: &'a str,
    pub now: Time,
    /// Documents bear SPECIMEN.
    pub trial: bool,
}

/// A service in a list.
pub fn card(definition: &ServiceDefinition, agency: &Agency, language: &str) -> wire::ServiceCard {
    let spec = &definition.spec;
    wire::ServiceCard {
        agency: agency.metadata.name.clone(),
        service: definition.metadata.name.clone(),
        title: spec.title.in_language(language).to_owned(),
        summary: optional(spec.summary.as_ref(), language),
        agency_title: agency.spec.title.in_language(language).to_owned(),
        level: level(spec.level).to_owned(),
        paper_role: paper_role(definition),
    }
}

pub fn level(level: Level) -> &'static str {
    match level {
        Level::Hosted => "hosted",
        Level::Listed => "listed",
        Level::External => "external",
    }
}

pub fn optional(text: Option<&Text>, language: &str) -> String {
    text.map(|text| text.in_language(language).to_owned()).unwrap_or_default()
}

/// The whole page of a service.
pub fn page(definition: &ServiceDefinition, revision: Hash, agency: &Agency, reader: Reader<'_>) -> wire::ServicePage {
    let spec = &definition.spec;
    let language = reader.language;
    let questions = spec.eligibility.iter().flat_map(|check| &check.questions);
    let documents = spec.documents.iter().filter(|document| delivered(definition, &document.name));
    wire::ServicePage {
        card: Some(card(definition, agency, language)),
        revision: revision.to_vec(),
        legal_basis: spec.legal_basis.iter().map(|act| link(act, language)).collect(),
        fees: spec.fees.iter().map(|fee| line(definition, fee, reader)).collect(),
        promised: spec.service_level.as_ref().map(|level| said(level.promised, language)).unwrap_or_default(),
        assurance: assurance(spec.access.assurance).to_owned(),
        audience: spec.audience.iter().map(|audience| whom(*audience).to_owned()).collect(),
        life_events: spec.life_events.iter().map(|name| event(name, agency, language)).collect(),
        documents: documents
            .map(|document| optional(document.title.as_ref(), language))
            .filter(|title| !title.is_empty())
            .collect(),
        needs: spec.needs.iter().map(|need| need.in_language(language).to_owned()).collect(),
        offices: agency.spec.offices.iter().map(|at| office(at, reader)).collect(),
        specimen: reader.trial,
        mandates: spec.access.mandates.iter().map(|mandate| mandate.kind.name().to_owned()).collect(),
        closed: String::new(),
        eligibility: questions.map(|question| eligibility::question(question, language)).collect(),
        paper_role: paper_role(definition),
        paper_by: start::on_paper(definition).map(start::ways_of).unwrap_or_default(),
    }
}

/// The role of those who take in what comes on paper; empty: nobody does.
pub fn paper_role(definition: &ServiceDefinition) -> String {
    start::on_paper(definition).and_then(|start| start.role.clone()).unwrap_or_default()
}

/// What a case that is granted delivers: a refusal is not what people come for.
pub fn delivered(definition: &ServiceDefinition, document: &str) -> bool {
    let ends = definition.steps().iter().filter_map(|step| step.end.as_ref());
    let mut granted = ends.filter(|end| end.outcome == "granted").peekable();
    granted.peek().is_none() || granted.any(|end| end.delivers.iter().any(|delivered| delivered == document))
}

pub fn link(act: &LegalBasis, language: &str) -> wire::Link {
    wire::Link { title: act.title.in_language(language).to_owned(), uri: act.uri.clone().unwrap_or_default() }
}

fn event(name: &str, agency: &Agency, language: &str) -> wire::LifeEvent {
    let title = agency.life_event(name).map_or(name, |title| title.in_language(language));
    wire::LifeEvent { name: name.to_owned(), title: title.to_owned(), services: 0 }
}

/// What is behind us does not keep anybody from coming.
fn office(office: &Office, reader: Reader<'_>) -> wire::Office {
    let language = reader.language;
    let today = civil_date(reader.now).to_string();
    let to_come = office.closed.iter().filter(|day| day.date >= today);
    let mut closed: Vec<wire::ClosedDay> = to_come
        .map(|day| wire::ClosedDay { date: day.date.clone(), reason: optional(day.reason.as_ref(), language) })
        .collect();
    closed.sort_by(|one, other| one.date.cmp(&other.date));
    wire::Office {
        name: office.name.clone(),
        title: office.title.in_language(language).to_owned(),
        area: office.soato.join(" "),
        address: optional(office.address.as_ref(), language),
        hours: optional(office.hours.as_ref(), language),
        phone: office.phone.clone().unwrap_or_default(),
        closed,
    }
}

fn assurance(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::None => "none",
        Assurance::Low => "low",
        Assurance::Substantial => "substantial",
        Assurance::High => "high",
    }
}

pub fn whom(audience: Audience) -> &'static str {
    match audience {
        Audience::Citizen => "citizen",
        Audience::Business => "business",
    }
}

fn line(definition: &ServiceDefinition, fee: &Fee, reader: Reader<'_>) -> wire::Fee {
    let amount = fixed(definition, fee, reader.now).map(amount);
    wire::Fee { title: optional(fee.title.as_ref(), reader.language), amount, earned: earned(fee.earned).to_owned() }
}

pub fn earned(earned: Earned) -> &'static str {
    match earned {
        Earned::OnResult => "onResult",
        Earned::OnReview => "onReview",
        Earned::OnSubmission => "onSubmission",
    }
}

pub fn amount(money: Money) -> proto::Money {
    proto::Money { minor: money.minor, currency: money.currency.code().to_owned() }
}

/// Today's amount of a fee that does not depend on the case.
pub fn fixed(definition: &ServiceDefinition, fee: &Fee, now: Time) -> Option<Money> {
    let reference = Reference::standard();
    let expr = compile(&fee.amount, &TypeEnv::of_definition(definition, &reference.names())).ok()?;
    if !expr.reads().iter().all(|path| path == "ref" || path.starts_with("ref.")) {
        return None;
    }
    let calendar = Calendar::standard();
    let nothing = Value::Null;
    let scope = Scope {
        data: &nothing,
        facts: &nothing,
        case: &nothing,
        applicant: &nothing,
        now,
        as_of: now,
        reference: &reference,
        calendar: &calendar,
        offices: &[],
    };
    expr.eval(&scope).and_then(|value| value.as_money()).ok()
}

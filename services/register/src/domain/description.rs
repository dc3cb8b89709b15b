//! A service as machines are told of it: in every language at once, with names that stay.

use api::{Agency, Document, Field, LegalBasis, Office, PrescribedForm, ServiceDefinition, Span, Text, Unit};
use kernel::{Language, Time};
use process::words::{Words, said};
use proto::register::v1 as wire;

use super::{choice::Entry, forms, page};

/// `offices`: those of the agency are told with one service, not with every service of a list.
pub fn description(
    definition: &ServiceDefinition,
    entry: &Entry,
    agency: &Agency,
    (now, offices): (Time, bool),
) -> wire::ServiceDescription {
    let spec = &definition.spec;
    let promised = spec.service_level.as_ref().map(|level| level.promised);
    let delivered = spec.documents.iter().filter(|document| page::delivered(definition, &document.name));
    let fields = definition.own_forms().flat_map(api::Form::fields).map(|(_, field)| field);
    wire::ServiceDescription {
        agency: entry.agency.clone(),
        service: entry.service.clone(),
        revision: entry.revision.to_vec(),
        admitted_us: entry.admitted.micros(),
        level: page::level(spec.level).to_owned(),
        title: Some(text(&spec.title)),
        summary: spec.summary.as_ref().map(text),
        agency_title: Some(text(&agency.spec.title)),
        agency_uri: agency.spec.uri.clone().unwrap_or_default(),
        agency_phone: agency.spec.phone.clone().unwrap_or_default(),
        legal_basis: spec.legal_basis.iter().map(act).collect(),
        life_events: spec.life_events.iter().map(|name| named(name, agency.life_event(name))).collect(),
        audience: spec.audience.iter().map(|audience| page::whom(*audience).to_owned()).collect(),
        fees: fees(definition, now),
        documents: delivered.map(|Document { name, title, .. }| named(name, title.as_ref())).collect(),
        needs: spec.needs.iter().map(text).collect(),
        evidence: fields.filter(|field| field.evidence.is_some()).map(file).collect(),
        offices: if offices { agency.spec.offices.iter().map(office).collect() } else { Vec::new() },
        promised: promised.map(|span| in_each(|language| said(span, language.tag()))),
        promised_duration: promised.and_then(duration).unwrap_or_default(),
        forms: spec.prescribed_forms.iter().map(form).collect(),
    }
}

fn form(form: &PrescribedForm) -> wire::DescribedForm {
    wire::DescribedForm {
        key: forms::key(form),
        name: form.name.clone(),
        title: Some(text(&form.title)),
        owner: Some(text(&form.owner)),
        version: form.version.clone(),
        legal_basis: Some(act(&form.legal_basis)),
        uri: form.uri.clone().unwrap_or_default(),
    }
}

fn text(text: &Text) -> proto::Text {
    let by_language = text.iter().map(|(tag, words)| (tag.to_owned(), words.to_owned()));
    proto::Text { by_language: by_language.collect() }
}

fn in_each(say: impl Fn(Language) -> String) -> proto::Text {
    let by_language = Language::ALL.into_iter().map(|language| (language.tag().to_owned(), say(language)));
    proto::Text { by_language: by_language.collect() }
}

fn act(act: &LegalBasis) -> wire::DescribedAct {
    wire::DescribedAct { title: Some(text(&act.title)), uri: act.uri.clone().unwrap_or_default() }
}

fn named(name: &str, title: Option<&Text>) -> wire::DescribedName {
    wire::DescribedName { name: name.to_owned(), title: title.map(text) }
}

fn file(field: &Field) -> wire::DescribedName {
    named(&field.at, Some(&field.label))
}

fn fees(definition: &ServiceDefinition, now: Time) -> Vec<wire::DescribedFee> {
    if definition.spec.fees.is_empty() {
        return Vec::new();
    }
    let each = Language::ALL.map(|language| Words::new(definition, language));
    let described = definition.spec.fees.iter().map(|fee| {
        let rules = Language::ALL.into_iter().zip(&each);
        let rules = rules.map(|(language, words)| (language.tag().to_owned(), words.rule(&fee.amount)));
        wire::DescribedFee {
            name: fee.name.clone(),
            title: fee.title.as_ref().map(text),
            amount: page::fixed(definition, fee, now).map(page::amount),
            rule: Some(proto::Text { by_language: rules.collect() }),
        }
    });
    described.collect()
}

fn office(office: &Office) -> wire::DescribedOffice {
    wire::DescribedOffice {
        name: office.name.clone(),
        title: Some(text(&office.title)),
        address: office.address.as_ref().map(text),
        hours: office.hours.as_ref().map(text),
        phone: office.phone.clone().unwrap_or_default(),
        area: office.soato.join(" "),
    }
}

/// As XML Schema writes a duration. Working days depend on a calendar that it does not know.
fn duration(span: Span) -> Option<String> {
    let amount = span.amount;
    Some(match span.unit {
        Unit::Seconds => format!("PT{amount}S"),
        Unit::Minutes => format!("PT{amount}M"),
        Unit::Hours => format!("PT{amount}H"),
        Unit::Days => format!("P{amount}D"),
        Unit::Weeks => format!("P{}D", u64::from(amount) * 7),
        Unit::Months => format!("P{amount}M"),
        Unit::Years => format!("P{amount}Y"),
        Unit::WorkingDays => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_only_where_it_is_true_without_a_calendar_of_working_days() {
        let written = |span: &str| duration(span.parse().unwrap());
        assert_eq!(written("3 days").as_deref(), Some("P3D"));
        assert_eq!(written("2 weeks").as_deref(), Some("P14D"));
        assert_eq!(written("30 min").as_deref(), Some("PT30M"));
        assert_eq!(written("6 months").as_deref(), Some("P6M"));
        assert_eq!(written("3 working days"), None);
    }
}

//! The passport of a service: everything that its definition says to people, in one language, with its rules in words.

use api::{Agency, Call, Fee, Field, LegalBasis, ServiceDefinition};
use kernel::{Hash, Language, Time};
use process::words::Words;
use proto::register::v1 as wire;

use super::{
    choice::Entry,
    forms,
    page::{self, Reader},
};

/// All of it but the revisions.
pub fn passport(
    definition: &ServiceDefinition,
    revision: Hash,
    agency: &Agency,
    (language, now, trial): (Language, Time, bool),
) -> wire::Passport {
    let spec = &definition.spec;
    let words = Words::new(definition, language);
    let tag = language.tag();
    let link = |act: &LegalBasis| page::link(act, tag);
    let intake = spec.access.intake.as_ref();
    let retention = spec.data.as_ref().and_then(|data| data.retention.as_ref());
    let reader = Reader { language: tag, now, trial };
    wire::Passport {
        page: Some(page::page(definition, revision, agency, reader)),
        agency_uri: agency.spec.uri.clone().unwrap_or_default(),
        agency_phone: agency.spec.phone.clone().unwrap_or_default(),
        fees: spec.fees.iter().map(|known| fee(definition, known, &words, (language, now))).collect(),
        effective_from: spec.effective_from.as_ref().map(|from| from.date.clone()).unwrap_or_default(),
        act: spec.effective_from.as_ref().and_then(|from| from.act.as_ref()).map(link),
        opens: intake.and_then(|intake| intake.opens.clone()).unwrap_or_default(),
        closes: intake.and_then(|intake| intake.closes.clone()).unwrap_or_default(),
        questions: asked(definition, |field| field.evidence.is_none(), &words),
        evidence: asked(definition, |field| field.evidence.is_some(), &words),
        registries: registries(definition, &words, tag),
        purpose: page::optional(spec.data.as_ref().and_then(|data| data.purpose.as_ref()), tag),
        kept: retention.map(|retention| words.span(retention.cases)).unwrap_or_default(),
        drafts_kept: retention.map(|retention| words.span(retention.drafts)).unwrap_or_default(),
        kept_by: retention.and_then(|retention| retention.legal_basis.as_ref()).map(link),
        documents: documents(definition, &words),
        revisions: Vec::new(),
        older: false,
        drafts: process::check::unreviewed(definition).into_iter().map(str::to_owned).collect(),
        forms: spec.prescribed_forms.iter().map(|form| forms::form_of(form, tag)).collect(),
    }
}

fn fee(
    definition: &ServiceDefinition,
    fee: &Fee,
    words: &Words<'_>,
    (language, now): (Language, Time),
) -> wire::PassportFee {
    let tag = language.tag();
    let waivers = fee.waivers.iter().map(|waiver| wire::PassportWaiver {
        title: page::optional(waiver.title.as_ref(), tag),
        when: words.rule(&waiver.when),
        rule: waiver.amount.as_ref().map(|amount| words.rule(amount)).unwrap_or_default(),
        legal_basis: waiver.legal_basis.as_ref().map(|act| page::link(act, tag)),
    });
    wire::PassportFee {
        title: page::optional(fee.title.as_ref(), tag),
        rule: words.rule(&fee.amount),
        amount: page::fixed(definition, fee, now).map(page::amount),
        earned: page::earned(fee.earned).to_owned(),
        legal_basis: fee.legal_basis.as_ref().map(|act| page::link(act, tag)),
        waivers: waivers.collect(),
    }
}

/// Labels of the questions that fit, each once: a returned application asks some of them again.
fn asked<'a>(definition: &'a ServiceDefinition, fits: fn(&Field) -> bool, words: &Words<'a>) -> Vec<String> {
    let fields = definition.own_forms().flat_map(api::Form::fields).map(|(_, field)| field);
    let mut labels: Vec<String> = Vec::new();
    for label in fields.filter(|field| fits(field)).map(|field| words.label(field)) {
        if !labels.iter().any(|known| known == label) {
            labels.push(label.to_owned());
        }
    }
    labels
}

/// What steps ask of registries. What forms are filled in with is the person's own data and is shown to them there.
fn registries<'a>(definition: &'a ServiceDefinition, words: &Words<'a>, tag: &str) -> Vec<wire::AskedRegistry> {
    let calls = definition.steps().iter().filter_map(|step| step.call.as_ref());
    let asked = |call: &'a Call| wire::AskedRegistry {
        registry: call.registry.clone(),
        purpose: words.text(&call.purpose).to_owned(),
        legal_basis: call.legal_basis.as_ref().map(|act| page::link(act, tag)),
    };
    calls.map(asked).collect()
}

fn documents<'a>(definition: &'a ServiceDefinition, words: &Words<'a>) -> Vec<wire::PassportDocument> {
    let delivered = definition.spec.documents.iter().filter(|document| page::delivered(definition, &document.name));
    let told = delivered.map(|document| wire::PassportDocument {
        title: words.text_or(document.title.as_ref(), &document.name).to_owned(),
        valid_for: document.valid_for.map(|span| words.span(span)).unwrap_or_default(),
    });
    told.collect()
}

/// A revision as the passport lists it.
pub fn revision(
    entry: &Entry,
    current: Hash,
    (changes, untold): (Vec<wire::RevisionChange>, usize),
) -> wire::PassportRevision {
    wire::PassportRevision {
        revision: entry.revision.to_vec(),
        admitted_us: entry.admitted.micros(),
        effective_from: entry.effective_from.clone(),
        share: i32::try_from(entry.share).unwrap_or_default(),
        change: entry.change.clone(),
        draft: entry.draft,
        current: entry.revision == current,
        changes,
        untold: i32::try_from(untold).unwrap_or(i32::MAX),
    }
}

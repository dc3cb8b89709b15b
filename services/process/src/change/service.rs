//! A definition and what stands in it once.

use api::{Data, Party, ServiceDefinition, Spec};

use super::{differences::Differences, form, named, step};

pub fn definition(old: &ServiceDefinition, new: &ServiceDefinition, out: &mut Differences) {
    let ServiceDefinition { api_version, kind, metadata, spec } = old;
    out.law("apiVersion", api_version, &new.api_version);
    out.law("kind", kind, &new.kind);
    out.law("metadata", metadata, &new.metadata);
    self::spec(spec, &new.spec, out);
}

fn spec(old: &Spec, new: &Spec, out: &mut Differences) {
    let Spec {
        title,
        summary,
        agency,
        level,
        life_events,
        audience,
        legal_basis,
        needs,
        prescribed_forms,
        eligibility,
        access,
        parties,
        starts,
        effective_from,
        state,
        data,
        lists,
        forms,
        fees,
        process,
        documents,
        notifications,
        integration,
        service_level,
        deployment,
        rollout,
        texts,
    } = old;
    out.presentation("spec.title", title, &new.title);
    out.presentation("spec.summary", summary, &new.summary);
    out.law("spec.agency", agency, &new.agency);
    out.law("spec.level", level, &new.level);
    out.presentation("spec.lifeEvents", life_events, &new.life_events);
    out.presentation("spec.audience", audience, &new.audience);
    out.law("spec.legalBasis", legal_basis, &new.legal_basis);
    out.presentation("spec.needs", needs, &new.needs);
    out.law("spec.prescribedForms", prescribed_forms, &new.prescribed_forms);
    // What people are told of the law before they apply.
    out.law("spec.eligibility", eligibility, &new.eligibility);
    out.law("spec.access", access, &new.access);
    out.named("spec.parties", parties, &new.parties, |party| &party.name, self::party);
    out.law("spec.starts", starts, &new.starts);
    out.law("spec.effectiveFrom", effective_from, &new.effective_from);
    out.law("spec.state", state, &new.state);
    out.part("spec.data", data, &new.data, self::data);
    out.law("spec.lists", lists, &new.lists);
    out.named("spec.forms", forms, &new.forms, |form| &form.name, form::form);
    form::shown(old, new, out);
    out.named("spec.fees", fees, &new.fees, |fee| &fee.name, named::fee);
    out.part("spec.process", process, &new.process, step::process);
    out.named("spec.documents", documents, &new.documents, |document| &document.name, named::document);
    out.named("spec.notifications", notifications, &new.notifications, |sent| &sent.name, named::notification);
    named::integration(integration, &new.integration, out);
    out.law("spec.serviceLevel", service_level, &new.service_level);
    out.running("spec.deployment", deployment, &new.deployment);
    out.running("spec.rollout", rollout, &new.rollout);
    out.running("spec.texts", texts, &new.texts);
}

fn party(out: &mut Differences, path: &str, old: &Party, new: &Party) {
    let Party { name: _, kind, title, identified_by, from } = old;
    out.law(format!("{path}.kind"), kind, &new.kind);
    out.law(format!("{path}.from"), from, &new.from);
    out.presentation(format!("{path}.title"), title, &new.title);
    out.law(format!("{path}.identifiedBy"), identified_by, &new.identified_by);
}

/// What the data is for is what the law allows it for: no mere text.
fn data(out: &mut Differences, old: &Data, new: &Data) {
    let Data { schema, purpose, concepts, retention } = old;
    out.law("spec.data.schema", schema, &new.schema);
    out.law("spec.data.purpose", purpose, &new.purpose);
    out.law("spec.data.concepts", concepts, &new.concepts);
    out.law("spec.data.retention", retention, &new.retention);
}

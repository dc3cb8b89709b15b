//! Parts that have names: fees, documents, messages, events.

use api::{Document, EmittedEvent, Fee, Integration, Notification, Waiver};

use super::{Kind, What, differences::Differences};

pub fn fee(out: &mut Differences, path: &str, old: &Fee, new: &Fee) {
    let Fee { name: _, title, amount, earned, legal_basis, to, waivers } = old;
    out.presentation(format!("{path}.title"), title, &new.title);
    out.law(format!("{path}.amount"), amount, &new.amount);
    out.law(format!("{path}.earned"), earned, &new.earned);
    out.law(format!("{path}.legalBasis"), legal_basis, &new.legal_basis);
    out.law(format!("{path}.to"), to, &new.to);
    // The first that applies counts: their order is law.
    for (index, waiver) in new.waivers.iter().enumerate() {
        let path = format!("{path}.waivers[{index}]");
        match waivers.get(index) {
            Some(known) => self::waiver(out, &path, known, waiver),
            None => out.add(Kind::Law, path, What::Added),
        }
    }
    for index in new.waivers.len()..waivers.len() {
        out.add(Kind::Law, format!("{path}.waivers[{index}]"), What::Removed);
    }
}

fn waiver(out: &mut Differences, path: &str, old: &Waiver, new: &Waiver) {
    let Waiver { title, when, from, amount, legal_basis } = old;
    out.presentation(format!("{path}.title"), title, &new.title);
    out.law(format!("{path}.when"), when, &new.when);
    out.law(format!("{path}.from"), from, &new.from);
    out.law(format!("{path}.amount"), amount, &new.amount);
    out.law(format!("{path}.legalBasis"), legal_basis, &new.legal_basis);
}

/// All of it is sealed, its title too.
pub fn document(out: &mut Differences, path: &str, old: &Document, new: &Document) {
    let Document { name: _, title, template, seal, numbering, valid_for, recall } = old;
    out.law(format!("{path}.title"), title, &new.title);
    out.law(format!("{path}.template"), template, &new.template);
    out.law(format!("{path}.seal"), seal, &new.seal);
    out.law(format!("{path}.numbering"), numbering, &new.numbering);
    out.law(format!("{path}.validFor"), valid_for, &new.valid_for);
    out.law(format!("{path}.recall"), recall, &new.recall);
}

pub fn notification(out: &mut Differences, path: &str, old: &Notification, new: &Notification) {
    let Notification { name: _, channels, title, text, short, why, class, urgent, delivery } = old;
    // Whether and how a person is told may start a term.
    out.law(format!("{path}.channels"), channels, &new.channels);
    out.presentation(format!("{path}.title"), title, &new.title);
    out.presentation(format!("{path}.text"), text, &new.text);
    out.presentation(format!("{path}.short"), short, &new.short);
    out.presentation(format!("{path}.why"), why, &new.why);
    out.law(format!("{path}.class"), class, &new.class);
    out.law(format!("{path}.urgent"), urgent, &new.urgent);
    out.law(format!("{path}.delivery"), delivery, &new.delivery);
}

pub fn integration(old: &Integration, new: &Integration, out: &mut Differences) {
    let Integration { registries, events } = old;
    out.law("spec.integration.registries", registries, &new.registries);
    out.named("spec.integration.events", events, &new.events, |event| &event.name, event);
}

fn event(out: &mut Differences, path: &str, old: &EmittedEvent, new: &EmittedEvent) {
    let EmittedEvent { name: _, title, schema } = old;
    out.presentation(format!("{path}.title"), title, &new.title);
    out.law(format!("{path}.schema"), schema, &new.schema);
}

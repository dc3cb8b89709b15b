//! Which registries a service asks for whoever applies: what is taken from each, what for and by which law.

use api::{LegalBasis, OfferedList, Operation, Registry, ServiceDefinition, Text};
use kernel::Language;
use proto::eservice::v1::AskedRegistry;

/// What registries are asked for when a form is filled in, and by which law.
pub fn filling(definition: &ServiceDefinition) -> (&Text, Option<&LegalBasis>) {
    let data = definition.spec.data.as_ref();
    let purpose = data.and_then(|data| data.purpose.as_ref());
    (purpose.unwrap_or(&definition.spec.title), definition.spec.legal_basis.first())
}

/// Registries in the order in which they are asked: while the form is filled in, then by steps. `known`: a registry as its owner
/// published it; while that is not known, it goes by its name, and nothing is said of its answers. A grant may pass on less of an answer
/// than the registry gives.
pub fn asked<'a>(
    definition: &'a ServiceDefinition,
    known: impl Fn(&str) -> Option<&'a Registry>,
    language: Language,
) -> Vec<AskedRegistry> {
    let tag = language.tag();
    let operation = |registry: &str, name: &str| known(registry).and_then(|registry| registry.operation(name));
    let row = |registry: &str, purpose: &Text, act: Option<&LegalBasis>, fields: Vec<&str>| AskedRegistry {
        title: known(registry).map_or(registry, |known| known.spec.title.in_language(tag)).to_owned(),
        fields: fields.into_iter().map(str::to_owned).collect(),
        purpose: purpose.in_language(tag).to_owned(),
        legal_basis: act.map(|act| act.title.in_language(tag).to_owned()).unwrap_or_default(),
        uri: act.and_then(|act| act.uri.clone()).unwrap_or_default(),
    };
    let mut rows: Vec<AskedRegistry> = Vec::new();
    let (purpose, act) = filling(definition);
    for (_, field) in definition.own_forms().flat_map(api::Form::fields) {
        let prefill = field.prefill.as_ref().map(|from| (&from.registry, &from.operation));
        let offered = list_of(definition, field).map(|from| (&from.registry, &from.operation));
        for (registry, name) in prefill.into_iter().chain(offered) {
            add(&mut rows, row(registry, purpose, act, answers(operation(registry, name), tag)));
        }
    }
    for call in definition.steps().iter().filter_map(|step| step.call.as_ref()) {
        let asked = operation(&call.registry, &call.operation);
        let act = call.legal_basis.as_ref().or(asked.and_then(|asked| asked.legal_basis.as_ref()));
        add(&mut rows, row(&call.registry, &call.purpose, act, answers(asked, tag)));
    }
    rows
}

/// Everything that an operation answers, as its owner calls it.
fn answers<'a>(operation: Option<&'a Operation>, tag: &str) -> Vec<&'a str> {
    operation.map(|asked| asked.fields.iter().map(|field| field.title.in_language(tag)).collect()).unwrap_or_default()
}

/// The registry's list from which a field is chosen.
fn list_of<'a>(definition: &'a ServiceDefinition, field: &api::Field) -> Option<&'a OfferedList> {
    let name = field.options_from.as_ref()?;
    definition.spec.lists.iter().find(|list| list.name == *name)
}

/// What is taken from the same registry, for the same and by the same law, is told together.
fn add(rows: &mut Vec<AskedRegistry>, row: AskedRegistry) {
    let alike = |known: &&mut AskedRegistry| {
        (&known.title, &known.purpose, &known.legal_basis, &known.uri)
            == (&row.title, &row.purpose, &row.legal_basis, &row.uri)
    };
    match rows.iter_mut().find(alike) {
        Some(known) => {
            let new: Vec<String> = row.fields.into_iter().filter(|field| !known.fields.contains(field)).collect();
            known.fields.extend(new);
        }
        None => rows.push(row),
    }
}

#[cfg(test)]
mod tests {
    use process::check::{Options, Report, check};

    use super::*;

    const SERVICE: &str = include_str!("../../../../examples/interior/residence-registration/service.yaml");
    const ARCHIVE: &str = include_str!("../../../../examples/civil-status/registry.yaml");

    fn read(source: &str) -> Report {
        check(source, "example.yaml", &Options::default())
    }

    #[test]
    fn what_a_list_to_choose_from_answers_is_told_as_its_owner_calls_it_once_that_is_known() {
        let definition = read(SERVICE).definition.unwrap();
        let archive: Registry = serde_json::from_value(read(ARCHIVE).value.unwrap()).unwrap();
        let row = |title: &str, fields: &[&str]| AskedRegistry {
            title: title.into(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            purpose: "Registering a citizen and their children where they live".into(),
            legal_basis: "Resolution of the Cabinet of Ministers on registering citizens at their place of residence"
                .into(),
            uri: "https://lex.uz".into(),
        };
        let known = asked(&definition, |_| Some(&archive), Language::En);
        assert_eq!(known, [row("Single electronic archive of civil status records", &["Children"])]);
        assert_eq!(asked(&definition, |_| None, Language::En), [row("civil-status", &[])]);
    }
}

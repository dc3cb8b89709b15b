//! Forms that acts of law prescribe, each once, with the services that fill it in or take its place.

use std::collections::BTreeMap;

use api::{PrescribedForm, ServiceDefinition};
use kernel::Hash;
use proto::register::v1 as wire;

use super::page;

/// Forms on one page, and services told with each of them.
const FORMS_MAX: usize = 50;
const SERVICES_MAX: usize = 50;

/// Names a form of one owner in one version, for an address: two agencies may give the same name to different forms, and a name may
/// hold anything.
pub fn key(form: &PrescribedForm) -> String {
    let owner = form.owner.in_language("uz");
    let whole = Hash::of_parts(&[form.name.as_bytes(), owner.as_bytes(), form.version.as_bytes()]).to_string();
    format!("form-{}", &whole[..16])
}

/// In one language: by name of the form, its newest version first.
pub fn forms<'d>(services: impl IntoIterator<Item = &'d ServiceDefinition>, language: &str) -> Vec<wire::StateForm> {
    let mut found: BTreeMap<String, wire::StateForm> = BTreeMap::new();
    // Where services word one form differently, the words do not change with their order.
    let mut services: Vec<_> = services.into_iter().collect();
    services
        .sort_by(|one, other| (&one.spec.agency, &one.metadata.name).cmp(&(&other.spec.agency, &other.metadata.name)));
    for definition in services {
        for form in &definition.spec.prescribed_forms {
            let known = found.entry(key(form)).or_insert_with(|| wire::StateForm {
                form: Some(form_of(form, language)),
                ..wire::StateForm::default()
            });
            known.services.push(service(definition, language));
        }
    }
    let mut forms: Vec<wire::StateForm> = found.into_values().map(bounded).collect();
    forms.sort_by(|one, other| place(one).cmp(&place(other)));
    forms
}

/// The page after a form, and the one after which the next begins; empty: there is none.
pub fn page_after(forms: Vec<wire::StateForm>, after: &str) -> wire::StateForms {
    let begin = match after {
        "" => 0,
        key => forms.iter().position(|one| key_of(one) == key).map_or(forms.len(), |at| at + 1),
    };
    let more = forms.len() > begin + FORMS_MAX;
    let forms: Vec<_> = forms.into_iter().skip(begin).take(FORMS_MAX).collect();
    let next = forms.last().filter(|_| more).map(|last| key_of(last).to_owned()).unwrap_or_default();
    wire::StateForms { forms, next }
}

pub fn form_of(form: &PrescribedForm, language: &str) -> wire::PassportForm {
    wire::PassportForm {
        title: form.title.in_language(language).to_owned(),
        owner: form.owner.in_language(language).to_owned(),
        version: form.version.clone(),
        legal_basis: Some(page::link(&form.legal_basis, language)),
        uri: form.uri.clone().unwrap_or_default(),
        key: key(form),
    }
}

fn service(definition: &ServiceDefinition, language: &str) -> wire::FormService {
    wire::FormService {
        agency: definition.spec.agency.clone(),
        service: definition.metadata.name.clone(),
        title: definition.title(language).to_owned(),
    }
}

fn bounded(mut form: wire::StateForm) -> wire::StateForm {
    form.services.sort_by(|one, other| (&one.title, &one.service).cmp(&(&other.title, &other.service)));
    // A service that lists a form twice uses it once.
    form.services.dedup();
    form.untold = i32::try_from(form.services.len().saturating_sub(SERVICES_MAX)).unwrap_or(i32::MAX);
    form.services.truncate(SERVICES_MAX);
    form
}

fn key_of(form: &wire::StateForm) -> &str {
    form.form.as_ref().map_or("", |form| form.key.as_str())
}

fn place(form: &wire::StateForm) -> (&str, std::cmp::Reverse<&str>, &str) {
    let (title, version) = form.form.as_ref().map_or(("", ""), |form| (form.title.as_str(), form.version.as_str()));
    (title, std::cmp::Reverse(version), key_of(form))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn form(name: &str, owner: &str, version: &str) -> Value {
        json!({
            "name": name, "title": {"en": format!("Form {name}")}, "owner": {"uz": owner, "en": owner},
            "legalBasis": {"title": {"en": "A decree"}, "uri": "https://lex.uz/docs/1"}, "version": version,
        })
    }

    fn service(name: &str, forms: &[Value]) -> ServiceDefinition {
        serde_json::from_value(json!({
            "apiVersion": api::API_VERSION, "kind": "ServiceDefinition", "metadata": {"name": name},
            "spec": {"title": {"en": format!("Service {name}")}, "agency": "justice", "prescribedForms": forms},
        }))
        .unwrap()
    }

    #[test]
    fn a_form_of_five_services_is_one_entry_and_another_owner_s_or_version_is_another() {
        let shared = form("a", "Justice", "2");
        let services = [
            service("two", &[shared.clone(), shared.clone()]),
            service("one", &[shared.clone(), form("a", "Justice", "3"), form("a", "Health", "2")]),
            service("none", &[]),
        ];
        let told = forms(&services, "en");
        let told: Vec<_> = told
            .iter()
            .map(|one| {
                let form = one.form.as_ref().unwrap();
                let services: Vec<&str> = one.services.iter().map(|service| service.title.as_str()).collect();
                (form.owner.as_str(), form.version.as_str(), services)
            })
            .collect();
        assert_eq!(told[0], ("Justice", "3", vec!["Service one"]), "the newest version first");
        assert!(told.contains(&("Justice", "2", vec!["Service one", "Service two"])), "{told:?}");
        assert!(told.contains(&("Health", "2", vec!["Service one"])) && told.len() == 3, "{told:?}");
    }

    #[test]
    fn forms_come_page_by_page_and_an_unknown_place_has_nothing_after_it() {
        let all: Vec<Value> = (0..FORMS_MAX + 2).map(|number| form(&format!("f{number:03}"), "Justice", "1")).collect();
        let told = forms([&service("one", &all)], "en");
        let first = page_after(told.clone(), "");
        assert_eq!(first.forms.len(), FORMS_MAX);
        let rest = page_after(told.clone(), &first.next);
        assert_eq!((rest.forms.len(), rest.next.as_str()), (2, ""));
        assert!(page_after(told, "nothing").forms.is_empty());
    }

    #[test]
    fn more_services_than_a_page_bears_are_counted() {
        let shared = form("a", "Justice", "2");
        let many: Vec<_> =
            (0..SERVICES_MAX + 3).map(|n| service(&format!("s{n}"), std::slice::from_ref(&shared))).collect();
        let told = forms(&many, "en");
        assert_eq!((told[0].services.len(), told[0].untold), (SERVICES_MAX, 3));
    }
}

//! What became of a service from one admitted revision to the next, by the parts and names that people know.

use std::collections::BTreeMap;

use api::{Field, Form, ServiceDefinition};
use kernel::Language;
use process::{
    change::{Difference, Kind, What, classify},
    words::Words,
};
use proto::register::v1 as wire;

/// More of them nobody reads; a definition that was written anew has thousands.
const CHANGES_MAX: usize = 100;

/// Every part that is another one now, each once: a fee whose amount and law changed is one changed fee. And how many are not
/// told.
pub fn changes(
    old: &ServiceDefinition,
    new: &ServiceDefinition,
    language: Language,
) -> (Vec<wire::RevisionChange>, usize) {
    let mut order: Vec<wire::RevisionChange> = Vec::new();
    let mut known: BTreeMap<(String, String, &str), usize> = BTreeMap::new();
    let mut strictest: Vec<Kind> = Vec::new();
    let (before, after) = (Words::new(old, language), Words::new(new, language));
    for difference in classify(old, new).differences {
        // Where something stood that is gone is said in the old definition.
        let (definition, words) = if difference.what == What::Removed { (old, &before) } else { (new, &after) };
        let Place { section, item, whole } = place(definition, &difference, words);
        let what = if whole { difference.what } else { What::Changed };
        let at = *known.entry((section.clone(), item.clone(), what.name())).or_insert(order.len());
        if at == order.len() {
            let kind = String::new();
            order.push(wire::RevisionChange { section, item, what: what.name().to_owned(), kind });
            strictest.push(difference.kind);
        }
        strictest[at] = strictest[at].max(difference.kind);
    }
    for (change, kind) in order.iter_mut().zip(strictest) {
        kind.name().clone_into(&mut change.kind);
    }
    let untold = order.len().saturating_sub(CHANGES_MAX);
    order.truncate(CHANGES_MAX);
    (order, untold)
}

/// Where a difference lies.
struct Place {
    section: String,
    item: String,
    /// It is the item or the part itself, not something inside of it.
    whole: bool,
}

fn place<'a>(definition: &'a ServiceDefinition, difference: &Difference, words: &Words<'a>) -> Place {
    let Some(inside) = difference.path.strip_prefix("spec.") else {
        return Place { section: String::new(), item: String::new(), whole: false };
    };
    let (section, rest) = inside.split_at(inside.find(['.', '[']).unwrap_or(inside.len()));
    let steps = steps_of(rest);
    let (item, named) = item(definition, section, &steps, words);
    Place { section: section.to_owned(), item, whole: steps.len() == named }
}

/// `[0].pages[2].title` as names with the places in their lists.
fn steps_of(rest: &str) -> Vec<(&str, Option<usize>)> {
    let parts = rest.trim_start_matches('.').split('.').filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('[') {
            Some((name, place)) => (name, place.trim_end_matches(']').parse().ok()),
            None => (part, None),
        })
        .collect()
}

/// The innermost item that people know by a name, and how many steps lead to it.
fn item<'a>(
    definition: &'a ServiceDefinition,
    section: &str,
    steps: &[(&str, Option<usize>)],
    words: &Words<'a>,
) -> (String, usize) {
    let spec = &definition.spec;
    let found = match (section, steps) {
        ("forms", [("", Some(form)), rest @ ..]) => {
            return spec.forms.get(*form).map_or((String::new(), 1), |form| in_form(form, rest, words));
        }
        ("process", [("steps", Some(step)), ..]) => definition.steps().get(*step).map(|step| words.step_title(step)),
        ("integration", [("events", Some(event)), ..]) => {
            let event = spec.integration.events.get(*event);
            event.map(|event| words.text_or(event.title.as_ref(), &event.name).to_owned())
        }
        ("fees", [("", Some(fee)), ..]) => spec.fees.get(*fee).map(|fee| words.fee(fee).to_owned()),
        ("documents", [("", Some(document)), ..]) => {
            let document = spec.documents.get(*document);
            document.map(|document| words.text_or(document.title.as_ref(), &document.name).to_owned())
        }
        ("notifications", [("", Some(message)), ..]) => {
            let message = spec.notifications.get(*message);
            message.map(|message| words.text_or(message.title.as_ref(), &message.name).to_owned())
        }
        ("parties", [("", Some(party)), ..]) => {
            let party = spec.parties.get(*party);
            party.map(|party| words.text_or(party.title.as_ref(), &party.name).to_owned())
        }
        _ => None,
    };
    found.map_or((String::new(), 0), |item| (item, 1))
}

/// A question, else the page on which something stands, else nothing but the form.
fn in_form<'a>(form: &'a Form, steps: &[(&str, Option<usize>)], words: &Words<'a>) -> (String, usize) {
    let [("pages", Some(page)), rest @ ..] = steps else { return (String::new(), 1) };
    let Some(page) = form.pages.get(*page) else { return (String::new(), 1) };
    let field: Option<&Field> = match rest {
        [("fields", Some(field)), ..] => page.fields.get(*field),
        _ => None,
    };
    match field {
        Some(field) => (words.label(field).to_owned(), 3),
        None => (words.text(&page.title).to_owned(), 2),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn definition(change: impl FnOnce(&mut Value)) -> ServiceDefinition {
        let text = |words: &str| json!({ "en": words });
        let field = |at: &str, label: &str| json!({ "at": at, "label": text(label) });
        let mut value = json!({
            "apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceDefinition",
            "metadata": { "name": "permit", "namespace": "trade" },
            "spec": {
                "title": text("Permit"), "agency": "trade",
                "forms": [{ "name": "application", "pages": [
                    { "title": text("Where?"), "fields": [field("shop", "Shop"), field("phone", "Phone")] }
                ]}],
                "fees": [{ "name": "duty", "title": text("Duty"), "amount": "money('1')", "to": [{ "agency": "trade", "share": 1 }] }],
                "documents": [{ "name": "permit", "title": text("The permit"), "template": "= Permit", "seal": "trade" }],
                "process": { "start": "apply", "steps": [
                    { "name": "apply", "form": "application", "next": "end" },
                    { "name": "end", "end": { "outcome": "granted", "label": text("Granted") } }
                ]}
            }
        });
        change(&mut value);
        serde_json::from_value(value).unwrap()
    }

    fn told(change: impl FnOnce(&mut Value)) -> Vec<(String, String, String, String)> {
        let (all, untold) = changes(&definition(|_| {}), &definition(change), Language::En);
        assert_eq!(untold, 0);
        all.into_iter().map(|one| (one.section, one.item, one.what, one.kind)).collect()
    }

    fn row(section: &str, item: &str, what: &str, kind: &str) -> (String, String, String, String) {
        (section.to_owned(), item.to_owned(), what.to_owned(), kind.to_owned())
    }

    #[test]
    fn a_part_that_changed_in_several_ways_is_told_once_with_the_strictest_of_them() {
        let found = told(|value| {
            value["spec"]["fees"][0]["title"]["en"] = json!("State duty");
            value["spec"]["fees"][0]["amount"] = json!("money('2')");
        });
        assert_eq!(found, [row("fees", "State duty", "changed", "law")]);
    }

    #[test]
    fn what_came_and_what_went_has_the_name_under_which_people_knew_it() {
        let found = told(|value| {
            let fields = value["spec"]["forms"][0]["pages"][0]["fields"].as_array_mut().unwrap();
            fields[1] = json!({ "at": "email", "label": { "en": "E-mail" } });
        });
        let expected = [row("forms", "E-mail", "added", "law"), row("forms", "Phone", "removed", "law")];
        assert_eq!(found, expected);
        let found = told(|value| value["spec"]["documents"] = json!([]));
        assert_eq!(found, [row("documents", "The permit", "removed", "law")]);
    }

    #[test]
    fn what_changed_inside_a_question_or_a_step_is_a_change_of_it() {
        let found = told(|value| {
            value["spec"]["forms"][0]["pages"][0]["fields"][0]["label"]["en"] = json!("Your shop");
            value["spec"]["process"]["steps"][1]["end"]["label"]["en"] = json!("Given");
            value["spec"]["title"]["en"] = json!("Permit to trade");
        });
        let expected = [
            row("title", "", "changed", "presentation"),
            row("forms", "Your shop", "changed", "presentation"),
            row("process", "End: “Given”", "changed", "presentation"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn of_a_definition_that_was_written_anew_the_rest_is_counted() {
        let many = |value: &mut Value| {
            let fee = |number: usize| json!({ "name": format!("fee-{number}"), "amount": "money('1')", "to": [] });
            value["spec"]["fees"] = (0..150).map(fee).collect();
        };
        let (told, untold) = changes(&definition(|_| {}), &definition(many), Language::En);
        assert_eq!((told.len(), untold), (100, 51), "150 came and one went");
    }

    #[test]
    fn the_same_bytes_changed_nothing() {
        assert_eq!(told(|_| {}), Vec::new());
    }
}

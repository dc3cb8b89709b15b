//! Whether somebody read the texts of a language: the definition names the hash of what was read, so that a changed text is a draft
//! again. The template of a letter holds texts of every language and is read with each.

use api::{Agency, Kind, Publication, ServiceDefinition, Text};
use kernel::Hash;
use serde_json::{Map, Value};

use super::{findings::Findings, source::join, structure};

/// A text of a definition in one language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spoken {
    /// Where it stands: `spec.forms[0].pages[1].title`.
    pub path: String,
    /// Empty where it is missing.
    pub text: String,
}

/// Every text of a definition as it is written, in one language, and every template of a letter, in the order of their places.
pub fn spoken(definition: &Value, tag: &str) -> Vec<Spoken> {
    let shape = structure::walk(Kind::ServiceDefinition, definition, &mut Findings::new(""));
    let documents = definition["spec"]["documents"].as_array().into_iter().flatten();
    let templates = documents.map(|document| document["template"].as_str().unwrap_or_default());
    of(&shape.texts, letters(templates), tag)
}

fn letters<'t>(templates: impl Iterator<Item = &'t str>) -> Vec<Spoken> {
    let letter = |(index, template): (usize, &str)| Spoken {
        path: format!("spec.documents[{index}].template"),
        text: template.to_owned(),
    };
    templates.enumerate().map(letter).collect()
}

fn of(texts: &[(String, Map<String, Value>)], letters: Vec<Spoken>, tag: &str) -> Vec<Spoken> {
    let read = |(path, languages): &(String, Map<String, Value>)| Spoken {
        path: path.clone(),
        text: languages.get(tag).and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    let mut all: Vec<Spoken> = texts.iter().map(read).chain(letters).collect();
    all.sort();
    all
}

/// What a review names: all texts of a language with their places, so that also two that changed places are other texts.
pub fn hash(tag: &str, spoken: &[Spoken]) -> Hash {
    let texts = spoken.iter().flat_map(|one| [one.path.as_bytes(), one.text.as_bytes()]);
    let parts: Vec<&[u8]> = [b"texts".as_slice(), tag.as_bytes()].into_iter().chain(texts).collect();
    Hash::of_parts(&parts)
}

/// Languages that are drafts, in the usual order.
pub fn drafts(definition: &ServiceDefinition) -> Vec<&'static str> {
    let Ok(value) = serde_json::to_value(definition) else { return Text::LANGUAGES.to_vec() };
    let shape = structure::walk(Kind::ServiceDefinition, &value, &mut Findings::new(""));
    unreviewed(definition, &shape.texts)
}

fn unreviewed(definition: &ServiceDefinition, texts: &[(String, Map<String, Value>)]) -> Vec<&'static str> {
    let reviewed = &definition.spec.texts.reviewed;
    let letters = letters(definition.spec.documents.iter().map(|document| document.template.as_str()));
    let read = |tag: &str| hash(tag, &of(texts, letters.clone(), tag)).to_string();
    let is_draft = |tag: &&str| reviewed.get(tag) != Some(read(tag).as_str());
    Text::LANGUAGES.into_iter().filter(is_draft).collect()
}

/// An agency that publishes only what was approved demands it; where somebody has begun to review, the rest is advice.
pub fn check(
    definition: &ServiceDefinition,
    agency: Option<&Agency>,
    texts: &[(String, Map<String, Value>)],
    findings: &mut Findings,
) {
    let reviewed = &definition.spec.texts.reviewed;
    let written = Text::LANGUAGES.into_iter().filter_map(|tag| reviewed.get(tag).map(|hash| (tag, hash)));
    for (tag, _) in written.filter(|(_, hash)| hash.parse::<Hash>().is_err()) {
        findings.error(
            "text.review-hash",
            &join("spec.texts.reviewed", tag),
            "this is no hash",
            format!("write what `xizmat texts PATH --reviewed {tag}` prints"),
        );
    }
    let demanded = agency.is_some_and(|agency| agency.spec.publication == Publication::Approved);
    let begun = *reviewed != api::Reviewed::default();
    let drafts = if demanded || begun { unreviewed(definition, texts) } else { Vec::new() };
    if drafts.is_empty() {
        return;
    }
    let message = format!("the texts are not reviewed in {}, or were changed since", drafts.join(", "));
    let help = "let somebody read them all, then write into `spec.texts.reviewed` what `xizmat texts PATH --reviewed LANGUAGE` \
                prints";
    let path = if begun { "spec.texts.reviewed" } else { "spec" };
    match demanded {
        true => findings.publish("text.not-reviewed", path, message, help),
        false => findings.warn("text.not-reviewed", path, message, help),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        check::{Options, Report, Severity, check_json},
        sample,
    };

    /// With every language reviewed as it stands.
    fn reviewed() -> Value {
        let mut value = serde_json::to_value(sample::definition()).unwrap();
        for tag in Text::LANGUAGES {
            let hash = hash(tag, &spoken(&value, tag)).to_string();
            value["spec"]["texts"]["reviewed"][tag] = hash.into();
        }
        value
    }

    fn agency(publication: &str) -> Agency {
        let title = json!({"uz": "A", "uz-Cyrl": "A", "kaa": "A", "ru": "A", "en": "A"});
        serde_json::from_value(json!({
            "apiVersion": api::API_VERSION, "kind": "Agency", "metadata": {"name": "trade"},
            "spec": {"title": title, "publication": publication},
        }))
        .unwrap()
    }

    fn said(value: &Value, agency: &Agency) -> Option<Severity> {
        let options = Options { agency: Some(agency), ..Options::default() };
        let report: Report = check_json(value.to_string().as_bytes(), &options);
        let found = report.problems.iter().find(|problem| problem.code == "text.not-reviewed");
        found.map(|problem| problem.severity)
    }

    #[test]
    fn a_language_whose_text_changed_is_a_draft_again_and_the_others_are_not() {
        let mut value = reviewed();
        let definition = |value: &Value| serde_json::from_value::<ServiceDefinition>(value.clone()).unwrap();
        assert_eq!(drafts(&definition(&value)), Vec::<&str>::new());
        value["spec"]["title"]["kaa"] = json!("Basqa at");
        assert_eq!(drafts(&definition(&value)), ["kaa"]);
        assert_eq!(drafts(&sample::definition()), Text::LANGUAGES);
    }

    #[test]
    fn a_letter_that_changed_was_read_by_nobody_in_any_language() {
        let mut value = reviewed();
        value["spec"]["documents"][0]["template"] = json!("= Another permit");
        let definition: ServiceDefinition = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(drafts(&definition), Text::LANGUAGES);
        assert_eq!(said(&value, &agency("approved")), Some(Severity::Publish));
    }

    #[test]
    fn a_definition_has_the_same_texts_as_its_author_wrote_it_and_as_it_is_kept() {
        // Of a bare word that YAML takes for a truth value, only a definition knows that it is a text.
        let source = sample::SERVICE.replace("{en: Yes}", "{en: \"Yes\"}").replace("{en: No}", "{en: \"No\"}");
        let written: Value = serde_saphyr::from_str(&source).unwrap();
        let kept = serde_json::to_value(sample::definition()).unwrap();
        for tag in Text::LANGUAGES {
            let texts = spoken(&written, tag);
            assert!(texts.len() > 10, "{tag}: {texts:?}");
            assert_eq!(texts, spoken(&kept, tag), "{tag}");
        }
    }

    #[test]
    fn two_texts_that_change_places_are_not_what_was_read() {
        let one = |path: &str, text: &str| Spoken { path: path.into(), text: text.into() };
        let before = [one("spec.a", "Approve"), one("spec.b", "Refuse")];
        let after = [one("spec.a", "Refuse"), one("spec.b", "Approve")];
        assert_ne!(hash("en", &before), hash("en", &after));
        assert_ne!(hash("en", &before), hash("ru", &before));
    }

    #[test]
    fn an_agency_that_demands_approval_demands_reviewed_texts_and_another_is_advised_where_it_began() {
        let mut value = reviewed();
        assert_eq!(said(&value, &agency("approved")), None);
        value["spec"]["title"]["ru"] = json!("Иначе");
        assert_eq!(said(&value, &agency("approved")), Some(Severity::Publish));
        assert_eq!(said(&value, &agency("free")), Some(Severity::Warning));
        let never = serde_json::to_value(sample::definition()).unwrap();
        assert_eq!(said(&never, &agency("approved")), Some(Severity::Publish));
        assert_eq!(said(&never, &agency("free")), None);
    }

    #[test]
    fn what_is_no_hash_is_refused_where_it_stands() {
        let mut value = reviewed();
        value["spec"]["texts"]["reviewed"]["en"] = json!("yes");
        let report = check_json(value.to_string().as_bytes(), &Options::default());
        let found = report.problems.iter().find(|problem| problem.code == "text.review-hash").unwrap();
        assert_eq!(found.path, "spec.texts.reviewed.en");
    }
}

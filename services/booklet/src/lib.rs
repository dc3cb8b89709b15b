//! A service in plain words of one language, for those who approve it: the same bytes at the author's desk and in the register.
//!
//! The same definition gives the same bytes, so that approval can name their hash; nothing in them depends on the day.

mod texts;
mod view;

use api::{Agency, ServiceDefinition};
use askama::Template;
use kernel::Language;
use process::revision::{canonical_bytes, hash_of};
use texts::Say;

#[derive(Template)]
#[template(path = "booklet.html")]
struct Booklet<'a> {
    t: Say,
    tag: &'static str,
    title: &'a str,
    summary: &'a str,
    agency: &'a str,
    revision: String,
    passport: Vec<view::Line>,
    forms: Vec<view::Form>,
    fees: Vec<view::Fee>,
    steps: Vec<process::words::StepWords>,
    documents: Vec<view::Document>,
    messages: Vec<view::Message>,
    /// Canonical bytes of the revision.
    definition: String,
}

/// One HTML file that needs nothing else. `agency` is the owner as it was published; without it its name stands there.
pub fn write(definition: &ServiceDefinition, agency: Option<&Agency>, language: Language) -> Result<String, String> {
    let bytes = canonical_bytes(definition).map_err(|error| error.to_string())?;
    let words = process::words::Words::new(definition, language);
    let t = Say(language);
    let owner = agency.filter(|agency| agency.metadata.name == definition.spec.agency);
    let booklet = Booklet {
        t,
        tag: language.html_tag(),
        title: words.text(&definition.spec.title),
        summary: words.text_or(definition.spec.summary.as_ref(), ""),
        agency: owner.map_or(definition.spec.agency.as_str(), |agency| agency.spec.title.in_language(language.tag())),
        revision: hash_of(&bytes).to_string(),
        passport: view::passport(definition, &words, t),
        forms: definition.spec.forms.iter().map(|form| view::form(form, &words, t)).collect(),
        fees: definition.spec.fees.iter().map(|fee| view::fee(fee, &words, t)).collect(),
        steps: words.steps(),
        documents: definition.spec.documents.iter().map(|document| view::document(document, &words, t)).collect(),
        messages: definition.spec.notifications.iter().map(|sent| view::message(sent, &words, t)).collect(),
        definition: String::from_utf8(bytes).map_err(|error| error.to_string())?,
    };
    booklet.render().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use api::{Identified, Party, PartyKind, Resource};
    use kernel::Hash;
    use process::check::{File, Folder, Options as Knows, check};

    use super::*;

    fn read(path: &str) -> String {
        let justice = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/justice");
        fs::read_to_string(justice.join(path)).unwrap()
    }

    fn definition() -> ServiceDefinition {
        let files = ["service.yaml", "templates/certificate.typ", "templates/refusal.typ"]
            .map(|path| File { path: path.into(), text: read(&format!("marriage-certificate-copy/{path}")) });
        let folder = Folder { path: String::new(), files: files.into() };
        folder.check(&Knows::default()).unwrap().definition.unwrap()
    }

    fn example(language: Language) -> String {
        let agency = check(&read("agency.yaml"), "agency.yaml", &Knows::default()).resource;
        let Some(Resource::Agency(agency)) = agency else { panic!("the example has an agency") };
        write(&definition(), Some(&agency), language).unwrap()
    }

    #[test]
    fn whom_a_case_is_also_about_stands_on_the_passport() {
        let mut definition = definition();
        let about = "they see when an officer opened the case</dt><dd><div>child</div>";
        assert!(!write(&definition, None, Language::En).unwrap().contains("Who else it is about"));
        definition.spec.parties.push(Party {
            name: "child".into(),
            kind: PartyKind::Person,
            title: None,
            identified_by: vec![Identified::Pinfl],
            from: Some("child".into()),
        });
        let html = write(&definition, None, Language::En).unwrap();
        assert!(html.contains(about), "{html}");
    }

    #[test]
    fn the_same_service_gives_the_same_bytes_and_each_language_its_own() {
        let all = Language::ALL.map(example);
        assert_eq!(Language::ALL.map(example), all);
        for (index, one) in all.iter().enumerate() {
            assert!(all.iter().skip(index + 1).all(|other| other != one));
        }
    }

    #[test]
    fn a_booklet_shows_every_screen_rule_step_letter_and_message_in_its_language() {
        let html = example(Language::En);
        for part in [
            "Copy of a marriage certificate",
            "Ministry of Justice",
            "When was the marriage registered?",
            "“Date of the marriage” is not later than today",
            "The date of the marriage must be today or in the past",
            "“My name has changed” is yes",
            "10 % of the base calculation amount",
            "percent(ref.bhm, &#39;10&#39;)",
            "The decision “Issue the copy” leads to step 5.",
            "Decision to refuse",
            "The copy of your marriage certificate (application {{ case.number }}) is ready.",
            "A finished case is kept for</dt><dd><div>5 years</div>",
            "An application that was not sent is kept for</dt><dd><div>30 days</div>",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("booklet-"), "a text is missing");
    }

    #[test]
    fn the_definition_in_it_is_the_revision_whose_hash_it_shows_and_needs_nothing_from_elsewhere() {
        let html = example(Language::Ru);
        let shown = html.split("<pre id=\"definition\">").nth(1).unwrap().split("</pre>").next().unwrap();
        let pairs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
        let bytes = pairs.iter().fold(shown.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
        let revision = Hash::of(bytes.as_bytes());
        assert!(html.contains(&revision.to_string()));
        assert!(process::revision::read(bytes.as_bytes(), revision).is_ok());
        for outside in ["<script", "<link", "<img", "src=", "@import", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
    }
}

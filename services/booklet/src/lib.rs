//! A service in plain words of one language, for those who approve it: the same bytes at the author's desk and in the register.
//!
//! The same definition gives the same bytes, so that approval can name their hash; nothing in them depends on the day.

mod asked;
mod texts;
mod view;

use api::{Agency, ServiceDefinition};
use askama::Template;
use kernel::Language;
use process::{
    check::{TemplateChecker, specimen},
    revision::{self, canonical_bytes, hash_of},
};
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
    check: Option<asked::Check>,
    others: Vec<asked::Other>,
    forms: Vec<view::Form>,
    fees: Vec<view::Fee>,
    steps: Vec<process::words::StepWords>,
    documents: Vec<view::Document>,
    messages: Vec<view::Message>,
    /// Canonical bytes of the revision.
    definition: String,
}

/// One HTML file that needs nothing else. `agency` is the owner as it was published; without it its name stands there. `templates`
/// reads letters, so that nobody has to read how they are laid out.
pub fn write(
    definition: &ServiceDefinition,
    agency: Option<&Agency>,
    language: Language,
    templates: &dyn TemplateChecker,
) -> Result<String, String> {
    let bytes = canonical_bytes(definition).map_err(|error| error.to_string())?;
    let revision = hash_of(&bytes);
    // As it is kept: a template could tell the order in which its author wrote the data schema.
    let definition = &revision::read(&bytes, revision).map_err(|error| error.to_string())?;
    let owner = agency.filter(|agency| agency.metadata.name == definition.spec.agency);
    let words = process::words::Words::new(definition, language).of_agency(owner);
    let t = Say(language);
    let documents = definition.spec.documents.iter().map(|document| {
        let inputs = specimen(definition, document, words.agency(&document.seal), language.tag());
        let letter = templates.read(&document.template, &inputs)?;
        Ok(view::document(document, letter, definition, &words, t))
    });
    let documents = documents.collect::<Result<Vec<_>, String>>()?;
    let booklet = Booklet {
        t,
        tag: language.html_tag(),
        title: words.text(&definition.spec.title),
        summary: words.text_or(definition.spec.summary.as_ref(), ""),
        agency: words.agency(&definition.spec.agency),
        revision: revision.to_string(),
        passport: view::passport(definition, &words, t),
        check: definition.spec.eligibility.as_ref().map(|check| asked::check(check, &words, t)),
        others: asked::others(definition, &words, t),
        forms: definition.spec.forms.iter().map(|form| view::form(form, definition, &words, t)).collect(),
        fees: definition.spec.fees.iter().map(|fee| view::fee(fee, &words, t)).collect(),
        steps: words.steps(),
        documents,
        messages: definition.spec.notifications.iter().map(|sent| view::message(sent, &words, t)).collect(),
        definition: String::from_utf8(bytes).map_err(|error| error.to_string())?,
    };
    booklet.render().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use api::{Identified, Party, PartyKind, Resource};
    use kernel::Hash;
    use process::check::{File, Folder, Options as Knows, TemplateProblem, check};
    use serde_json::Value;

    use super::*;

    /// As the worker does it, but in this process.
    struct Reads;

    impl TemplateChecker for Reads {
        fn check(&self, _: &str, _: &Value) -> Result<(), Vec<TemplateProblem>> {
            Ok(())
        }

        fn read(&self, template: &str, inputs: &Value) -> Result<Option<String>, String> {
            let twin = document::twin(template, inputs, &document::sample_options(inputs));
            Ok(twin.ok().map(|html| String::from_utf8(html).unwrap()))
        }
    }

    /// For what has nothing to do with letters.
    struct ReadsNothing;

    impl TemplateChecker for ReadsNothing {
        fn check(&self, _: &str, _: &Value) -> Result<(), Vec<TemplateProblem>> {
            Ok(())
        }

        fn read(&self, _: &str, _: &Value) -> Result<Option<String>, String> {
            Ok(None)
        }
    }

    fn example(language: Language) -> String {
        of("justice/marriage-certificate-copy", language, &ReadsNothing)
    }

    /// The booklet of a service in `examples`.
    fn of(path: &str, language: Language, templates: &dyn TemplateChecker) -> String {
        let (definition, agency) = read(path);
        write(&definition, Some(&agency), language, templates).unwrap()
    }

    fn read(path: &str) -> (ServiceDefinition, Agency) {
        let service = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(path);
        let text = |path: &Path| fs::read_to_string(path).unwrap();
        let beside = fs::read_dir(service.join("templates")).unwrap().map(|entry| entry.unwrap().path());
        let template = |path: PathBuf| File {
            path: format!("templates/{}", path.file_name().unwrap().to_string_lossy()),
            text: text(&path),
        };
        let mut files: Vec<File> = beside.map(template).collect();
        files.push(File { path: "service.yaml".into(), text: text(&service.join("service.yaml")) });
        let folder = Folder { path: String::new(), files };
        let definition = folder.check(&Knows::default()).unwrap().definition.unwrap();
        let agency = text(&service.parent().unwrap().join("agency.yaml"));
        let agency = check(&agency, "agency.yaml", &Knows::default()).resource;
        let Some(Resource::Agency(agency)) = agency else { panic!("the example has an agency") };
        (definition, *agency)
    }

    /// What people read who read no code: all but `code` and `pre`.
    fn plain(html: &str) -> String {
        let mut rest = html.split("</style>").nth(1).unwrap();
        let mut plain = String::new();
        while let Some(begin) = rest.find("<code>").into_iter().chain(rest.find("<pre")).min() {
            plain.push_str(&rest[..begin]);
            let end = if rest[begin..].starts_with("<code>") { "</code>" } else { "</pre>" };
            rest = rest[begin..].split_once(end).unwrap().1;
        }
        plain + rest
    }

    #[test]
    fn whom_a_case_is_also_about_stands_on_the_passport() {
        let (mut definition, _) = read("justice/marriage-certificate-copy");
        let about = "they see when an officer opened the case</dt><dd><div>child</div>";
        let written = |definition: &ServiceDefinition| write(definition, None, Language::En, &ReadsNothing).unwrap();
        assert!(!written(&definition).contains("Who else it is about"));
        definition.spec.parties.push(Party {
            name: "child".into(),
            kind: PartyKind::Person,
            title: None,
            identified_by: vec![Identified::Pinfl],
            from: Some("child".into()),
        });
        let html = written(&definition);
        assert!(html.contains(about), "{html}");
        assert!(!html.contains("<h2>Who else is asked</h2>"), "nothing is asked of them: {html}");
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
            "Whose marriage is it?",
            "<div>My own</div><div>Somebody else’s</div>",
            "“Was the marriage registered in Uzbekistan” is no",
            "Ask the authority of the state in which it was registered, or its embassy.",
            "Your answers do not rule you out",
            "The document has an error (387-son qaror, 208-band)",
            "<dt>Seal of</dt><dd><div>Ministry of Justice</div>",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("booklet-"), "a text is missing");
    }

    #[test]
    fn a_rule_without_words_is_said_to_have_none_above_its_source() {
        let rules = serde_json::json!([
            {"when": "answers.goods.size() % 2 == 0", "outcome": "eligible", "text": {"en": "You may"}},
        ]);
        let options = ["food", "arms"].map(|value| serde_json::json!({"value": value, "label": {"en": value}}));
        let question = serde_json::json!({"name": "goods", "label": {"en": "Goods?"}, "options": options});
        let definition: ServiceDefinition = serde_json::from_value(serde_json::json!({
            "apiVersion": api::API_VERSION, "kind": "ServiceDefinition", "metadata": {"name": "copy"},
            "spec": {"title": {"en": "Copy"}, "agency": "justice",
                "eligibility": {"questions": [question], "rules": rules}},
        }))
        .unwrap();
        let html = write(&definition, None, Language::En, &ReadsNothing).unwrap();
        assert!(
            html.contains("This rule has no words; it is written like this:<br><code>answers.goods.size()"),
            "{html}"
        );
        assert!(!plain(&html).contains("answers."), "{html}");
    }

    #[test]
    fn every_letter_is_read_in_the_language_of_the_booklet_above_its_source() {
        for (service, letters) in [
            ("justice/marriage-certificate-copy", 2),
            ("interior/residence-registration", 2),
            ("interior/no-criminal-record", 2),
            ("construction/building-permit", 2),
        ] {
            for language in [Language::Kaa, Language::Ru] {
                let html = of(service, language, &Reads);
                let read = html.matches(&format!("<div lang=\"{}\">", language.html_tag())).count();
                assert!(read >= letters, "{service} in {}: {read} letters", language.tag());
            }
        }
        let html = of("justice/marriage-certificate-copy", Language::Kaa, &Reads);
        let above = html.split("title: &#34;Biykar etiw").next().unwrap();
        assert!(above.contains("Neke gúwalıǵınıń nusqasın beriw biykar etildi."), "the letter, then how it is made");
        assert!(!above.contains("В выдаче копии свидетельства о браке отказано."), "in no other language");
        assert!(above.contains("______") && !above.contains(">Sample<"), "nobody's");
        assert_eq!(of("justice/marriage-certificate-copy", Language::Kaa, &Reads), html, "the same bytes again");
    }

    #[test]
    fn a_letter_that_cannot_be_read_just_now_makes_no_booklet() {
        struct Busy;
        impl TemplateChecker for Busy {
            fn check(&self, _: &str, _: &Value) -> Result<(), Vec<TemplateProblem>> {
                Ok(())
            }
            fn read(&self, _: &str, _: &Value) -> Result<Option<String>, String> {
                Err("later".into())
            }
        }
        let document = serde_json::json!({"name": "copy", "template": "= Copy", "seal": "justice"});
        let definition: ServiceDefinition = serde_json::from_value(serde_json::json!({
            "apiVersion": api::API_VERSION, "kind": "ServiceDefinition", "metadata": {"name": "copy"},
            "spec": {"title": {"en": "Copy"}, "agency": "justice", "documents": [document]},
        }))
        .unwrap();
        assert_eq!(write(&definition, None, Language::En, &Busy), Err("later".into()), "another file than tomorrow's");
        assert!(write(&definition, None, Language::En, &ReadsNothing).unwrap().contains("<pre>= Copy</pre>"));
    }

    #[test]
    fn whoever_else_is_asked_is_told_with_how_they_are_known_and_when() {
        let html = of("interior/residence-registration", Language::En, &ReadsNothing);
        for part in [
            "<h2>Who else is asked</h2>",
            "<h3>Owner of the dwelling</h3>",
            "<div>By PINFL</div>",
            "<dt>At which step they are asked</dt><dd><div>Step ",
            "Who is asked: “Owner of the dwelling”.",
            "in the answer of the registry “civil-status”",
            "Taken over from it: “",
        ] {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn no_rule_no_path_and_no_count_of_bytes_stands_outside_code() {
        for service in [
            "justice/marriage-certificate-copy",
            "interior/residence-registration",
            "interior/no-criminal-record",
            "construction/building-permit",
        ] {
            for language in Language::ALL {
                let read = plain(&of(service, language, &ReadsNothing));
                let path = |at: usize| !read[at..].starts_with([' ', '<', '\n']);
                for root in ["answers.", "data.", "ref.", "facts."] {
                    // A sentence may end with such a word; a path goes on.
                    let found = read.match_indices(root).find(|(at, _)| path(at + root.len()));
                    let place = found.map(|(at, _)| read[at..].chars().take(80).collect::<String>());
                    assert_eq!(place, None, "{service} in {}", language.tag());
                }
                for piece in ["&#38;&#38;", "==", "✓", "52428800", "10485760"] {
                    assert!(!read.contains(piece), "{service} in {}: {piece}", language.tag());
                }
            }
        }
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

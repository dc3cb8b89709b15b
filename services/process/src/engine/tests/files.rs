//! Files of a form: attached by a command of their own, kept by every save, judged as answers are.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ErrorKind, Hash};
use serde_json::json;

use crate::{
    CaseState, Command, Decision, Process, Refusal, decide,
    evidence::{self, FileReference},
    forms::{self, FieldKind},
    replay,
    sample::{Law, SERVICE, open, tuesday},
};

const AT: &str = "goods.photos";

/// The permit, which asks for photographs of the stalls.
fn process() -> Process {
    let schema = "            stalls: {type: integer, minimum: 1, maximum: 50}\n";
    let photos = "            photos: {type: array, maxItems: 2, items: {type: object}}\n";
    let field = "            - {at: goods.stalls, label: {en: Stalls}}\n";
    let asked =
        "            - {at: goods.photos, label: {en: Photographs}, evidence: {types: [image/png], size: 1000}}\n";
    let source =
        SERVICE.replacen(schema, &format!("{schema}{photos}"), 1).replacen(field, &format!("{field}{asked}"), 1);
    let definition: api::ServiceDefinition = serde_saphyr::from_str(&source).unwrap();
    Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"))
}

struct Draft {
    process: Process,
    law: Law,
    state: CaseState,
}

impl Draft {
    fn new() -> Self {
        let state = CaseState::absent(kernel::id::CaseId::from_bytes([1; 16]));
        let mut draft = Self { process: process(), law: Law::new(), state };
        draft.give(&open(1)).unwrap();
        draft.save("shop", &[("shop.soato", "1726"), ("shop.opened", "2020-01-01")]);
        draft
    }

    fn give(&mut self, command: &Command) -> Result<Decision, Refusal> {
        let decision = decide(&self.process, &self.state, command, &self.law.at(tuesday(), 0))?;
        assert!(replay(self.state.clone(), &decision.events) == decision.state, "replay gives the state");
        self.state = decision.state.clone();
        Ok(decision)
    }

    fn save(&mut self, page: &str, values: &[(&str, &str)]) {
        let values: BTreeMap<String, String> =
            values.iter().map(|(at, text)| ((*at).to_owned(), (*text).to_owned())).collect();
        let command = Command::SaveAnswers { page: page.to_owned(), values, disputed: BTreeSet::new(), shown: None };
        self.give(&command).unwrap();
    }

    fn attach(&mut self, file: FileReference) -> Result<Decision, Refusal> {
        self.give(&Command::AttachFile { page: "goods".into(), at: AT.into(), file })
    }

    fn remove(&mut self, file: Hash) -> Result<Decision, Refusal> {
        self.give(&Command::RemoveFile { page: "goods".into(), at: AT.into(), file })
    }

    fn names(&self) -> Vec<String> {
        evidence::of(&self.state.answers, AT).into_iter().map(|file| file.name).collect()
    }

    fn problems(&self) -> Vec<String> {
        let facts = self.law.at(tuesday(), 0);
        let form = forms::current(&self.process, &self.state).unwrap();
        let assessment = forms::assess(&self.process, &self.state, &facts, form);
        assessment.problems.iter().map(|problem| format!("{} {}", problem.at, problem.code)).collect()
    }
}

fn photo(name: &str, size: u64) -> FileReference {
    FileReference { hash: Hash::of(name.as_bytes()), name: name.into(), size, media_type: "image/png".into() }
}

#[test]
fn files_are_attached_one_by_one_and_no_save_of_the_page_touches_them() {
    let mut draft = Draft::new();
    draft.save("goods", &[("goods.kind", "food"), ("goods.stalls", "3")]);
    assert_eq!(draft.problems(), ["goods.photos field.required"]);
    let decision = draft.attach(photo("front.png", 10)).unwrap();
    assert_eq!(decision.attached_files(), [photo("front.png", 10).hash]);
    assert!(draft.attach(photo("front.png", 10)).unwrap().events.is_empty(), "the same file again changes nothing");
    draft.attach(photo("back.png", 1000)).unwrap();
    assert_eq!(draft.attach(photo("side.png", 10)).unwrap_err().code, "file.too-many");
    draft.save("goods", &[("goods.kind", "food"), ("goods.stalls", "4"), (AT, "[]")]);
    assert_eq!(draft.names(), ["front.png", "back.png"], "no browser says which files there are");
    assert!(draft.problems().is_empty(), "{:?}", draft.problems());
    assert_eq!(draft.state.data["goods"]["photos"][1]["name"], "back.png");
    assert_eq!(draft.state.data["goods"]["photos"][1]["size"], json!(1000));
}

#[test]
fn a_file_that_is_taken_away_is_named_no_longer_until_it_went_out_with_a_submission() {
    let mut draft = Draft::new();
    draft.save("goods", &[("goods.kind", "food"), ("goods.stalls", "3")]);
    draft.attach(photo("front.png", 10)).unwrap();
    let file = photo("front.png", 10).hash;
    let decision = draft.remove(file).unwrap();
    assert_eq!((decision.removed_files(), decision.attached_files()), (vec![file], vec![]));
    assert!(draft.remove(file).unwrap().events.is_empty(), "it is gone already");
    assert!(draft.names().is_empty() && draft.state.data["goods"].get("photos").is_none());
    let mut after_submission = decision;
    after_submission.state.submitted = Some(tuesday());
    assert!(after_submission.removed_files().is_empty(), "a decision may rest on it");
}

#[test]
fn other_kinds_larger_ones_and_other_fields_are_refused() {
    let mut draft = Draft::new();
    draft.save("goods", &[("goods.kind", "food"), ("goods.stalls", "3")]);
    let pdf = FileReference { media_type: "application/pdf".into(), ..photo("plan", 10) };
    assert_eq!(draft.attach(pdf).unwrap_err().code, "file.type");
    for size in [0, 1001] {
        assert_eq!(draft.attach(photo("front.png", size)).unwrap_err().code, "file.size");
    }
    for (page, at) in [("goods", "goods.kind"), ("licence", "goods.licence"), ("nowhere", AT), ("shop", AT)] {
        let command = Command::AttachFile { page: page.into(), at: at.into(), file: photo("front.png", 10) };
        let refused = draft.give(&command).unwrap_err();
        assert_eq!((refused.kind, refused.code), (ErrorKind::Stale, "file.no-field"), "{page} {at}");
    }
    assert!(draft.names().is_empty());
}

#[test]
fn what_another_revision_took_is_told_at_the_field_and_shown_as_it_is() {
    let mut draft = Draft::new();
    draft.save("goods", &[("goods.kind", "food"), ("goods.stalls", "3")]);
    let scan = FileReference { media_type: "image/tiff".into(), ..photo("old.tif", 10) };
    draft.state.answers.insert(AT.into(), evidence::write(&[scan]).unwrap());
    assert_eq!(draft.problems(), ["goods.photos field.file-type"]);
    let facts = draft.law.at(tuesday(), 0);
    let view = forms::page_view(&draft.process, &draft.state, &facts, "goods", "en", true).unwrap();
    let field = view.fields.iter().find(|field| field.at == AT).unwrap();
    assert_eq!((field.kind, field.value.as_str(), field.files_max), (FieldKind::Files, "", 2));
    assert_eq!(field.files[0].name, "old.tif");
    let review = forms::review(&draft.process, &draft.state, &facts, "en").unwrap();
    let row = review.sections.iter().flat_map(|section| &section.rows).find(|row| row.at == AT).unwrap();
    assert_eq!((row.value.as_str(), row.kind, row.files.len()), ("old.tif", "files", 1));
}

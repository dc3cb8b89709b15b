//! One page of a form as the applicant should see it now, in words the portal understands.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Language, Money};
use process::{
    CaseState, Facts, Process,
    evidence::FileReference,
    forms::{self, FieldView, OptionView, PageView},
};
use proto::eservice::v1::{Entry, Field, File, Option as Choice, Page};

use super::{mandate, text};

/// The first page that still needs an answer; none: check answers.
pub fn next_unanswered(process: &Process, state: &CaseState, facts: &Facts<'_>) -> Option<String> {
    let form = forms::current(process, state)?;
    let assessment = forms::assess(process, state, facts, form);
    forms::sequence(state, form, &assessment).incomplete.into_iter().next()
}

/// Where to go after a page: on, back to what was left out, or (none) to check the answers.
pub fn next_after(view: &PageView) -> Option<String> {
    let onward = view.sequence.next(&view.page).map(str::to_owned);
    onward.or_else(|| view.sequence.incomplete.first().cloned())
}

/// Whether the person has been through the page: only then is what is missing called wrong.
pub fn was_answered(process: &Process, state: &CaseState, page: &str) -> bool {
    let form = forms::current(process, state);
    form.is_some_and(|form| state.answered_pages.contains(&forms::page_id(&form.name, page)))
}

/// Nothing when the page is not to be shown now.
pub fn page(process: &Process, state: &CaseState, version: i64, view: &PageView, language: Language) -> Page {
    let position = view.sequence.position(&view.page).unwrap_or_default();
    Page {
        case_id: state.case_id.to_vec(),
        version,
        form: view.form.clone(),
        page: view.page.clone(),
        title: view.title.clone(),
        service_title: process.definition().title(language.tag()).to_owned(),
        fields: view.fields.iter().map(|shown| field(shown, language)).collect(),
        back: view.sequence.back(&view.page).unwrap_or_default().to_owned(),
        position: i32::try_from(position + 1).unwrap_or(i32::MAX),
        count: i32::try_from(view.sequence.pages.len()).unwrap_or(i32::MAX),
        returned: view.returned,
        agency: state.agency.clone(),
        service: state.service.clone(),
        hint: view.hint.clone(),
        shown_hash: view.shown.to_vec(),
        representation: mandate::told(state),
        // The words of an older revision, which the host reads.
        moved: None,
        begins_part: begins_part(process, state, view),
    }
}

/// Back from the first page of a part leads to the outline.
fn begins_part(process: &Process, state: &CaseState, view: &PageView) -> bool {
    match view.sequence.back(&view.page) {
        Some(back) => forms::ends_part(process, state, back, Some(view.page.as_str())),
        None => is_outlined(process, state),
    }
}

/// Whether the form that can be worked on now has parts.
pub fn is_outlined(process: &Process, state: &CaseState) -> bool {
    forms::current(process, state).is_some_and(|form| forms::is_outlined(state, form))
}

fn field(shown: &FieldView, language: Language) -> Field {
    let problem = shown.problem.as_ref();
    Field {
        at: shown.at.clone(),
        label: shown.label.clone(),
        hint: shown.hint.clone(),
        why: shown.why.clone(),
        kind: if shown.fact { "fact".to_owned() } else { shown.kind.name().to_owned() },
        required: shown.required,
        value: if shown.fact { chosen(shown, &shown.value) } else { shown.value.clone() },
        options: shown.options.iter().map(|option| choice(option, &shown.value)).collect(),
        error: problem.map(|problem| text::of_map(&problem.text, language)).unwrap_or_default(),
        error_code: problem.map(|problem| problem.code.clone()).unwrap_or_default(),
        autocomplete: shown.autocomplete.clone(),
        max_length: shown.max_length.and_then(|length| i32::try_from(length).ok()).unwrap_or_default(),
        fact: shown.fact,
        source: shown.source.clone(),
        disputed: shown.disputed,
        marked: shown.marked,
        officer_note: shown.officer_note.clone(),
        input_mode: shown.input_mode.to_owned(),
        error_parameters: problem.map(|problem| problem.parameters.clone()).unwrap_or_default(),
        kept: String::new(),
        registry_value: chosen(shown, &shown.registry_value),
        files: files(&shown.files),
        types: shown.evidence.as_ref().map(|evidence| evidence.types.clone()).unwrap_or_default(),
        size_max: shown.evidence.as_ref().and_then(|evidence| i64::try_from(evidence.size).ok()).unwrap_or_default(),
        files_max: i32::try_from(shown.files_max).unwrap_or(i32::MAX),
        added: shown.added,
        entries: shown.entries.iter().map(|fields| entry(fields, language)).collect(),
        blank: (!shown.blank.is_empty()).then(|| entry(&shown.blank, language)),
        entry_title: shown.entry_title.clone(),
        entries_max: i32::try_from(shown.entries_max).unwrap_or(i32::MAX),
        uploads: Vec::new(),
    }
}

fn entry(fields: &[FieldView], language: Language) -> Entry {
    Entry { fields: fields.iter().map(|shown| field(shown, language)).collect() }
}

/// Files that were attached, as pages list them; `id` is the hash until the edge names them by their addresses (`bus::filed`).
pub fn files(files: &[FileReference]) -> Vec<File> {
    let file = |file: &FileReference| File {
        id: file.hash.to_vec(),
        name: file.name.clone(),
        size: i64::try_from(file.size).unwrap_or(i64::MAX),
        kind: file.media_type.clone(),
        state: String::new(),
    };
    files.iter().map(file).collect()
}

/// The kind of a field that is a list of entries, and more of them than anybody types.
const ENTRIES: &str = "entries";
const ENTRIES_MAX: usize = 100;

/// What a person sent for one page.
#[derive(Clone)]
pub struct Typed {
    pub values: BTreeMap<String, String>,
    pub disputed: BTreeSet<String>,
}

impl Typed {
    pub fn is_too_long(&self) -> bool {
        self.values.values().any(|text| is_too_long(text))
    }

    /// Puts what was typed into the page, and says which of it is too long to be kept.
    pub fn put_back(&self, page: &mut Page) {
        for field in &mut page.fields {
            field.disputed = self.disputed.contains(&field.at);
            if field.fact {
                continue;
            }
            match field.kind.as_str() {
                ENTRIES => self.put_entries(field),
                _ => self.put_text(field),
            }
        }
    }

    fn put_text(&self, field: &mut Field) {
        field.value = self.text(&field.at).to_owned();
        for option in &mut field.options {
            option.selected = option.value == field.value;
        }
        if is_too_long(&field.value) {
            let limit = usize::try_from(field.max_length).ok().filter(|limit| *limit > 0);
            let limit = limit.unwrap_or(forms::TEXT_MAX).min(forms::TEXT_MAX);
            "field.max-length".clone_into(&mut field.error_code);
            field.error_parameters.insert("limit".to_owned(), limit.to_string());
        }
    }

    /// As many entries as were typed.
    fn put_entries(&self, list: &mut Field) {
        let beginning = format!("{}.", list.at);
        let place = |at: &String| at.strip_prefix(&beginning)?.split('.').next()?.parse::<usize>().ok();
        let typed = self.values.keys().filter_map(place).max().map_or(0, |last| last + 1).min(ENTRIES_MAX);
        let blank = list.blank.clone().unwrap_or_default();
        while list.entries.len() < typed {
            list.entries.push(blank.clone());
        }
        for (index, entry) in list.entries.iter_mut().enumerate() {
            for field in &mut entry.fields {
                let name = field.at.rsplit('.').next().unwrap_or_default();
                field.at = format!("{beginning}{index}.{name}");
                self.put_text(field);
            }
        }
    }

    fn same_entries(&self, list: &Field) -> bool {
        let beginning = format!("{}.", list.at);
        let kept = list.entries.iter().flat_map(|entry| &entry.fields).filter(|field| !field.value.is_empty());
        let kept: BTreeMap<&str, String> = kept.map(|field| (field.at.as_str(), field.value.clone())).collect();
        let typed = self.values.iter().filter(|(at, _)| at.starts_with(&beginning));
        let typed = typed.map(|(at, text)| (at.as_str(), forms::tidy(text))).filter(|(_, text)| !text.is_empty());
        let typed: BTreeMap<&str, String> = typed.collect();
        kept == typed
    }

    /// Puts what was typed into a page that was changed meanwhile, and names at each field that differs what is kept there.
    pub fn beside_what_is_kept(&self, page: &mut Page) {
        for field in &mut page.fields {
            let same = match field.fact || field.disputed {
                true if field.disputed != self.disputed.contains(&field.at) => false,
                _ if field.kind == ENTRIES => self.same_entries(field),
                _ => field.fact || forms::tidy(self.text(&field.at)) == field.value,
            };
            if !same {
                let chosen = field.options.iter().find(|option| option.value == field.value);
                field.kept = match field.kind.as_str() {
                    ENTRIES => field.entries.len().to_string(),
                    _ => chosen.map_or_else(|| field.value.clone(), |option| option.label.clone()),
                };
                "field.changed-meanwhile".clone_into(&mut field.error_code);
            }
        }
        self.put_back(page);
    }

    fn text(&self, at: &str) -> &str {
        self.values.get(at).map(String::as_str).unwrap_or_default()
    }
}

fn is_too_long(text: &str) -> bool {
    text.chars().count() > forms::TEXT_MAX
}

/// A fact is shown in words: of a chosen option, its label.
fn chosen(shown: &FieldView, value: &str) -> String {
    let option = shown.options.iter().find(|option| option.value == value);
    option.map_or_else(|| value.to_owned(), |option| option.label.clone())
}

fn choice(option: &OptionView, value: &str) -> Choice {
    Choice {
        value: option.value.clone(),
        label: option.label.clone(),
        hint: option.hint.clone(),
        selected: option.value == value,
    }
}

pub fn money(amount: Money) -> proto::Money {
    proto::Money { minor: amount.minor, currency: amount.currency.code().to_owned() }
}

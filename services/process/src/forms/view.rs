//! One page as it should be shown now, in one language.

use api::{Field, Repeat};
use kernel::Hash;
use serde_json::Value;

use super::{
    OptionView, Sequence, assess, current_or_start, entries, is_added, kind_of, lists, options_of, page_id, sequence,
    shown_hash,
};
use crate::{
    Facts, Problem,
    case::CaseState,
    evidence::{self, FileReference},
    forms::FieldKind,
    paths,
    process::Process,
};

#[derive(Debug, Clone, PartialEq)]
pub struct PageView {
    pub form: String,
    pub page: String,
    pub title: String,
    pub hint: String,
    pub fields: Vec<FieldView>,
    pub sequence: Sequence,
    /// The page shows fields an officer returned.
    pub returned: bool,
    /// A save of this page names it.
    pub shown: Hash,
}

#[derive(Clone, PartialEq)]
pub struct FieldView {
    pub at: String,
    pub label: String,
    pub hint: String,
    pub why: String,
    pub kind: FieldKind,
    pub required: bool,
    /// What was typed, also when it is wrong; of a fact, its value.
    pub value: String,
    pub options: Vec<OptionView>,
    pub problem: Option<Problem>,
    pub autocomplete: String,
    pub max_length: Option<u64>,
    pub fact: bool,
    pub source: String,
    pub disputed: bool,
    /// Of a disputed fact: what the registry says.
    pub registry_value: String,
    pub marked: bool,
    /// Asked for since the draft moved to another revision, and not answered yet.
    pub added: bool,
    pub officer_note: String,
    pub input_mode: &'static str,
    /// Of a field that is a file: what was attached, and what may be.
    pub files: Vec<FileReference>,
    pub evidence: Option<api::Evidence>,
    pub files_max: u64,
    /// Of a list of entries: the fields of each, and of one more.
    pub entries: Vec<Vec<FieldView>>,
    pub blank: Vec<FieldView>,
    pub entry_title: String,
    pub entries_max: u32,
}

/// Values are personal data: only the path is shown.
impl std::fmt::Debug for FieldView {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Field({}, {:?})", self.at, self.kind)
    }
}

/// Nothing when the page does not exist or is not to be shown now. Problems are told when `with_problems`.
pub fn page_view(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    page: &str,
    language: &str,
    with_problems: bool,
) -> Option<PageView> {
    let form = current_or_start(process, state)?;
    let assessment = assess(process, state, facts, form);
    let sequence = sequence(state, form, &assessment);
    let visible = assessment.pages.iter().find(|visible| visible.key == page)?;
    sequence.position(page)?;
    let id = page_id(&form.name, page);
    let only_marked = state.returned.as_ref().is_some_and(|returned| !returned.marked.is_empty());
    let mut fields = Vec::new();
    for field in &visible.fields {
        let problem = assessment.problems_on(&id).find(|problem| problem.at == field.at);
        let marked = is_marked(state, field);
        if only_marked && !marked && problem.is_none() {
            continue;
        }
        let told = with_problems || was_right_before(state, field);
        let problem = problem.filter(|_| told).cloned();
        let mut shown = field_view(process, state, facts, field, language, problem);
        if let Some(repeat) = &field.repeat {
            let told: Vec<&Problem> = assessment.problems_on(&id).filter(|_| with_problems).collect();
            (shown.entries, shown.blank) = entries_view(process, state, facts, (field, repeat), language, &told);
        }
        fields.push(shown);
    }
    let text =
        |text: &Option<api::Text>| text.as_ref().map(|text| text.in_language(language).to_owned()).unwrap_or_default();
    Some(PageView {
        form: form.name.clone(),
        page: page.to_owned(),
        title: visible.page.title.in_language(language).to_owned(),
        hint: text(&visible.page.hint),
        fields,
        sequence,
        returned: state.returned.is_some(),
        shown: shown_hash(form, visible.page, &state.prefill, &state.answers, &state.disputed),
    })
}

/// The entries as they were typed, as many as there must be, and an empty one for the next.
fn entries_view(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    (field, repeat): (&Field, &Repeat),
    language: &str,
    problems: &[&Problem],
) -> (Vec<Vec<FieldView>>, Vec<FieldView>) {
    let kept = entries::of(&state.answers, &field.at);
    let one = |index: usize| -> Vec<FieldView> {
        let part = |part: &api::EntryField| {
            let at = format!("{}.{index}.{}", field.at, part.at);
            let problem = problems.iter().find(|problem| problem.at == at).map(|problem| (*problem).clone());
            let shown = field_view(process, state, facts, &part.as_field(&field.at), language, problem);
            let typed = kept.get(index).and_then(|entry| entry.get(&part.at)).cloned();
            FieldView { at, value: typed.unwrap_or_default(), ..shown }
        };
        repeat.fields.iter().map(part).collect()
    };
    let least = if field.optional { 0 } else { repeat.min as usize };
    let count = kept.len().max(least);
    ((0..count).map(one).collect(), one(count))
}

fn is_marked(state: &CaseState, field: &Field) -> bool {
    state.returned.as_ref().is_some_and(|returned| returned.marked.contains_key(&field.at))
}

/// An answer that another revision found right is told at once.
fn was_right_before(state: &CaseState, field: &Field) -> bool {
    state.moved.as_ref().is_some_and(|moved| moved.invalid.contains_key(&field.at))
}

fn field_view(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    field: &Field,
    language: &str,
    problem: Option<Problem>,
) -> FieldView {
    let held = state.prefill.get(&field.at);
    let disputed = held.is_some() && state.disputed.contains(&field.at);
    let fact = held.is_some() && !disputed;
    let kind = kind_of(process, state, field, facts);
    let plain = field.evidence.is_none() && field.repeat.is_none();
    let typed = state.answers.get(&field.at).filter(|_| plain).cloned().unwrap_or_default();
    let of_list = lists::offered(process, state, field).and_then(|offered| lists::chosen(state, offered, &typed));
    let options = options_of(process, state, field, facts, language).unwrap_or_default();
    // The word for what cannot be chosen any more says nothing to anybody.
    let typed = of_list.map_or(typed, |entry| {
        let choice = options.iter().find(|option| option.value == entry.choice);
        choice.map(|option| option.value.clone()).unwrap_or_default()
    });
    let value = held.filter(|_| fact).map_or(typed, |held| text_of(&held.value));
    let note = state.returned.as_ref().and_then(|returned| returned.marked.get(&field.at)).cloned();
    let text =
        |text: &Option<api::Text>| text.as_ref().map(|text| text.in_language(language).to_owned()).unwrap_or_default();
    FieldView {
        at: field.at.clone(),
        label: field.label.in_language(language).to_owned(),
        hint: text(&field.hint),
        why: text(&field.why),
        kind,
        required: !field.optional,
        value,
        options,
        problem,
        autocomplete: field.autocomplete.clone().unwrap_or_default(),
        max_length: process.field_schema(&field.at).and_then(|schema| schema["maxLength"].as_u64()),
        fact,
        source: held.map(|held| held.source.clone()).unwrap_or_default(),
        disputed,
        registry_value: held.filter(|_| disputed).map(|held| text_of(&held.value)).unwrap_or_default(),
        marked: note.is_some(),
        added: is_added(state, field),
        officer_note: note.unwrap_or_default(),
        input_mode: match kind {
            FieldKind::Number => "decimal",
            FieldKind::Phone => "tel",
            FieldKind::Email => "email",
            _ => "",
        },
        files: if field.evidence.is_some() { evidence::of(&state.answers, &field.at) } else { Vec::new() },
        evidence: field.evidence.clone(),
        files_max: field.evidence.as_ref().map(|_| evidence::count_max(process, &field.at)).unwrap_or_default(),
        entries: Vec::new(),
        blank: Vec::new(),
        entry_title: text(&field.repeat.as_ref().map(|repeat| repeat.entry.clone())),
        entries_max: field.repeat.as_ref().map(|repeat| repeat.max).unwrap_or_default(),
    }
}

/// A value as it stands in an input; dates stay ISO 8601, booleans `true` or `false`.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value of a field in the case's data, as text.
pub fn data_text(state: &CaseState, at: &str) -> String {
    paths::get(&state.data, at).map(text_of).unwrap_or_default()
}

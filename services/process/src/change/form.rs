//! Forms: where and in which words something is asked is presentation; what is asked, of whom and with which bounds is law.

use std::collections::{BTreeMap, BTreeSet};

use api::{Check, Choice, Field, Form, Input, Page, Spec, Step};

use super::{Kind, What, differences::Differences};

/// A field where it stands.
struct Placed<'a> {
    page: &'a Page,
    field: &'a Field,
    path: String,
    /// Among all fields of the form.
    position: usize,
}

/// By their paths in the data.
type Fields<'a> = BTreeMap<&'a str, Vec<Placed<'a>>>;

pub fn form(out: &mut Differences, path: &str, old: &Form, new: &Form) {
    let Form { name: _, pages, declaration, layout, tells, shared } = old;
    // Who reads whose answers is no matter of words.
    out.law(format!("{path}.tells"), tells, &new.tells);
    out.law(format!("{path}.shared"), shared, &new.shared);
    // What a person declares binds them.
    out.law(format!("{path}.declaration"), declaration, &new.declaration);
    out.presentation(format!("{path}.layout"), layout, &new.layout);
    self::pages(out, path, pages, &new.pages);
    let (before, after) = (placed(path, pages), placed(path, &new.pages));
    for (at, fields) in &after {
        let known = before.get(at).map(Vec::as_slice).unwrap_or_default();
        for (index, now) in fields.iter().enumerate() {
            match known.get(index) {
                Some(then) => field(out, then, now),
                None => out.add(Kind::Law, now.path.as_str(), What::Added),
            }
        }
    }
    for (at, fields) in &before {
        let kept = after.get(at).map_or(0, Vec::len);
        for gone in fields.iter().skip(kept) {
            out.add(Kind::Law, gone.path.as_str(), What::Removed);
        }
    }
    if arrangement(&before, &after) != arrangement(&after, &before) {
        let kind = if asks_alike(&before, &after) { Kind::Presentation } else { Kind::Law };
        out.add(kind, format!("{path}.pages"), What::Moved);
    }
}

/// Pages themselves hold only words and a condition; the condition is judged with each field behind it.
fn pages(out: &mut Differences, path: &str, old: &[Page], new: &[Page]) {
    let known: BTreeMap<String, &Page> = old.iter().map(|page| (page.key(), page)).collect();
    for (index, page) in new.iter().enumerate() {
        let path = format!("{path}.pages[{index}]");
        let Some(Page { name, title, section, hint, when: _, fields: _ }) = known.get(&page.key()) else {
            out.add(Kind::Presentation, path, What::Added);
            continue;
        };
        out.presentation(format!("{path}.name"), name, &page.name);
        out.presentation(format!("{path}.title"), title, &page.title);
        out.presentation(format!("{path}.section"), section, &page.section);
        out.presentation(format!("{path}.hint"), hint, &page.hint);
    }
    let keys: BTreeSet<String> = new.iter().map(Page::key).collect();
    for (index, page) in old.iter().enumerate() {
        if !keys.contains(&page.key()) {
            out.add(Kind::Presentation, format!("{path}.pages[{index}]"), What::Removed);
        }
    }
    // A page without fields is never shown, and its condition guards nothing.
    let empty = |pages: &[Page]| -> Vec<Page> { pages.iter().filter(|page| page.fields.is_empty()).cloned().collect() };
    out.law(format!("{path}.pages"), &empty(old), &empty(new));
}

fn placed<'a>(path: &str, pages: &'a [Page]) -> Fields<'a> {
    let mut all = Fields::new();
    let mut position = 0;
    for (page_index, page) in pages.iter().enumerate() {
        for (index, field) in page.fields.iter().enumerate() {
            let path = format!("{path}.pages[{page_index}].fields[{index}]");
            all.entry(&field.at).or_default().push(Placed { page, field, path, position });
            position += 1;
        }
    }
    all
}

fn field(out: &mut Differences, old: &Placed<'_>, new: &Placed<'_>) {
    let now = new.field;
    let Field {
        at: _,
        label,
        hint,
        why,
        input,
        options,
        options_from,
        when,
        prefill,
        check,
        repeat,
        evidence,
        autocomplete,
        optional,
    } = old.field;
    let at = |part: &str| format!("{}.{part}", new.path);
    out.presentation(at("label"), label, &now.label);
    out.presentation(at("hint"), hint, &now.hint);
    out.presentation(at("why"), why, &now.why);
    let kind = if reads_alike(*input, now.input) { Kind::Presentation } else { Kind::Law };
    out.value(kind, at("input"), input, &now.input);
    out.named(&at("options"), options, &now.options, |option| &option.value, self::option);
    out.law(at("optionsFrom"), options_from, &now.options_from);
    // Whether it is asked: by its own condition and by that of the page on which it stands.
    out.law(at("when"), &(&old.page.when, when), &(&new.page.when, &now.when));
    out.law(at("prefill"), prefill, &now.prefill);
    self::checks(out, &at("check"), check, &now.check);
    out.law(at("repeat"), repeat, &now.repeat);
    out.law(at("evidence"), evidence, &now.evidence);
    out.presentation(at("autocomplete"), autocomplete, &now.autocomplete);
    out.law(at("optional"), optional, &now.optional);
}

fn option(out: &mut Differences, path: &str, old: &Choice, new: &Choice) {
    let Choice { value: _, label, hint } = old;
    out.presentation(format!("{path}.label"), label, &new.label);
    out.presentation(format!("{path}.hint"), hint, &new.hint);
}

fn checks(out: &mut Differences, path: &str, old: &[Check], new: &[Check]) {
    if old.len() != new.len() {
        return out.add(Kind::Law, path, What::Changed);
    }
    for (index, (Check { that, message }, now)) in old.iter().zip(new).enumerate() {
        out.law(format!("{path}[{index}].that"), that, &now.that);
        out.presentation(format!("{path}[{index}].message"), message, &now.message);
    }
}

/// The same typed text becomes the same value under both.
fn reads_alike(old: Option<Input>, new: Option<Input>) -> bool {
    let by_schema = |input: Option<Input>| {
        matches!(input, Some(Input::Text | Input::Textarea | Input::Number | Input::Radios | Input::Select))
    };
    old == new || by_schema(old) && by_schema(new)
}

/// Pages and fields in their order, without those that the other form lacks.
fn arrangement<'a>(own: &Fields<'a>, other: &Fields<'_>) -> Vec<(usize, String, &'a str)> {
    let common = own.iter().filter(|(at, _)| other.contains_key(**at));
    let mut all: Vec<_> = common
        .flat_map(|(at, fields)| fields.iter().map(move |placed| (placed.position, placed.page.key(), *at)))
        .collect();
    all.sort_unstable();
    all.into_iter().enumerate().map(|(index, (_, page, at))| (index, page, at)).collect()
}

/// A condition reads the answers before it: whoever stood before it stays before it, else what is asked may be another.
fn asks_alike(before: &Fields<'_>, after: &Fields<'_>) -> bool {
    let (before, after) = match (single(before), single(after)) {
        (Some(before), Some(after)) => (before, after),
        // A value that is asked twice: nobody can tell which condition saw which answer.
        _ => return false,
    };
    after.iter().all(|(at, now)| {
        let Some(then) = before.get(*at) else { return true };
        let conditions: Vec<&String> = [&now.page.when, &now.field.when].into_iter().flatten().collect();
        let read = |other: &str| conditions.iter().any(|condition| may_read(condition, other));
        after.iter().filter(|(other, _)| read(other)).all(|(other, stands)| {
            let stood_before = before.get(*other).is_some_and(|stood| stood.position < then.position);
            stood_before == (stands.position < now.position)
        })
    })
}

fn single<'a, 'f>(fields: &'f Fields<'a>) -> Option<BTreeMap<&'a str, &'f Placed<'a>>> {
    fields.iter().map(|(at, placed)| Some((*at, placed.first().filter(|_| placed.len() == 1)?))).collect()
}

/// Whether a condition could look at this value: it names a part of its path, or takes the data as a whole.
fn may_read(condition: &str, at: &str) -> bool {
    let whole = condition.match_indices("data").any(|(place, word)| !condition[place + word.len()..].starts_with('.'));
    whole || at.split('.').any(|segment| condition.contains(segment))
}

/// What officers see at a task: pages are only a way to name fields, so a field that moves must not come into sight or leave it.
pub fn shown(old: &Spec, new: &Spec, out: &mut Differences) {
    for (index, step) in steps(new).iter().enumerate() {
        let known = steps(old).iter().find(|known| known.name == step.name);
        let (Some(then), Some(now)) = (known.and_then(|known| known.task.as_ref()), &step.task) else { continue };
        let path = format!("spec.process.steps[{index}].task.shows");
        let named = !then.shows.is_empty() || !now.shows.is_empty();
        if named && visible(old, &then.shows) != visible(new, &now.shows) {
            out.add(Kind::Law, path, What::Changed);
        } else {
            out.presentation(path, &then.shows, &now.shows);
        }
    }
}

fn steps(spec: &Spec) -> &[Step] {
    spec.process.as_ref().map(|process| process.steps.as_slice()).unwrap_or_default()
}

/// Form and path of every field on these pages; without pages, of all.
fn visible<'a>(spec: &'a Spec, shows: &[String]) -> BTreeSet<(&'a str, &'a str)> {
    let fields = spec.forms.iter().flat_map(|form| form.fields().map(move |(page, field)| (form, page, field)));
    fields
        .filter(|(_, page, _)| shows.is_empty() || shows.contains(&page.key()))
        .map(|(form, _, field)| (form.name.as_str(), field.at.as_str()))
        .collect()
}

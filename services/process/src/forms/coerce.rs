//! From what was typed to a typed value: an empty text is an absent answer, a wrong one keeps its text and gets a code.

use api::{Evidence, Field};
use jiff::civil::Date;
use serde_json::Value;

use super::{FieldKind, kind_of, lists, options};
use crate::{
    Facts,
    case::CaseState,
    evidence::{self, Misfit},
    process::Process,
};

/// Longest text a field keeps, in characters. A host refuses more; what reaches a case all the same is cut.
pub const TEXT_MAX: usize = 10_000;

/// What is wrong with a typed text, with what the sentence about it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub code: &'static str,
    pub parameters: Vec<(&'static str, String)>,
}

impl Wrong {
    pub fn new(code: &'static str) -> Self {
        Self { code, parameters: Vec::new() }
    }
}

/// The text as it is kept: line ends unified, spaces around taken off, characters that nobody types taken out, cut to the cap.
pub fn tidy(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = unified.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    kept.collect::<String>().trim().chars().take(TEXT_MAX).collect()
}

/// The value of a tidied text; nothing when it is empty.
pub fn coerce(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    field: &Field,
    text: &str,
) -> Result<Option<Value>, Wrong> {
    let kind = kind_of(process, state, field, facts);
    if text.is_empty() {
        // A box that is not ticked says no; every other empty answer says nothing.
        return Ok((kind == FieldKind::Checkbox).then_some(Value::Bool(false)));
    }
    if let Some(evidence) = &field.evidence {
        return files(evidence, text).map(Some);
    }
    // A browser that sent another encoding than the page's.
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Wrong::new("field.unreadable"));
    }
    let wanted = process.field_schema(&field.at).map(|schema| schema["type"].as_str().unwrap_or("string"));
    // An entry that cannot be chosen any more is judged by what it stands for: the field's condition says why.
    if let Some(chosen) = lists::offered(process, state, field).and_then(|held| lists::chosen(state, held, text)) {
        return Ok(Some(Value::String(chosen.value.clone())));
    }
    // The word of a list that is not offered any more stands for nothing that the person sees.
    if lists::list_of(process, field).is_some() && lists::is_choice(state, text) {
        return Err(Wrong::new("field.option"));
    }
    if let Some(options) = options::values_of(process, state, field, facts)
        && !options.iter().any(|option| option == text)
    {
        return Err(Wrong::new("field.option"));
    }
    match (kind, wanted) {
        (FieldKind::Date, _) => {
            date(text).map(|day| Some(Value::String(day.to_string()))).ok_or(Wrong::new("field.date"))
        }
        (FieldKind::Phone, _) => phone(text).map(|phone| Some(Value::String(phone))).ok_or(Wrong::new("field.phone")),
        (FieldKind::Email, _) if !is_email(text) => Err(Wrong::new("field.email")),
        (FieldKind::Checkbox | FieldKind::YesNo, _) | (_, Some("boolean")) => {
            boolean(text).map(|bool| Some(Value::Bool(bool))).ok_or(Wrong::new("field.yes-no"))
        }
        (_, Some("integer")) => integer(text).map(|int| Some(Value::from(int))).ok_or(Wrong::new("field.integer")),
        (_, Some("number")) => number(text).map(Some).ok_or(Wrong::new("field.number")),
        _ => Ok(Some(Value::String(text.to_owned()))),
    }
}

/// Files that were attached under another revision may not fit this one.
fn files(evidence: &Evidence, text: &str) -> Result<Value, Wrong> {
    let files = evidence::read(text).ok_or(Wrong::new("field.unreadable"))?;
    match files.iter().find_map(|file| evidence::misfit(evidence, file)) {
        Some(Misfit::Type) => return Err(Wrong::new("field.file-type")),
        Some(Misfit::Size) => return Err(Wrong::new("field.file-size")),
        None => {}
    }
    serde_json::to_value(files).map_err(|_| Wrong::new("field.unreadable"))
}

/// `2020-02-29`, `2020-2-29`, `29.02.2020`, `29/2/2020`.
pub fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['-', '.', '/', ' ']).filter(|part| !part.is_empty()).collect();
    let [first, month, last] = parts.as_slice() else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    if year.len() != 4 || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A phone of Uzbekistan in international form, however it was spaced; other countries' as they are.
fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let known = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.' | '\u{a0}'));
    match digits.len() {
        _ if !known || text.chars().skip(1).any(|c| c == '+') => None,
        9 if !text.starts_with('+') => Some(format!("+998{digits}")),
        7..=15 if text.starts_with('+') || digits.starts_with("998") => Some(format!("+{digits}")),
        _ => None,
    }
}

/// One `@`, something before it and a dotted name behind it; what lies between is the mail server's matter.
fn is_email(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    match parts.as_slice() {
        [name, host] => {
            !name.is_empty()
                && host.contains('.')
                && host.split('.').all(|label| !label.is_empty())
                && !text.chars().any(char::is_whitespace)
                && text.len() <= 254
        }
        _ => false,
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn unspaced(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{a0}' && *c != '\u{202f}').collect()
}

pub fn integer(text: &str) -> Option<i64> {
    unspaced(text).parse().ok()
}

/// Exactly the digits that were typed, a comma read as a point.
pub fn number(text: &str) -> Option<Value> {
    let plain = unspaced(text).replace(',', ".");
    let shaped = plain.len() <= 16
        && plain.strip_prefix('-').unwrap_or(&plain).starts_with(|c: char| c.is_ascii_digit())
        && plain.ends_with(|c: char| c.is_ascii_digit())
        && plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let decimal: kernel::Decimal = plain.parse().ok().filter(|_| shaped)?;
    decimal.normalize().to_string().parse::<serde_json::Number>().ok().map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_phones_are_read_as_people_write_them() {
        for written in ["2020-02-29", "2020-2-29", "29.02.2020", "29/2/2020", "29 02 2020"] {
            assert_eq!(date(written).unwrap().to_string(), "2020-02-29");
        }
        for wrong in ["2021-02-29", "29.02.20", "yesterday", "2020-02", "-1-1-2020", "0.0.2020"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        for written in ["90 123-45-67", "+998 90 123 45 67", "998901234567", "(90) 1234567"] {
            assert_eq!(phone(written).as_deref(), Some("+998901234567"));
        }
        for wrong in ["12345", "call me", "+998+90", "<script>"] {
            assert_eq!(phone(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(number("12,50").unwrap().to_string(), "12.5");
        assert_eq!(number("1 000 000").unwrap().to_string(), "1000000");
        for wrong in ["1e5", ".5", "5.", "--1", "1.2.3", "NaN", "12345678901234567"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
        assert_eq!(integer("1 200"), Some(1200));
        assert_eq!(integer("1.5"), None);
    }

    #[test]
    fn what_nobody_types_is_taken_out() {
        assert_eq!(tidy("  a\0b\r\nc\u{7} "), "ab\nc");
        assert_eq!(tidy(&"x".repeat(TEXT_MAX * 2)).len(), TEXT_MAX);
        assert!(is_email("a@b.uz") && !is_email("a@b") && !is_email("a b@c.uz"));
    }
}

//! What a browser sent, as answers: three inputs become one date, absent boxes become empty, controls are dropped.

use std::collections::BTreeMap;

/// Inputs of our own pages begin with this; no answer's path does.
const CONTROL: &str = "_";
const DATE: &str = "_date:";
/// Stands between the parts of what is no date at all, where one of them holds the usual hyphen.
const BESIDE: char = '|';

/// Answers by path, in the order of the paths.
pub fn answers(fields: &[(String, String)]) -> Vec<(String, String)> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut dates: BTreeMap<&str, [&str; 3]> = BTreeMap::new();
    for (name, value) in fields {
        if let Some((part, at)) = name.strip_prefix(DATE).and_then(|rest| rest.split_once(':')) {
            let date = dates.entry(at).or_default();
            match part {
                "day" => date[2] = value,
                "month" => date[1] = value,
                "year" => date[0] = value,
                _ => {}
            }
        } else if !name.starts_with(CONTROL) {
            // A hidden empty input comes before each box: the last one counts.
            found.insert(name.clone(), clean(value));
        }
    }
    for (at, [year, month, day]) in dates {
        found.insert(at.to_owned(), iso(year.trim(), month.trim(), day.trim()));
    }
    found.into_iter().collect()
}

/// A full date gets its zeros; half a date stays as it was typed, so that it can be shown again.
fn iso(year: &str, month: &str, day: &str) -> String {
    let numbers = [year, month, day].map(|part| part.parse::<u32>().ok());
    match numbers {
        [Some(year), Some(month), Some(day)] => format!("{year:04}-{month:02}-{day:02}"),
        _ if year.is_empty() && month.is_empty() && day.is_empty() => String::new(),
        _ if [year, month, day].iter().any(|part| part.contains(['-', BESIDE])) => {
            let parts = [year, month, day].map(|part| part.replace(BESIDE, " "));
            clean(&parts.join(&BESIDE.to_string()))
        }
        _ => clean(&format!("{year}-{month}-{day}")),
    }
}

/// Day, month and year of a date as it was typed.
pub fn date_parts(value: &str) -> [String; 3] {
    let between = if value.contains(BESIDE) { BESIDE } else { '-' };
    let mut parts = value.splitn(3, between).map(|part| part.trim_start_matches('0').to_owned());
    let [year, month, day] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    [day, month, year]
}

/// Control characters are never an answer: NUL and its kin are dropped, line ends become one kind.
fn clean(value: &str) -> String {
    let lines = value.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = lines.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    kept.trim().to_owned()
}

/// One control of our own page.
pub fn control<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().rev().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// All values of a control that may come several times.
pub fn controls<'f>(fields: &'f [(String, String)], name: &str) -> Vec<&'f str> {
    fields.iter().filter(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn three_inputs_become_one_date_and_half_a_date_is_kept_as_typed() {
        let date = |day, month, year| {
            let fields = sent(&[("_date:day:born", day), ("_date:month:born", month), ("_date:year:born", year)]);
            answers(&fields)[0].1.clone()
        };
        assert_eq!(date("9", " 2 ", "2026"), "2026-02-09");
        assert_eq!(date("", "", ""), "");
        assert_eq!(date("31", "may", ""), "-may-31");
        assert_eq!(date_parts("-may-31"), ["31", "may", ""]);
        assert_eq!(date_parts(&date("x", "", "-1")), ["x", "", "-1"]);
        assert_eq!(date_parts(&date("1|2", "-", "2015")), ["1 2", "-", "2015"]);
        assert_eq!(date_parts("2026-02-09"), ["9", "2", "2026"]);
        assert_eq!(date_parts(""), ["", "", ""]);
    }

    #[test]
    fn controls_are_no_answers_and_hostile_bytes_are_dropped() {
        let fields = sent(&[("_token", "x"), ("agree", ""), ("agree", "yes"), ("note", "a\0b\r\n<b>\u{7}")]);
        let expected = sent(&[("agree", "yes"), ("note", "ab\n<b>")]);
        assert_eq!(answers(&fields), expected);
        assert_eq!(control(&fields, "_token"), "x");
    }
}

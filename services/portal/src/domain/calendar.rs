//! A calendar file (iCalendar, RFC 5545) with one entry that lasts a day.

use std::time::Duration;

use kernel::{Language, Time};

/// Of a line, without its end.
const OCTETS_MAX: usize = 75;
/// Civil time in Uzbekistan is UTC+5 all year.
const TASHKENT: Duration = Duration::from_secs(5 * 3600);

/// A day, because the law counts days: whoever reads it elsewhere has the same one.
pub struct Entry {
    /// The same for as long as what it is about: a calendar replaces the entry that it has under it.
    pub uid: String,
    /// Grows with each change; a calendar keeps the entry with the largest.
    pub version: i64,
    pub day: Time,
    /// It is to be taken out of the calendar.
    pub cancelled: bool,
    pub language: Language,
    pub title: String,
    pub text: String,
    pub link: String,
}

/// The file, made at this moment. The day is free for other things, and nobody else's to see.
pub fn written(entry: &Entry, now: Time) -> String {
    let language = entry.language.html_tag();
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Xizmat//Portal//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@xizmat", entry.uid),
        format!("DTSTAMP:{}T{}Z", digits(now, 0, 10), digits(now, 11, 8)),
        format!("SEQUENCE:{}", entry.version),
        format!("STATUS:{}", if entry.cancelled { "CANCELLED" } else { "CONFIRMED" }),
        format!("DTSTART;VALUE=DATE:{}", digits(entry.day.plus(TASHKENT), 0, 10)),
        format!("SUMMARY;LANGUAGE={language}:{}", escaped(&entry.title)),
        format!("DESCRIPTION;LANGUAGE={language}:{}", escaped(&entry.text)),
        format!("URL:{}", entry.link),
        "CLASS:PRIVATE".to_owned(),
        "TRANSP:TRANSPARENT".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line)).collect()
}

/// The digits of a part of a time that is written as in RFC 3339.
fn digits(time: Time, from: usize, letters: usize) -> String {
    time.to_string().chars().skip(from).take(letters).filter(char::is_ascii_digit).collect()
}

/// A text as a value: what would end it, or begin another line, is told otherwise.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A line that is too long goes on in the next one, after a space; no letter is cut in two.
fn folded(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + line.len() / 20 + 2);
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > OCTETS_MAX {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push(letter);
        octets += letter.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn entry() -> Entry {
        Entry {
            uid: "07".into(),
            version: 3,
            day: at("2026-11-26T13:00:00Z"),
            cancelled: false,
            language: Language::UzCyrl,
            title: "Никоҳ гувоҳномаси нусхаси, justice-2026-17: қонун бўйича жавоб муддати".into(),
            text: "Аризага шу кунгача жавоб берилиши керак; ҳолати: https://xizmat.uz/a\r\nEND:VCALENDAR \\".into(),
            link: "https://xizmat.uz/a".into(),
        }
    }

    #[test]
    fn a_file_is_as_the_rfc_writes_it() {
        let file =
            written(&Entry { title: "Copy".into(), text: "Soon".into(), ..entry() }, at("2026-11-24T04:30:15.5Z"));
        let lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Xizmat//Portal//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            "UID:07@xizmat",
            "DTSTAMP:20261124T043015Z",
            "SEQUENCE:3",
            "STATUS:CONFIRMED",
            "DTSTART;VALUE=DATE:20261126",
            "SUMMARY;LANGUAGE=uz-Cyrl:Copy",
            "DESCRIPTION;LANGUAGE=uz-Cyrl:Soon",
            "URL:https://xizmat.uz/a",
            "CLASS:PRIVATE",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ];
        assert_eq!(file, lines.join("\r\n"));
    }

    #[test]
    fn a_line_has_at_most_75_octets_and_what_is_folded_unfolds_to_what_it_was() {
        let file = written(&entry(), at("2026-11-24T04:30:00Z"));
        assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
        assert!(!file.replace("\r\n", "").contains(['\r', '\n']), "{file}");
        let whole = file.replace("\r\n ", "");
        let title = "SUMMARY;LANGUAGE=uz-Cyrl:Никоҳ гувоҳномаси нусхаси\\, justice-2026-17: қонун бўйича жавоб муддати";
        assert!(whole.split("\r\n").any(|line| line == title), "{whole}");
        let longest = folded(&"а".repeat(37));
        assert_eq!(longest, format!("{}\r\n", "а".repeat(37)), "74 octets fit, and no letter is cut");
        assert_eq!(folded(&"a".repeat(76)), format!("{}\r\n a\r\n", "a".repeat(75)));
    }

    #[test]
    fn no_text_ends_its_value_or_begins_a_line() {
        let whole = written(&entry(), at("2026-11-24T04:30:00Z")).replace("\r\n ", "");
        assert_eq!(whole.split("\r\n").filter(|line| line.starts_with("END:")).count(), 2, "{whole}");
        let text = "жавоб берилиши керак\\; ҳолати: https://xizmat.uz/a\\nEND:VCALENDAR \\\\";
        assert!(whole.contains(text), "{whole}");
    }

    #[test]
    fn a_day_is_one_in_tashkent() {
        for (moment, day) in [("2026-11-26T18:59:59Z", "20261126"), ("2026-11-26T19:00:00Z", "20261127")] {
            let file = written(&Entry { day: at(moment), ..entry() }, at("2026-11-24T04:30:00Z"));
            assert!(file.contains(&format!("DTSTART;VALUE=DATE:{day}\r\n")), "{moment}: {file}");
        }
    }

    #[test]
    fn what_is_cancelled_is_the_same_entry_with_a_larger_version() {
        let file = written(&Entry { cancelled: true, version: 4, ..entry() }, at("2026-11-24T04:30:00Z"));
        for line in ["UID:07@xizmat", "SEQUENCE:4", "STATUS:CANCELLED"] {
            assert!(file.contains(&format!("{line}\r\n")), "{line}: {file}");
        }
    }
}

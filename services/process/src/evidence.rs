//! Files that prove something: which kinds there are, how each is known by its first bytes, and what a case keeps of one.

use std::{collections::BTreeMap, fmt};

use api::Evidence;
use kernel::Hash;
use serde::{Deserialize, Serialize};

use crate::{CaseState, Process};

/// Largest file that a field may ask for.
pub const BYTES_MAX: u64 = 100 * 1024 * 1024;
/// Most files of one field.
pub const FILES_MAX: u64 = 20;
/// Most files that are enclosed with one question or one answer of a case's thread.
pub const ENCLOSED_MAX: usize = 10;
const ENCLOSED_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Longest name of a file, in characters.
pub const NAME_CHARS_MAX: usize = 100;

/// A kind of file that a field may ask for.
struct Kind {
    media_type: &'static str,
    /// Of names; the first is put behind a name that has none of them.
    endings: &'static [&'static str],
    begins: &'static [&'static [u8]],
}

/// Only what is known by its bytes: what a browser says about a file proves nothing.
const KINDS: [Kind; 4] = [
    Kind { media_type: "application/pdf", endings: &["pdf"], begins: &[b"%PDF-"] },
    Kind { media_type: "image/jpeg", endings: &["jpg", "jpeg"], begins: &[b"\xff\xd8\xff"] },
    Kind { media_type: "image/png", endings: &["png"], begins: &[b"\x89PNG\r\n\x1a\n"] },
    Kind { media_type: "image/tiff", endings: &["tif", "tiff"], begins: &[b"II*\0", b"MM\0*"] },
];

/// Media types that a field may ask for.
pub fn types() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.media_type)
}

/// What is enclosed with a question or an answer: any kind that is known by its bytes.
pub fn enclosed() -> Evidence {
    Evidence { types: types().map(str::to_owned).collect(), size: ENCLOSED_BYTES_MAX }
}

/// What a file that begins so is, whatever it is called.
pub fn type_of(first: &[u8]) -> Option<&'static str> {
    let kind = KINDS.iter().find(|kind| kind.begins.iter().any(|begin| first.starts_with(begin)))?;
    Some(kind.media_type)
}

/// What the case keeps of a file, in the list at the field's path. The content lies with the host, under its hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReference {
    /// SHA-256 over the SHA-256 of each of its pieces.
    pub hash: Hash,
    pub name: String,
    pub size: u64,
    #[serde(rename = "type")]
    pub media_type: String,
}

/// A name is personal data, and so may be what a hash is of.
impl fmt::Debug for FileReference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "File({} bytes, {})", self.size, self.media_type)
    }
}

/// Why a field does not take a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    Type,
    Size,
}

pub fn misfit(evidence: &Evidence, file: &FileReference) -> Option<Misfit> {
    if !evidence.types.contains(&file.media_type) {
        return Some(Misfit::Type);
    }
    (file.size == 0 || file.size > evidence.size.min(BYTES_MAX)).then_some(Misfit::Size)
}

/// How many files a field takes: what its list in the data holds.
pub fn count_max(process: &Process, at: &str) -> u64 {
    let items = process.field_schema(at).and_then(|schema| schema["maxItems"].as_u64());
    items.unwrap_or(FILES_MAX).min(FILES_MAX)
}

/// The files of a field, as its answer is kept; none where it cannot be read.
pub fn read(answer: &str) -> Option<Vec<FileReference>> {
    serde_json::from_str(answer).ok()
}

/// The answer that says so; absent: there is no file.
pub fn write(files: &[FileReference]) -> Option<String> {
    (!files.is_empty()).then(|| serde_json::to_string(files).expect("texts and numbers can be written"))
}

/// The files attached to a field.
pub fn of(answers: &BTreeMap<String, String>, at: &str) -> Vec<FileReference> {
    answers.get(at).and_then(|answer| read(answer)).unwrap_or_default()
}

/// Every file that the answers of a case name, each with its field's path; also of fields that are not shown now.
pub fn named(process: &Process, state: &CaseState) -> Vec<(String, FileReference)> {
    let fields = process.definition().spec.forms.iter().flat_map(api::Form::fields);
    let fields = fields.filter(|(_, field)| field.evidence.is_some());
    fields
        .flat_map(|(_, field)| of(&state.answers, &field.at).into_iter().map(move |file| (field.at.clone(), file)))
        .collect()
}

/// A name as it is kept: without folders and without what hides how it ends; it ends as its kind does.
pub fn tidy_name(name: &str, media_type: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: &char| !c.is_control() && !turns(*c) && !matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?');
    let shown: String = last.chars().filter(plain).collect();
    let shown = shown.trim().trim_matches('.');
    let kind = KINDS.iter().find(|kind| kind.media_type == media_type);
    let endings = kind.map(|kind| kind.endings).unwrap_or_default();
    let (stem, ending) = shown.rsplit_once('.').unwrap_or((shown, ""));
    let known = endings.iter().find(|known| ending.eq_ignore_ascii_case(known));
    let (stem, ending) = match (known, endings.first()) {
        (Some(known), _) => (stem, *known),
        (None, Some(first)) => (shown, *first),
        (None, None) => (shown, ""),
    };
    let room = NAME_CHARS_MAX.saturating_sub(ending.len() + 1);
    let stem: String = stem.chars().take(room).collect();
    let stem = if stem.is_empty() { "file" } else { stem.as_str() };
    if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") }
}

/// Marks that turn the direction of writing: `exe.fdp` would be read as it is not.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        assert_eq!(type_of(b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(type_of(b"\xff\xd8\xff\xe0JFIF"), Some("image/jpeg"));
        assert_eq!(type_of(b"MZ\x90\0"), None);
        assert_eq!(type_of(b""), None);
    }

    #[test]
    fn a_name_keeps_its_words_and_ends_as_its_kind_does() {
        for (sent, kept) in [
            ("Guvohnoma.pdf", "Guvohnoma.pdf"),
            ("C:\\scans\\page 1.PDF", "page 1.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("letter.exe", "letter.exe.pdf"),
            ("gnp\u{202e}fdp.exe", "gnpfdp.exe.pdf"),
            ("a\r\nb\".pdf", "ab.pdf"),
            ("..", "file.pdf"),
            ("", "file.pdf"),
        ] {
            assert_eq!(tidy_name(sent, "application/pdf"), kept, "{sent:?}");
        }
        let long = tidy_name(&format!("{}.pdf", "ў".repeat(300)), "application/pdf");
        assert_eq!((long.chars().count(), long.ends_with(".pdf")), (NAME_CHARS_MAX, true));
    }

    #[test]
    fn a_field_takes_its_own_kinds_up_to_its_size() {
        let evidence = Evidence { types: vec!["application/pdf".into()], size: 1000 };
        let file = |media_type: &str, size: u64| FileReference {
            hash: Hash::of(b"x"),
            name: "x".into(),
            size,
            media_type: media_type.into(),
        };
        assert_eq!(misfit(&evidence, &file("application/pdf", 1000)), None);
        assert_eq!(misfit(&evidence, &file("application/pdf", 1001)), Some(Misfit::Size));
        assert_eq!(misfit(&evidence, &file("application/pdf", 0)), Some(Misfit::Size));
        assert_eq!(misfit(&evidence, &file("image/png", 1)), Some(Misfit::Type));
        assert!(!format!("{:?}", file("image/png", 1)).contains('x'), "neither name nor hash");
    }

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let file = FileReference {
            hash: Hash::of(b"x"),
            name: "маълумотнома \"1\".pdf".into(),
            size: 7,
            media_type: "application/pdf".into(),
        };
        let answer = write(std::slice::from_ref(&file)).unwrap();
        assert_eq!(read(&answer), Some(vec![file]));
        assert_eq!((write(&[]), read("Guvohnoma.pdf")), (None, None));
    }
}

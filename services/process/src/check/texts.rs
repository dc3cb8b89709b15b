//! Every text in every language of the country: a missing one stops publishing, not trying out.

use api::Text;
use kernel::translit::to_cyrillic;
use serde_json::{Map, Value};

use super::{findings::Findings, source::join};

/// Longest text, so that no page, letter or message is flooded.
const TEXT_MAX: usize = 10_000;

/// Looks for missing languages and characters that cannot be shown.
pub fn check(texts: &[(String, Map<String, Value>)], findings: &mut Findings) {
    for (path, languages) in texts {
        let text = |tag: &str| languages.get(tag).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let missing: Vec<_> = Text::LANGUAGES.into_iter().filter(|tag| text(tag).is_none()).collect();
        if !missing.is_empty() {
            let message = format!("the text is missing in {}", missing.join(", "));
            let help = match text("uz") {
                Some(latin) if missing.contains(&"uz-Cyrl") => {
                    format!("uz-Cyrl could be \"{}\"; let somebody read it", to_cyrillic(latin))
                }
                _ => "a published service speaks uz, uz-Cyrl, kaa, ru and en".to_owned(),
            };
            findings.publish("text.missing-language", path, message, help);
        }
        for (tag, written) in languages {
            let Some(written) = written.as_str() else { continue };
            let at = join(path, tag);
            if written.len() > TEXT_MAX {
                findings.error(
                    "text.too-long",
                    &at,
                    format!("the text has {} bytes; at most {TEXT_MAX} are shown", written.len()),
                    "shorten it",
                );
            }
            if written.chars().any(|c| c.is_control() && c != '\n') {
                findings.error(
                    "text.control-character",
                    &at,
                    "the text holds a control character",
                    "write it again by hand",
                );
            }
        }
    }
}

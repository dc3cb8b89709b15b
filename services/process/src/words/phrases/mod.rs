//! Every phrase in the five languages, so that none can be left out.

pub mod process;
pub mod rule;
pub mod table;

use kernel::Language;

/// One phrase in the order of `Language::ALL`; `{0}`, `{1}` and so on are filled in.
pub struct Phrase([&'static str; 5]);

impl Phrase {
    pub fn say(&self, language: Language, parts: &[&str]) -> String {
        let [uz, uz_cyrl, kaa, ru, en] = self.0;
        let mut rest = match language {
            Language::Uz => uz,
            Language::UzCyrl => uz_cyrl,
            Language::Kaa => kaa,
            Language::Ru => ru,
            Language::En => en,
        };
        let mut said = String::new();
        // What is filled in is never looked at again.
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            let (place, after) = after.split_once('}').unwrap_or((after, ""));
            let part = place.parse::<usize>().ok().and_then(|place| parts.get(place));
            said.push_str(part.copied().unwrap_or_default());
            rest = after;
        }
        said.push_str(rest);
        said
    }
}

/// In the quotation marks of the language.
pub fn quoted(language: Language, text: &str) -> String {
    match language {
        Language::Ru => format!("«{text}»"),
        _ => format!("“{text}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let phrase = Phrase(["{1} {0}", "", "", "", "{0}!"]);
        assert_eq!(phrase.say(Language::Uz, &["{1}", "b"]), "b {1}");
        assert_eq!(phrase.say(Language::En, &[]), "!");
    }
}

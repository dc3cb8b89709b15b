//! Which language a person reads: what they chose, else what their browser asks for.

use axum::http::{HeaderMap, header};
use kernel::Language;

/// Where the choice came from: one made in the address is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preference {
    pub language: Language,
    pub chosen_now: bool,
}

/// `?lang=` wins over the cookie, the cookie over `Accept-Language` (RFC 9110, 12.5.4).
pub fn negotiate(query: Option<&str>, cookie: Option<&str>, headers: &HeaderMap) -> Preference {
    let asked = query.into_iter().flat_map(|query| query.split('&')).find_map(|pair| pair.strip_prefix("lang="));
    if let Some(language) = asked.and_then(|tag| Language::parse(tag).ok()) {
        return Preference { language, chosen_now: true };
    }
    let kept = cookie.and_then(|tag| Language::parse(tag).ok());
    let language = kept.unwrap_or_else(|| accepted(headers).unwrap_or_default());
    Preference { language, chosen_now: false }
}

fn accepted(headers: &HeaderMap) -> Option<Language> {
    let line = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(u32, Language)> = None;
    for entry in line.split(',').take(20) {
        let mut parts = entry.trim().split(';');
        let Some(language) = parts.next().and_then(of_tag) else { continue };
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
        if weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

fn of_tag(tag: &str) -> Option<Language> {
    let tag = tag.trim().to_ascii_lowercase();
    let mut parts = tag.split('-');
    match (parts.next()?, parts.any(|part| part == "cyrl")) {
        ("uz", true) => Some(Language::UzCyrl),
        ("uz", false) => Some(Language::Uz),
        ("kaa", _) => Some(Language::Kaa),
        ("ru", _) => Some(Language::Ru),
        ("en", _) => Some(Language::En),
        _ => None,
    }
}

/// `0.85` → 850, without a float.
fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().unwrap_or(0).min(1) * 1000 + digits.parse::<u32>().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_in_the_address_wins_and_the_browser_is_asked_last() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "fr, en;q=0.4, uz-Cyrl-UZ;q=0.85, ru;q=0.8".parse().unwrap());
        let plain = negotiate(None, None, &headers);
        assert_eq!(plain, Preference { language: Language::UzCyrl, chosen_now: false });
        assert_eq!(negotiate(Some("q=x&lang=kaa"), Some("ru"), &headers).language, Language::Kaa);
        assert_eq!(negotiate(Some("lang=xx"), Some("ru"), &headers).language, Language::Ru);
        assert_eq!(negotiate(None, None, &HeaderMap::new()).language, Language::Uz);
    }
}

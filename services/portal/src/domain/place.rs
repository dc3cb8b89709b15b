//! Where a person may be sent back to: only to a page of ours.

/// A path of this origin, or the home page: `//evil`, `/\evil` and addresses with a scheme are refused.
pub fn own_path(asked: &str) -> &str {
    let second = asked.as_bytes().get(1);
    let own = asked.starts_with('/') && !matches!(second, Some(b'/' | b'\\'));
    let plain = asked.len() <= 500 && asked.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if own && plain { asked } else { "/" }
}

/// Scheme, host and port of an address.
pub fn origin(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

/// Names in addresses (agency, service, page, life event): what definitions allow, nothing else reaches the bus.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The path of a value in a case's data, as addresses name a field: `marriage.date`.
pub fn is_field(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    text.len() <= 200 && text.split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(own_path("/applications?x=1"), "/applications?x=1");
        for evil in ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb", "javascript:alert(1)"] {
            assert_eq!(own_path(evil), "/", "{evil}");
        }
        assert_eq!(origin("https://pay.example:8443/x?y").as_deref(), Some("https://pay.example:8443"));
        assert_eq!(origin("javascript:alert(1)"), None);
    }

    #[test]
    fn a_field_is_named_by_its_path_and_by_nothing_else() {
        assert!(is_field("benefit.evidence") && is_field("note"));
        for wrong in ["", ".", "a..b", "../check", "a/b", "a b"] {
            assert!(!is_field(wrong), "{wrong}");
        }
    }
}

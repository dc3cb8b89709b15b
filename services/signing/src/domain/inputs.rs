//! What a template reads: the case's facts from the host, and what only signing can say.

use kernel::Failure;
use serde_json::{Map, Value, json};

/// A template reads a case, not an archive.
const BYTES_MAX: usize = 512 * 1024;
/// What a host may say; anything else it sends is not passed on.
const FROM_HOST: [&str; 5] = ["data", "facts", "applicant", "case", "decision"];

/// What signing says about the document.
pub struct About<'a> {
    pub number: &'a str,
    pub code: &'a str,
    pub title: &'a str,
    pub verify_url: &'a str,
    /// ISO dates; empty: without end.
    pub issued: &'a str,
    pub valid_until: &'a str,
    pub language: &'a str,
    pub agency: &'a str,
    pub agency_title: &'a str,
}

/// The inputs as the host sent them, as an object of the known keys.
pub fn from_host(json: &[u8]) -> Result<Map<String, Value>, Failure> {
    let refused = || Failure::invalid("document.inputs", "The document's inputs cannot be read.");
    if json.len() > BYTES_MAX {
        return Err(refused());
    }
    let mut sent: Map<String, Value> = serde_json::from_slice(json).map_err(|_| refused())?;
    let mut known = Map::new();
    for key in FROM_HOST {
        known.insert(key.to_owned(), sent.remove(key).unwrap_or_else(|| json!({})));
    }
    Ok(known)
}

pub fn complete(mut inputs: Map<String, Value>, about: &About<'_>) -> Value {
    let own = json!({
        "number": about.number, "code": about.code, "title": about.title, "verify_url": about.verify_url,
        "issued": about.issued, "valid_until": about.valid_until, "qr": document::QR_FILE,
    });
    inputs.insert("document".to_owned(), own);
    inputs.insert("language".to_owned(), about.language.into());
    inputs.insert("agency".to_owned(), json!({"name": about.agency, "title": about.agency_title}));
    Value::Object(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_say_what_only_signing_knows() {
        let sent = br#"{"data": {"a": 1}, "document": {"number": "forged"}, "agency": {"title": "forged"}}"#;
        let about = About {
            number: "justice-2026-1",
            code: "0000",
            title: "T",
            verify_url: "https://v",
            issued: "2026-01-01",
            valid_until: "",
            language: "uz",
            agency: "justice",
            agency_title: "Adliya",
        };
        let inputs = complete(from_host(sent).unwrap(), &about);
        assert_eq!(inputs["document"]["number"], "justice-2026-1");
        assert_eq!(inputs["agency"]["title"], "Adliya");
        assert_eq!(inputs["data"]["a"], 1);
        assert_eq!(from_host(b"[]").unwrap_err().code, "document.inputs");
    }
}

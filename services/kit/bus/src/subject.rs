//! Subjects: who is asked what, for which agency, by whom (trust, rule 5).

use kernel::Failure;

/// Stands where no agency is meant.
pub const PLATFORM: &str = "platform";

/// `<callee>.v1.<operation>.<agency>.<caller>`
#[derive(Debug, PartialEq, Eq)]
pub struct Request<'a> {
    pub callee: &'a str,
    pub operation: &'a str,
    pub agency: &'a str,
    pub caller: &'a str,
}

pub fn parse_request(subject: &str) -> Option<Request<'_>> {
    let mut tokens = subject.split('.');
    let callee = tokens.next()?;
    if tokens.next()? != "v1" {
        return None;
    }
    let request = Request { callee, operation: tokens.next()?, agency: tokens.next()?, caller: tokens.next()? };
    tokens.next().is_none().then_some(request)
}

/// `<producer>.v1.event.<name>.<agency>`
pub fn event(producer: &str, name: &str, agency: &str) -> String {
    format!("{producer}.v1.event.{name}.{agency}")
}

/// What replies to a role arrive on; nobody else may listen there.
pub fn inbox_prefix(role: &str) -> String {
    format!("inbox.{role}")
}

/// A token is kebab-case, so that a name can never add a token or a wildcard to a subject.
pub fn token(text: &str) -> Result<&str, Failure> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.is_empty() || text.len() > 63 || !text.bytes().all(letter) {
        return Err(Failure::invalid(
            "bus.name",
            "A name on the bus has 1 to 63 lower-case letters, digits and hyphens.",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_subject_has_exactly_five_tokens() {
        let parsed = parse_request("payments.v1.refund.justice.eservice").unwrap();
        assert_eq!((parsed.operation, parsed.agency, parsed.caller), ("refund", "justice", "eservice"));
        assert_eq!(parse_request("payments.v1.refund.justice"), None);
        assert_eq!(parse_request("payments.v1.refund.justice.eservice.x"), None);
        assert_eq!(parse_request("payments.v2.refund.justice.eservice"), None);
    }

    #[test]
    fn a_name_cannot_smuggle_a_token_or_a_wildcard() {
        for name in ["", "a.b", "*", ">", "A", "a b", "ў"] {
            assert!(token(name).is_err(), "{name}");
        }
        assert_eq!(token("civil-status").unwrap(), "civil-status");
    }
}

//! Subjects: who is asked what, for which agency, by whom (trust, rule 5).

use kernel::Failure;

/// Stands where no agency is meant.
pub const PLATFORM: &str = "platform";

/// Whom a request is meant for beside its callee: an agency's matters, or those of one of its services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    pub agency: &'a str,
    pub service: Option<&'a str>,
}

impl<'a> Address<'a> {
    pub fn service(agency: &'a str, service: &'a str) -> Self {
        Self { agency, service: Some(service) }
    }
}

impl<'a> From<&'a str> for Address<'a> {
    fn from(agency: &'a str) -> Self {
        Self { agency, service: None }
    }
}

impl<'a> From<&'a String> for Address<'a> {
    fn from(agency: &'a String) -> Self {
        Self::from(agency.as_str())
    }
}

/// `<callee>.v1.<operation>.<agency>.<caller>`, or `<callee>.v1.<operation>.<agency>.<service>.<caller>` where the callee
/// runs in hosts of their own services ([ADR 0008](../../../../docs/adr/0008-hosts-on-the-bus.md)).
#[derive(Debug, PartialEq, Eq)]
pub struct Request<'a> {
    pub callee: &'a str,
    pub operation: &'a str,
    pub agency: &'a str,
    pub service: Option<&'a str>,
    pub caller: &'a str,
}

pub fn parse_request(subject: &str) -> Option<Request<'_>> {
    let tokens: Vec<&str> = subject.split('.').collect();
    let (&callee, operation, agency, service, caller) = match tokens.as_slice() {
        [callee, "v1", operation, agency, caller] => (callee, operation, agency, None, caller),
        [callee, "v1", operation, agency, service, caller] => (callee, operation, agency, Some(*service), caller),
        _ => return None,
    };
    Some(Request { callee, operation, agency, service, caller })
}

/// `<producer>.v1.event.<name>.<agency>`
pub fn event(producer: &str, name: &str, agency: &str) -> String {
    format!("{producer}.v1.event.{name}.{agency}")
}

/// On which copies of one host of an agency tell each other that there is something to look at; where one host serves every
/// agency, both are called `platform`.
pub fn nudge(role: &str, agency: &str, host: &str) -> String {
    format!("{role}.v1.nudge.{host}.{agency}.{role}")
}

/// What replies to a role arrive on; nobody else may listen there.
pub fn inbox_prefix(role: &str) -> String {
    format!("inbox.{role}")
}

/// What replies to one host of a role arrive on: apart from the role's own, and from every other host's.
pub fn host_inbox_prefix(role: &str, agency: &str, host: &str) -> String {
    format!("inbox.host.{role}.{agency}.{host}")
}

/// Whether an inbox is the caller's, or that of one of its hosts.
pub fn is_inbox_of(caller: &str, inbox: &str) -> bool {
    let rest = inbox.strip_prefix("inbox.").unwrap_or_default();
    let own = rest.strip_prefix("host.").unwrap_or(rest);
    own.strip_prefix(caller).is_some_and(|rest| rest.starts_with('.'))
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
    fn a_request_subject_names_agency_caller_and_where_it_is_hosted_the_service() {
        let parsed = parse_request("payments.v1.refund.justice.eservice").unwrap();
        assert_eq!((parsed.operation, parsed.agency, parsed.caller), ("refund", "justice", "eservice"));
        assert_eq!(parsed.service, None);
        let parsed = parse_request("eservice.v1.submit.justice.certificate.portal").unwrap();
        assert_eq!((parsed.agency, parsed.service, parsed.caller), ("justice", Some("certificate"), "portal"));
        assert_eq!(parse_request("payments.v1.refund.justice"), None);
        assert_eq!(parse_request("payments.v1.refund.justice.certificate.eservice.x"), None);
        assert_eq!(parse_request("payments.v2.refund.justice.eservice"), None);
    }

    #[test]
    fn an_inbox_belongs_to_a_caller_or_to_one_of_its_hosts() {
        let host = host_inbox_prefix("eservice", "justice", "certificate");
        assert!(is_inbox_of("eservice", &format!("{host}.x")) && is_inbox_of("eservice", "inbox.eservice.x"));
        for other in ["inbox.eservice", "inbox.eservices.x", "inbox.payments.x", "eservice.x", "inbox.host.payments.x"]
        {
            assert!(!is_inbox_of("eservice", other), "{other}");
        }
    }

    #[test]
    fn a_name_cannot_smuggle_a_token_or_a_wildcard() {
        for name in ["", "a.b", "*", ">", "A", "a b", "ў"] {
            assert!(token(name).is_err(), "{name}");
        }
        assert_eq!(token("civil-status").unwrap(), "civil-status");
    }
}

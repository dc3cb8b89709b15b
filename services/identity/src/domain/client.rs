//! Clients of the provider and what each may ask for, so that nobody is sent anywhere a client did not register.

use std::net::IpAddr;

use kernel::Hash;
use subtle::ConstantTimeEq;
use url::{Host, Url};

#[derive(Debug, Clone)]
pub struct Client {
    pub id: String,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    /// SHA-256 of the client's secret; none for a public client.
    pub secret: Option<Hash>,
    /// Roles for which this client may ask for a person's assertion.
    pub audiences: Vec<String>,
}

impl Client {
    /// Exact match; only the port of a public client's loopback address is free (RFC 8252, 7.3).
    pub fn may_return_to(&self, asked: &str) -> bool {
        self.redirect_uris.iter().any(|known| known == asked || (self.secret.is_none() && same_loopback(known, asked)))
    }

    pub fn may_leave_to(&self, asked: &str) -> bool {
        self.post_logout_redirect_uris.iter().any(|known| known == asked)
    }

    /// A confidential client proves itself with its secret; a public one has none to give.
    pub fn is_proved_by(&self, secret: Option<&str>) -> bool {
        match (&self.secret, secret) {
            (Some(known), Some(given)) => {
                let given = Hash::of(given.as_bytes());
                bool::from(known.as_bytes().ct_eq(given.as_bytes()))
            }
            (None, None) => true,
            _ => false,
        }
    }
}

/// `localhost` is not taken for loopback: a resolver may send it elsewhere (RFC 8252, 8.3).
fn same_loopback(known: &str, asked: &str) -> bool {
    let (Ok(known), Ok(mut asked)) = (Url::parse(known), Url::parse(asked)) else {
        return false;
    };
    let loopback = match known.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        _ => false,
    };
    loopback && known.scheme() == "http" && asked.set_port(known.port()).is_ok() && asked.as_str() == known.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(secret: Option<&str>, redirect: &str) -> Client {
        Client {
            id: "c".into(),
            redirect_uris: vec![redirect.into()],
            post_logout_redirect_uris: vec![],
            secret: secret.map(|secret| Hash::of(secret.as_bytes())),
            audiences: vec![],
        }
    }

    #[test]
    fn only_the_registered_address_is_returned_to() {
        let portal = client(Some("s"), "https://my.gov.uz/signed-in");
        assert!(portal.may_return_to("https://my.gov.uz/signed-in"));
        for near in [
            "https://my.gov.uz/signed-in/",
            "https://my.gov.uz/signed-in?x=1",
            "https://my.gov.uz:444/signed-in",
            "https://my.gov.uz.evil.example/signed-in",
            "HTTPS://my.gov.uz/signed-in",
        ] {
            assert!(!portal.may_return_to(near), "{near}");
        }
    }

    #[test]
    fn only_a_public_clients_loopback_port_is_free() {
        let tool = client(None, "http://127.0.0.1/signed-in");
        assert!(tool.may_return_to("http://127.0.0.1:49152/signed-in"));
        assert!(!tool.may_return_to("http://127.0.0.1:49152/other"));
        assert!(!tool.may_return_to("http://127.0.0.2:49152/signed-in"));
        assert!(!tool.may_return_to("http://u@127.0.0.1:49152/signed-in"));
        let confidential = client(Some("s"), "http://127.0.0.1/signed-in");
        assert!(!confidential.may_return_to("http://127.0.0.1:49152/signed-in"));
    }

    #[test]
    fn a_confidential_client_without_its_secret_is_nobody() {
        let portal = client(Some("right"), "https://p/");
        assert!(portal.is_proved_by(Some("right")));
        assert!(!portal.is_proved_by(Some("wrong")));
        assert!(!portal.is_proved_by(None));
        assert!(!client(None, "http://127.0.0.1/").is_proved_by(Some("any")));
    }
}

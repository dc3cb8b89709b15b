//! To which address a letter that cannot be delivered comes back: each has its own, and nobody can make one up.

use kernel::{Failure, Hash, MessageId, keyed_hash};
use subtle::ConstantTimeEq;

const PREFIX: &str = "bounce+";
const ID_DIGITS: usize = 32;
/// 96 bits. With the rest it makes 63 of the 64 letters that stand before an `@` (RFC 5321, 4.5.3.1.1).
const MARK_DIGITS: usize = 24;
/// Of a whole address at most 254 letters count (RFC 5321, 4.5.3.1.3).
const DOMAIN_MAX: usize = 190;

pub struct ReturnPath {
    key: [u8; 32],
    domain: String,
}

impl ReturnPath {
    pub fn new(key: [u8; 32], domain: &str) -> Result<Self, Failure> {
        let domain = domain.to_ascii_lowercase();
        let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
        let label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        if domain.len() > DOMAIN_MAX || !domain.chars().all(known) || !domain.split('.').all(label) {
            return Err(Failure::invalid(
                "notification.bounce-domain",
                "`notifications.bounces.domain` must be the name of a domain, such as bounces.example.uz.",
            ));
        }
        Ok(Self { key, domain })
    }

    pub fn address(&self, message: MessageId) -> String {
        format!("{PREFIX}{message}{}@{}", self.mark(message), self.domain)
    }

    /// Whose letter comes back to this address; `None`: it is none of ours.
    pub fn message(&self, address: &str) -> Option<MessageId> {
        // Some servers write every letter small, or every one large.
        let address = address.to_ascii_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        let token = local.strip_prefix(PREFIX).filter(|_| domain == self.domain)?;
        if !token.is_ascii() || token.len() != ID_DIGITS + MARK_DIGITS {
            return None;
        }
        let (id, mark) = token.split_at(ID_DIGITS);
        let message: MessageId = id.parse().ok()?;
        bool::from(self.mark(message).as_bytes().ct_eq(mark.as_bytes())).then_some(message)
    }

    /// Under which a person's address is remembered; the address itself is not.
    pub fn remembered(&self, address: &str) -> Hash {
        keyed_hash(&self.key, &[b"address", address.trim().to_lowercase().as_bytes()])
    }

    fn mark(&self, message: MessageId) -> String {
        let mut mark = keyed_hash(&self.key, &[b"return path", message.as_bytes()]).to_string();
        mark.truncate(MARK_DIGITS);
        mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(key: u8) -> ReturnPath {
        ReturnPath::new([key; 32], "Bounces.example.uz").unwrap()
    }

    #[test]
    fn an_address_leads_back_to_its_message_and_fits_into_an_envelope() {
        let message = MessageId::from_bytes([0xab; 16]);
        let address = path(1).address(message);
        assert_eq!(path(1).message(&address), Some(message));
        assert_eq!(path(1).message(&address.to_ascii_uppercase()), Some(message), "however it is written");
        let (local, domain) = address.split_once('@').unwrap();
        assert_eq!((local.len(), domain), (63, "bounces.example.uz"));
    }

    #[test]
    fn nobody_makes_up_an_address() {
        let (ours, other) = (MessageId::from_bytes([1; 16]), MessageId::from_bytes([2; 16]));
        let address = path(1).address(ours);
        let forged = [
            path(2).address(ours),
            address.replace(&ours.to_string(), &other.to_string()),
            address.replace("bounces.", "bounces.elsewhere."),
            address.replace("bounce+", "bounce-"),
            address.replace('@', "0@"),
            format!("bounce+{ours}@bounces.example.uz"),
            format!("bounce+{}@bounces.example.uz", "ў".repeat(28)),
            "bounce+@bounces.example.uz".to_owned(),
            String::new(),
        ];
        for forged in forged {
            assert_eq!(path(1).message(&forged), None, "{forged}");
        }
        let last = if address.contains("0@") { "1@" } else { "0@" };
        let (token, domain) = address.split_once('@').unwrap();
        assert_eq!(path(1).message(&format!("{}{last}{domain}", &token[..token.len() - 1])), None, "one digit");
    }

    #[test]
    fn an_address_is_remembered_however_it_is_typed_and_only_under_the_key() {
        assert_eq!(path(1).remembered(" A@Example.uz"), path(1).remembered("a@example.uz"));
        assert_ne!(path(1).remembered("a@example.uz"), path(2).remembered("a@example.uz"));
    }

    #[test]
    fn a_domain_is_a_name() {
        for wrong in ["", ".", "a..uz", "-a.uz", "a b.uz", "a@b.uz", "ў.uz", &"a".repeat(DOMAIN_MAX + 1)] {
            assert_eq!(ReturnPath::new([1; 32], wrong).err().unwrap().code, "notification.bounce-domain", "{wrong}");
        }
    }
}

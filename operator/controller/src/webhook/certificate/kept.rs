//! What the Secret holds: the certificate that serves, the one that comes, and the authority of the one before.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;

use super::made::Pair;

/// Names of a TLS Secret, so that other tools can read what serves now.
const CURRENT: [&str; 3] = ["ca.crt", "tls.crt", "tls.key"];
const NEXT: [&str; 3] = ["next-ca.crt", "next-tls.crt", "next-tls.key"];
const PREVIOUS: &str = "previous-ca.crt";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    pub current: Option<Pair>,
    /// Serves as soon as everybody believes its authority.
    pub next: Option<Pair>,
    /// Believed a while longer, for copies that have not seen the change.
    pub previous: Option<String>,
}

impl Kept {
    /// Half of a pair is none.
    pub fn read(data: &BTreeMap<String, ByteString>) -> Self {
        let text =
            |name: &str| String::from_utf8(data.get(name)?.0.clone()).ok().filter(|text| !text.trim().is_empty());
        let pair = |[authority, certificate, key]: [&str; 3]| {
            Some(Pair { authority: text(authority)?, certificate: text(certificate)?, key: text(key)? })
        };
        Self { current: pair(CURRENT), next: pair(NEXT), previous: text(PREVIOUS) }
    }

    pub fn write(&self) -> BTreeMap<String, ByteString> {
        let Self { current, next, previous } = self;
        let pairs = [(CURRENT, current), (NEXT, next)].into_iter().flat_map(|(names, pair)| {
            let parts = pair.iter().flat_map(|pair| [&pair.authority, &pair.certificate, &pair.key]);
            names.into_iter().zip(parts).collect::<Vec<_>>()
        });
        let all = pairs.chain(previous.iter().map(|authority| (PREVIOUS, authority)));
        all.map(|(name, text)| (name.to_owned(), ByteString(text.clone().into_bytes()))).collect()
    }

    /// Every authority to believe now, as the API server is told.
    pub fn bundle(&self) -> String {
        let pairs = [&self.current, &self.next].into_iter().flatten().map(|pair| pair.authority.as_str());
        pairs.chain(self.previous.as_deref()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str) -> Pair {
        let text = |part: &str| format!("{name} {part}\n");
        Pair { authority: text("authority"), certificate: text("certificate"), key: text("key") }
    }

    #[test]
    fn what_is_kept_is_read_again_and_every_authority_is_believed() {
        let kept = Kept { current: Some(pair("a")), next: Some(pair("b")), previous: Some("c authority\n".into()) };
        assert_eq!(Kept::read(&kept.write()), kept);
        assert_eq!(kept.bundle(), "a authority\nb authority\nc authority\n");
        let mut half = kept.write();
        half.remove("tls.key");
        assert_eq!(Kept::read(&half).current, None);
        assert_eq!(Kept::read(&BTreeMap::new()), Kept::default());
    }
}

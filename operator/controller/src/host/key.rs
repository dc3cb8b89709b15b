//! The key that seals an agency's cases, as two Secrets: one for the hosts in the agency's namespace, one in the platform's, so that the
//! key outlives a namespace that somebody deletes. It is made once, restored from the other, and never replaced.

use k8s_openapi::api::core::v1::Secret;
use kernel::Hash;
use kube::Api;

use super::{
    apply,
    build::{self, Site},
    name,
};
use crate::{
    outcome::{Fact, Stopped},
    run::Operator,
};

/// What one of the two holds. It is shown nowhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Absent,
    /// There is a Secret, and no key in it.
    Broken,
    Key(Hash),
}

impl Held {
    pub fn of(found: Option<&Secret>, agency: &str) -> Self {
        let Some(secret) = found else { return Self::Absent };
        let entry = secret.data.as_ref().and_then(|data| data.get(&build::agency_key_entry(agency)));
        let text = entry.and_then(|entry| std::str::from_utf8(&entry.0).ok());
        text.and_then(|text| text.trim().parse().ok()).map_or(Self::Broken, Self::Key)
    }
}

/// What the two say together.
#[derive(PartialEq, Eq)]
pub enum Judged {
    Right,
    /// One of them is missing, and is made of the other.
    Half(Hash),
    /// There is none: it may be made while there is no case.
    None,
    /// Nobody but a person can tell which is right.
    Differ,
    /// There was one.
    Lost,
}

pub fn judge(own: Held, kept: Held) -> Judged {
    match (own, kept) {
        (Held::Key(own), Held::Key(kept)) if own == kept => Judged::Right,
        (Held::Key(key), Held::Absent) | (Held::Absent, Held::Key(key)) => Judged::Half(key),
        (Held::Absent, Held::Absent) => Judged::None,
        (Held::Key(_), _) | (_, Held::Key(_)) => Judged::Differ,
        (Held::Broken, _) | (_, Held::Broken) => Judged::Lost,
    }
}

/// Makes what is missing of both. In the platform's namespace first: whoever makes another key at the same moment finds this one there,
/// and nobody seals a case with a key that is nowhere else.
pub async fn keep(operator: &Operator, site: &Site, key: Hash) -> Result<Result<(), Fact>, Stopped> {
    apply::make(operator, &site.platform, &build::kept_key(site, &key.to_string())).await?;
    let secrets: Api<Secret> = Api::namespaced(operator.client.clone(), &site.platform);
    let kept = secrets.get_opt(&name::kept_key(&site.agency)).await?;
    let Held::Key(kept) = Held::of(kept.as_ref(), &site.agency) else { return Ok(Err(differ(site))) };
    apply::make(operator, &site.namespace, &build::agency_key(site, &kept.to_string())).await?;
    Ok(Ok(()))
}

pub fn lost(site: &Site) -> Fact {
    let message = format!(
        "{} hold no key, and the agency has a database: a new key would not open its cases. Restore one of them from its backup.",
        both(site)
    );
    Fact::stuck("AgencyKeyLost", message)
}

pub fn differ(site: &Site) -> Fact {
    let message = format!(
        "{} hold different keys, and only one opens the agency\u{2019}s cases. Save both, and delete the wrong one: it is made again of \
         the other.",
        both(site)
    );
    Fact::stuck("AgencyKeysDiffer", message)
}

fn both(site: &Site) -> String {
    let (own, kept) = (name::AGENCY_KEY, name::kept_key(&site.agency));
    format!("The Secret `{own}` of `{}` and its copy `{kept}` of `{}`", site.namespace, site.platform)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use k8s_openapi::ByteString;

    use super::*;

    fn key(number: u8) -> Held {
        Held::Key(Hash::from_bytes([number; 32]))
    }

    #[test]
    fn a_key_that_one_place_lost_is_restored_from_the_other_and_never_replaced() {
        let half = Judged::Half(Hash::from_bytes([1; 32]));
        assert!(judge(key(1), key(1)) == Judged::Right);
        assert!(judge(key(1), Held::Absent) == half && judge(Held::Absent, key(1)) == half);
        assert!(judge(Held::Absent, Held::Absent) == Judged::None);
        for (own, kept) in [(key(1), key(2)), (key(1), Held::Broken), (Held::Broken, key(1))] {
            assert!(judge(own, kept) == Judged::Differ);
        }
        for (own, kept) in [(Held::Broken, Held::Absent), (Held::Absent, Held::Broken), (Held::Broken, Held::Broken)] {
            assert!(judge(own, kept) == Judged::Lost);
        }
    }

    #[test]
    fn only_the_agencys_own_entry_is_its_key() {
        let secret = |entry: &str, text: &str| Secret {
            data: Some(BTreeMap::from([(entry.to_owned(), ByteString(text.as_bytes().to_vec()))])),
            ..Secret::default()
        };
        let digits = Hash::from_bytes([1; 32]).to_string();
        let held = |entry: &str, text: &str| Held::of(Some(&secret(entry, text)), "justice");
        assert!(held("justice.key", &digits) == key(1) && held("justice.key", &format!("{digits}\n")) == key(1));
        assert!(held("health.key", &digits) == Held::Broken && held("justice.key", "") == Held::Broken);
        assert!(Held::of(None, "justice") == Held::Absent);
    }
}

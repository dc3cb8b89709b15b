//! Whether the agency may be made: its resource is sound, and its name takes nobody's namespace.

use api::{AgencySpec, Engineer, Kind};
use kube::ResourceExt;

use super::{build::AGENCY_LABEL, dereference::Found};
use crate::{
    judge,
    kind::{Applied, as_written},
    outcome::{Stopped, refused, waiting},
};

/// Set by an administrator on a namespace that an agency of the same name may take over.
const ADOPT_LABEL: &str = "xizmat.dev/adopt";

pub struct Sound {
    pub name: String,
    /// The resource as JSON.
    pub resource: Vec<u8>,
    /// Who writes in its namespace.
    pub engineers: Vec<Engineer>,
    /// Public NATS user key of its own system, where it brings one.
    pub nats_key: Option<String>,
}

/// Or why an agency cannot be called so.
pub fn free_name(name: &str) -> Result<(), String> {
    if name == "platform" || name == "default" || name.starts_with("kube-") {
        return Err(format!("`{name}` is not an agency's name. Choose another."));
    }
    Ok(())
}

pub fn validate(applied: &Applied, found: &Found) -> Result<Sound, Stopped> {
    let name = applied.name_any();
    free_name(&name).map_err(|message| refused("NameReserved", message))?;
    if let Some(labels) = &found.namespace
        && labels.get(AGENCY_LABEL) != Some(&name)
        && labels.get(ADOPT_LABEL).map(String::as_str) != Some("true")
    {
        let message = format!(
            "The namespace `{name}` is there already and is not this agency's. Label it {ADOPT_LABEL}=true to hand it over, \
             or choose another name."
        );
        return Err(refused("NamespaceTaken", message));
    }
    if found.namespace_goes {
        let message = format!(
            "The namespace `{name}` is being deleted; it is made again when it is gone. Cases in a database and the agency\u{2019}s key \
             stay; what was applied in the namespace is applied again by its authors."
        );
        return Err(waiting("NamespaceGoes", message));
    }
    let resource = judge::sound(&as_written(Kind::Agency, applied))?;
    let spec: AgencySpec = serde_json::from_value(applied.spec.clone())
        .map_err(|error| refused("Invalid", format!("spec: it cannot be read: {error}.")))?;
    let nats_key = spec.public_key.and_then(|key| key.nats);
    Ok(Sound { name, resource, engineers: spec.engineers, nats_key })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{outcome::Outcome, tests::applied};

    fn verdict(name: &str, labels: Option<&[(&str, &str)]>) -> Option<&'static str> {
        verdict_while(name, labels, false)
    }

    fn verdict_while(name: &str, labels: Option<&[(&str, &str)]>, goes: bool) -> Option<&'static str> {
        let labels = labels.map(|labels| labels.iter().map(|(key, value)| (key.to_string(), value.to_string())));
        let found = Found { namespace: labels.map(BTreeMap::from_iter), namespace_goes: goes };
        let title = serde_json::json!({"uz": "A", "uz-Cyrl": "А", "kaa": "A", "ru": "А", "en": "A"});
        let agency = applied(Kind::Agency, name, None, serde_json::json!({"title": title}));
        match validate(&agency, &found).map_err(|stopped| *stopped) {
            Ok(_) => None,
            Err(Outcome::Refused { reason, .. } | Outcome::Waiting { reason, .. }) => Some(reason),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_agency_never_takes_a_namespace_that_was_not_handed_over() {
        assert_eq!(verdict("justice", None), None);
        assert_eq!(verdict("justice", Some(&[])), Some("NamespaceTaken"));
        assert_eq!(verdict("justice", Some(&[(AGENCY_LABEL, "health")])), Some("NamespaceTaken"));
        assert_eq!(verdict("justice", Some(&[(AGENCY_LABEL, "justice")])), None);
        assert_eq!(verdict("justice", Some(&[(ADOPT_LABEL, "true")])), None);
        assert_eq!(verdict_while("justice", Some(&[(AGENCY_LABEL, "justice")]), true), Some("NamespaceGoes"));
        assert_eq!(verdict("kube-system", Some(&[(ADOPT_LABEL, "true")])), Some("NameReserved"));
    }
}

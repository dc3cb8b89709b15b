//! Ends an agency: nobody writes in its name any more, and none of its systems is on the bus. What it kept, and what proves what it
//! did, stays: its namespace, databases, volumes and keys are for people to take away (docs/operations.md).

use api::Kind;
use k8s_openapi::api::{core::v1::Secret, rbac::v1::RoleBinding};
use kube::{ResourceExt, api::ListParams};

use super::build::{AGENCY_LABEL, CREDENTIALS, ENGINEERS};
use crate::{
    host::delete,
    kind::Applied,
    outcome::{Stopped, waiting},
    run::{Next, Operator},
};

/// What rests on an agency, in the words of `kubectl`.
const OWNED: [(Kind, &str, &str); 4] = [
    (Kind::ServiceDefinition, "services", "sd"),
    (Kind::Registry, "registries", "rgy"),
    (Kind::Grant, "grants", "grt"),
    (Kind::GrantRequest, "grant requests", "grq"),
];
/// The most that a condition names of each.
const NAMES_MAX: usize = 5;

pub async fn end(operator: &Operator, applied: &Applied) -> Result<Option<Next>, Stopped> {
    let agency = applied.name_any();
    let mut owned = Vec::new();
    for (kind, what, short) in OWNED {
        let found = operator.api(kind, Some(&agency)).list_metadata(&ListParams::default()).await?;
        let names: Vec<String> = found.iter().map(ResourceExt::name_any).collect();
        if !names.is_empty() {
            owned.push((what, short, names));
        }
    }
    if !owned.is_empty() {
        return Err(waiting("StillOwns", still_owns(&agency, &owned)));
    }
    let is_own =
        operator.namespace(&agency).await?.is_some_and(|found| found.labels().get(AGENCY_LABEL) == Some(&agency));
    if is_own {
        delete::<RoleBinding>(operator, &agency, ENGINEERS).await?;
    }
    operator.platform.withdraw(&agency, Kind::Agency, &agency).await?;
    if is_own {
        // It opens nothing any more; an agency of this name that is applied later gets other keys.
        delete::<Secret>(operator, &agency, CREDENTIALS).await?;
    }
    operator.memory.agencies.forget(&applied.uid().unwrap_or_default());
    operator.memory.at_rest.forget(&agency);
    operator.release(Kind::Agency, applied).await?;
    Ok(None)
}

fn still_owns(agency: &str, owned: &[(&str, &str, Vec<String>)]) -> String {
    let named = owned.iter().map(|(what, _, names)| {
        let more = names.len().saturating_sub(NAMES_MAX);
        let shown: Vec<String> = names.iter().take(NAMES_MAX).map(|name| format!("`{name}`")).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{what} {}{more}", shown.join(", "))
    });
    let kinds: Vec<&str> = owned.iter().map(|(_, short, _)| *short).collect();
    format!(
        "the agency still has {}, and nothing of it changes. Delete these first: `kubectl delete {} --all --namespace {agency}`.",
        named.collect::<Vec<_>>().join("; "),
        kinds.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_agency_still_has_is_named_with_the_command_that_deletes_it() {
        let services = (1..=7).map(|number| format!("s{number}")).collect();
        let owned = [("services", "sd", services), ("grants", "grt", vec!["g".to_owned()])];
        let said = still_owns("justice", &owned);
        assert!(said.contains("services `s1`, `s2`, `s3`, `s4`, `s5` and 2 more; grants `g`,"), "{said}");
        assert!(said.ends_with("`kubectl delete sd,grt --all --namespace justice`."), "{said}");
    }
}

//! ServiceRevisions: one for each revision that people are offered or cases run on, and for the newest ones, so that people see
//! what counted when.

use std::collections::BTreeSet;

use api::{Kind, RevisionSpec, ServiceRevision};
use kernel::{Failure, Hash};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
    core::Object,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    gone::resource,
    load::Load,
    made::Said,
    placement::{Placed, Placement},
};
use crate::{
    kind::Applied,
    outcome::Stopped,
    run::{MANAGER, Operator},
    status::Status,
};

/// Newest revisions that are kept without any case.
const NEWEST: usize = 3;

/// What the status of one says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Told {
    share: u32,
    open_cases: u64,
    drafts: u64,
    kept: u64,
}

/// Of the definition in it only the hash is read again.
type Revision = Object<Value, Told>;

/// Makes what is missing, also what somebody deleted, writes what changed, and takes away what nobody needs. Without a load
/// nothing is taken away and no number is written.
pub async fn keep(
    operator: &Operator,
    applied: &Applied,
    agency: &str,
    placement: &Placement,
    load: Option<&Load>,
) -> Result<(), Stopped> {
    if operator.config.read_only {
        return Ok(());
    }
    let needed = needed(placement, load, &operator.today());
    let (made, uid, now) = (&operator.memory.revisions, applied.uid().unwrap_or_default(), operator.clock.now());
    let before = made.before();
    let said: Option<Said> = load.map(|load| needed.iter().map(|of| (*of, told(placement, load, *of))).collect());
    if let Some(known) = made.said(&uid, now)
        && said.as_ref().map_or_else(|| needed.iter().all(|of| known.contains_key(of)), |said| *said == known)
    {
        return Ok(());
    }
    let (namespace, service) = (applied.namespace().unwrap_or_default(), applied.name_any());
    let api: Api<Revision> = Api::namespaced_with(operator.client.clone(), &namespace, &resource());
    // What nobody ever looked at has none; should it have, the look after `look_every_s` finds them.
    let is_new = applied.status.as_ref().is_none_or(Status::says_nothing);
    let own = ListParams::default().fields(&format!("spec.service={service}"));
    let mut there = if is_new { Vec::new() } else { api.list(&own).await?.items };
    let known: Vec<Hash> = there.iter().filter_map(hash).collect();
    // Applied anew, the same definition is another one with objects of its own.
    let (owner, wanted) = (json!(applied.uid()), &operator.memory.wanted);
    let missing = |placed: &&Placed| needed.contains(&placed.revision) && !known.contains(&placed.revision);
    for placed in placement.revisions.iter().filter(missing) {
        let definition = admitted(operator.platform.admitted(placed.revision).await?, placed.revision)?;
        let name = ServiceRevision::name_of(&service, &placed.revision.to_string());
        let made = make(applied, agency, placed, definition);
        there.push(api.patch(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(made)).await?);
        wanted.corrected((ServiceRevision::KIND, &namespace, &name), &owner);
    }
    let Some(said) = said else { return Ok(()) };
    for found in there {
        let name = found.name_any();
        let place = (ServiceRevision::KIND, namespace.as_str(), name.as_str());
        match hash(&found).and_then(|revision| said.get(&revision)) {
            Some(told) => {
                wanted.keep(place, &owner);
                write(&api, &found, told).await?;
            }
            None => {
                wanted.forget(place);
                remove(&api, &name).await?;
            }
        }
    }
    made.say(uid, said, &before, now);
    Ok(())
}

fn told(placement: &Placement, load: &Load, of: Hash) -> Told {
    let (numbers, share) = (load.of(of), placement.find(of).map_or(0, |placed| placed.share));
    Told { share, open_cases: numbers.open, drafts: numbers.drafts, kept: numbers.kept }
}

/// What people are offered, what cases or applications are on, and the newest. Without a load nobody knows what is used.
fn needed(placement: &Placement, load: Option<&Load>, today: &str) -> BTreeSet<Hash> {
    let active = placement.active(today);
    let offered = placement.revisions.iter().filter(|placed| placed.is_offered(active));
    let newest = placement.revisions.iter().take(NEWEST);
    let used = load.into_iter().flat_map(Load::used);
    newest.chain(offered).map(|placed| placed.revision).chain(used).collect()
}

fn hash(found: &Revision) -> Option<Hash> {
    found.spec.get("revision")?.as_str()?.parse().ok()
}

/// The register's bytes; those that have another hash are another revision.
fn admitted(definition: Vec<u8>, revision: Hash) -> Result<Value, Failure> {
    if Hash::of(&definition) != revision {
        let message = "The revision is refused: its bytes do not fit its hash.";
        return Err(Failure::forbidden("revision.not-admitted", message));
    }
    serde_json::from_slice(&definition)
        .map_err(|error| Failure::internal("revision.unreadable", "A revision cannot be read.").with_detail(error))
}

fn make(applied: &Applied, agency: &str, placed: &Placed, definition: Value) -> Value {
    let (service, revision) = (applied.name_any(), placed.revision.to_string());
    let spec = RevisionSpec {
        agency: agency.to_owned(),
        service: service.clone(),
        admitted: placed.admitted.to_string(),
        effective_from: Some(placed.effective_from.clone()).filter(|from| !from.is_empty()),
        change: placed.change,
        definition,
        revision: revision.clone(),
    };
    json!({
        "apiVersion": api::API_VERSION,
        "kind": ServiceRevision::KIND,
        "metadata": {
            "name": ServiceRevision::name_of(&service, &revision),
            "ownerReferences": [{
                "apiVersion": api::API_VERSION, "kind": Kind::ServiceDefinition.name(), "name": service,
                "uid": applied.uid().unwrap_or_default(),
            }],
        },
        "spec": spec,
    })
}

async fn write(api: &Api<Revision>, found: &Revision, told: &Told) -> Result<(), Stopped> {
    if found.status.as_ref() == Some(told) {
        return Ok(());
    }
    let name = found.name_any();
    let status = json!({
        "apiVersion": api::API_VERSION, "kind": ServiceRevision::KIND, "metadata": {"name": name}, "status": told,
    });
    api.patch_status(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(status)).await?;
    Ok(())
}

async fn remove(api: &Api<Revision>, name: &str) -> Result<(), Stopped> {
    match api.delete(name, &DeleteParams::background()).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        deleted => {
            deleted?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rollout::{load::Numbers, tests::placed},
        tests::applied,
    };

    #[test]
    fn a_revision_is_needed_while_it_is_offered_or_used_or_among_the_newest() {
        let shares = [100, 100, 100, 0, 0, 0, 5];
        let revisions = (1..=7_u8).zip(shares).map(|(number, share)| placed(number, share)).rev().collect();
        let placement = Placement { revisions, closed: String::new() };
        let needed = |load: Option<&Load>| -> Vec<u8> {
            let needed = needed(&placement, load, "2026-11-29");
            (1..=7).filter(|number| needed.contains(&placed(*number, 0).revision)).collect()
        };
        let on = |number: u8, numbers: Numbers| Load { revisions: [(placed(number, 0).revision, numbers)].into() };
        let open = on(1, Numbers { open: 1, ..Numbers::default() });
        assert_eq!(needed(Some(&open)), [1, 3, 5, 6, 7], "3 counts, whatever came after it");
        let draft = on(2, Numbers { drafts: 1, ..Numbers::default() });
        assert_eq!(needed(Some(&draft)), [2, 3, 5, 6, 7], "an application may still be sent");
        let ended = on(2, Numbers { kept: 9, ..Numbers::default() });
        assert_eq!(needed(Some(&ended)), [3, 5, 6, 7], "what has ended runs on nothing");
        assert_eq!(needed(None), [3, 5, 6, 7]);
    }

    #[test]
    fn what_is_made_again_is_what_was_admitted_and_belongs_to_its_definition() {
        let definition = applied(Kind::ServiceDefinition, "copy", Some("justice"), json!({"title": "changed since"}));
        let placed = Placed { effective_from: "2026-01-01".into(), ..placed(2, 100) };
        let made = make(&definition, "justice", &placed, json!({"spec": {"title": "as it was"}}));
        assert_eq!(made["metadata"]["name"], format!("copy-{}", placed.short()));
        assert_eq!(made["metadata"]["ownerReferences"][0]["name"], "copy");
        assert_eq!(made["spec"]["definition"]["spec"]["title"], "as it was");
        assert_eq!(
            (&made["spec"]["change"], &made["spec"]["effectiveFrom"]),
            (&json!("presentation"), &json!("2026-01-01"))
        );
    }

    #[test]
    fn bytes_of_another_revision_are_refused() {
        let bytes = br#"{"spec":{}}"#;
        assert_eq!(admitted(bytes.to_vec(), Hash::of(bytes)), Ok(json!({"spec": {}})));
        let refused = admitted(bytes.to_vec(), Hash::of(b"another")).unwrap_err();
        assert_eq!(refused.code, "revision.not-admitted");
    }
}

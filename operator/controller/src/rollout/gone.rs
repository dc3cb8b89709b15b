//! Sees when somebody deletes the object of a revision, and has its definition looked at: what is needed is made again.

use api::{Kind, ServiceRevision};
use futures::{Stream, StreamExt, stream};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::{
    Api,
    api::PartialObjectMeta,
    core::{ApiResource, GroupVersionKind},
    runtime::{
        WatchStreamExt,
        reflector::{ObjectRef, Store},
        watcher,
    },
};

use crate::{
    kind::{self, Applied},
    run::Operator,
};

type Definition = PartialObjectMeta<Applied>;

pub fn resource() -> ApiResource {
    let kind = GroupVersionKind::gvk(kind::GROUP, kind::VERSION, ServiceRevision::KIND);
    ApiResource::from_gvk_with_plural(&kind, ServiceRevision::PLURAL)
}

/// Nothing else is heard of: nobody can change one, and what the operator makes it knows.
pub fn gone(
    operator: &Operator,
    definitions: Store<Definition>,
) -> impl Stream<Item = ObjectRef<Definition>> + Send + use<> {
    let all: Api<PartialObjectMeta<Applied>> = Api::all_with(operator.client.clone(), &resource());
    let made = operator.memory.revisions.clone();
    // Whoever led meanwhile may have changed them.
    made.any_may_be_gone();
    let mut lists = 0_u64;
    watcher(all, watcher::Config::default()).default_backoff().flat_map(move |event| {
        let concerned = match event {
            Ok(watcher::Event::Delete(object)) => {
                let owner = owner(&object.metadata);
                owner.iter().for_each(|owner| made.is_gone(&owner.uid));
                owner.and_then(|owner| definition_of(&object.metadata, owner)).into_iter().collect()
            }
            Ok(watcher::Event::InitDone) => {
                lists += 1;
                // What was taken away while the watch was blind, nobody is told.
                if lists > 1 {
                    made.any_may_be_gone();
                    every(&definitions)
                } else {
                    Vec::new()
                }
            }
            _ => Vec::new(),
        };
        stream::iter(concerned)
    })
}

fn owner(revision: &ObjectMeta) -> Option<&OwnerReference> {
    let mut owners = revision.owner_references.iter().flatten();
    owners.find(|owner| owner.kind == Kind::ServiceDefinition.name())
}

fn definition_of(revision: &ObjectMeta, owner: &OwnerReference) -> Option<ObjectRef<Definition>> {
    let named = ObjectRef::new_with(&owner.name, kind::resource(Kind::ServiceDefinition));
    Some(named.within(revision.namespace.as_deref()?))
}

fn every(definitions: &Store<Definition>) -> Vec<ObjectRef<Definition>> {
    let known = definitions.state();
    known.iter().map(|known| ObjectRef::from_obj_with(&**known, kind::resource(Kind::ServiceDefinition))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn concerned(revision: serde_json::Value) -> Option<(String, Option<String>)> {
        let revision: ObjectMeta = serde_json::from_value(revision).unwrap();
        let found = definition_of(&revision, owner(&revision)?)?;
        Some((found.name, found.namespace))
    }

    #[test]
    fn a_revision_that_is_gone_concerns_the_definition_that_owned_it() {
        let of = |kind: &str| json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": kind, "name": "copy", "uid": "a-1"});
        let revision = |kind: &str| json!({"name": "copy-0123", "namespace": "justice", "ownerReferences": [of(kind)]});
        assert_eq!(concerned(revision("ServiceDefinition")), Some(("copy".into(), Some("justice".into()))));
        assert_eq!(concerned(revision("Agency")), None);
        assert_eq!(concerned(json!({"name": "copy-0123", "namespace": "justice"})), None, "made by hand");
    }
}

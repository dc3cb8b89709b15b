//! Sees when somebody deletes the object of a revision, and has its definition looked at: what is needed is made again.

use api::{Kind, ServiceRevision};
use futures::{Stream, StreamExt, stream};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Api, Client,
    api::PartialObjectMeta,
    core::{ApiResource, GroupVersionKind},
    runtime::{
        WatchStreamExt,
        reflector::{ObjectRef, Store},
        watcher,
    },
};

use crate::kind::{self, Applied};

type Definition = PartialObjectMeta<Applied>;

pub fn resource() -> ApiResource {
    let kind = GroupVersionKind::gvk(kind::GROUP, kind::VERSION, ServiceRevision::KIND);
    ApiResource::from_gvk_with_plural(&kind, ServiceRevision::PLURAL)
}

/// Nothing else is heard of: nobody can change one, and what the operator makes it knows.
pub fn gone(
    client: &Client,
    definitions: Store<Definition>,
) -> impl Stream<Item = ObjectRef<Definition>> + Send + use<> {
    let all: Api<PartialObjectMeta<Applied>> = Api::all_with(client.clone(), &resource());
    let mut lists = 0_u64;
    watcher(all, watcher::Config::default()).default_backoff().flat_map(move |event| {
        let concerned = match event {
            Ok(watcher::Event::Delete(object)) => definition_of(&object.metadata).into_iter().collect(),
            Ok(watcher::Event::InitDone) => {
                lists += 1;
                // What was taken away while the watch was blind, nobody is told.
                if lists > 1 { every(&definitions) } else { Vec::new() }
            }
            _ => Vec::new(),
        };
        stream::iter(concerned)
    })
}

fn definition_of(revision: &ObjectMeta) -> Option<ObjectRef<Definition>> {
    let mut owners = revision.owner_references.iter().flatten();
    let owner = owners.find(|owner| owner.kind == Kind::ServiceDefinition.name())?;
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

    fn owner(revision: serde_json::Value) -> Option<(String, Option<String>)> {
        let found = definition_of(&serde_json::from_value(revision).unwrap())?;
        Some((found.name, found.namespace))
    }

    #[test]
    fn a_revision_that_is_gone_concerns_the_definition_that_owned_it() {
        let of = |kind: &str| json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": kind, "name": "copy", "uid": "a-1"});
        let revision = |kind: &str| json!({"name": "copy-0123", "namespace": "justice", "ownerReferences": [of(kind)]});
        assert_eq!(owner(revision("ServiceDefinition")), Some(("copy".into(), Some("justice".into()))));
        assert_eq!(owner(revision("Agency")), None);
        assert_eq!(owner(json!({"name": "copy-0123", "namespace": "justice"})), None, "made by hand");
    }
}

//! Counts cases between two looks, where there are any: what a status says of them, and what a deletion is judged by, is a minute
//! old at most. A service that nobody has a case with is not asked: its host may sleep.

use std::{collections::BTreeMap, future::ready, sync::Arc, time::Duration};

use api::Kind;
use futures::{Stream, StreamExt, stream};
use kernel::Hash;
use kube::{
    ResourceExt,
    api::PartialObjectMeta,
    runtime::reflector::{ObjectRef, Store},
};

use crate::{
    kind::{self, Applied},
    rollout::Load,
    run::Operator,
};

type Definition = PartialObjectMeta<Applied>;

const COUNT_EVERY: Duration = Duration::from_secs(60);
/// Hosts that are asked at the same time.
const AT_ONCE: usize = 8;

/// What a status says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    agency: String,
    /// Open cases and drafts, by revision.
    cases: BTreeMap<Hash, (u64, u64)>,
}

impl Counted {
    fn of(agency: &str, load: &Load) -> Self {
        let cases = load.revisions.iter().map(|(revision, numbers)| (*revision, (numbers.open, numbers.drafts)));
        Self { agency: agency.to_owned(), cases: cases.filter(|(_, (open, drafts))| open + drafts > 0).collect() }
    }
}

/// After a look, what its status says from now on. What nobody could tell stays as it was.
pub fn told(operator: &Operator, applied: &Applied, agency: &str, load: Option<&Load>) {
    let (uid, now) = (applied.uid().unwrap_or_default(), operator.clock.now());
    let Some(counted) = load.map(|load| Counted::of(agency, load)) else { return };
    if counted.cases.is_empty() {
        operator.memory.counted.forget(&uid);
    } else {
        operator.memory.counted.put(uid, counted, now);
    }
}

/// Definitions whose status says other numbers than there are.
pub fn changes(
    operator: Arc<Operator>,
    known: Store<Definition>,
) -> impl Stream<Item = ObjectRef<Definition>> + Send + 'static {
    let times = stream::unfold((), |()| async {
        tokio::time::sleep(COUNT_EVERY).await;
        Some(((), ()))
    });
    times.flat_map(move |()| {
        let operator = operator.clone();
        let counted = stream::iter(known.state()).map(move |definition| {
            let operator = operator.clone();
            async move { changed(&operator, &definition).await.then(|| reference(&definition)) }
        });
        counted.buffer_unordered(AT_ONCE).filter_map(ready)
    })
}

fn reference(definition: &Definition) -> ObjectRef<Definition> {
    ObjectRef::from_obj_with(definition, kind::resource(Kind::ServiceDefinition))
}

async fn changed(operator: &Operator, definition: &Definition) -> bool {
    let (uid, service) = (definition.uid().unwrap_or_default(), definition.name_any());
    let Some(told) = operator.memory.counted.get(&uid, operator.clock.now()) else { return false };
    let load = operator.platform.load(&told.agency, &service, None, false).await.and_then(Load::read);
    let changed = load.is_ok_and(|load| Counted::of(&told.agency, &load) != told);
    if changed {
        // Else the look would say once more what it said.
        operator.memory.told.forget(&uid);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        platform::Platform,
        tests::{applied, world},
    };

    #[tokio::test]
    async fn only_services_with_cases_are_counted_and_only_another_number_is_a_look() {
        let world = world::World::default();
        let operator = world.operator();
        let definition = |uid: &str| {
            let mut definition = applied(Kind::ServiceDefinition, "copy", Some("justice"), serde_json::json!({}));
            definition.metadata.uid = Some(uid.to_owned());
            definition
        };
        let watched = |applied: &Applied| Definition {
            types: applied.types.clone(),
            metadata: applied.metadata.clone(),
            _phantom: std::marker::PhantomData,
        };
        let (busy, idle) = (definition("busy"), definition("idle"));
        let load = async |open| {
            world.platform.open(open);
            Load::read(world.platform.load("justice", "copy", None, false).await.unwrap()).unwrap()
        };
        told(&operator, &idle, "justice", Some(&load(0).await));
        told(&operator, &busy, "justice", Some(&load(3).await));
        assert!(!changed(&operator, &watched(&busy)).await, "as it was told");
        world.platform.open(4);
        assert!(changed(&operator, &watched(&busy)).await);
        let asked = world.platform.asked("load");
        assert!(!changed(&operator, &watched(&idle)).await);
        assert_eq!(world.platform.asked("load"), asked, "its host is not asked");
        world.platform.go_away();
        assert!(!changed(&operator, &watched(&busy)).await, "nobody knows");
    }
}

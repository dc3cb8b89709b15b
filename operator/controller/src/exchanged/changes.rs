//! Hears when officers decide, when another agency gives something, or when a giver or its registry became another: the resource that is
//! concerned does not change then.

use std::{sync::Arc, time::Duration};

use api::Kind;
use futures::{Stream, StreamExt, stream};
use kube::{
    ResourceExt,
    api::PartialObjectMeta,
    runtime::reflector::{ObjectRef, Store},
};
use proto::exchange::v1::GrantName;

use crate::{
    kind::{self, Applied},
    run::Operator,
};

type Watched = PartialObjectMeta<Applied>;

/// One question for all grants of the platform, however many there are.
const ASK_EVERY: Duration = Duration::from_secs(3);
/// What was being written at the last question is told by the next one.
const OVERLAP_US: i64 = 10_000_000;
/// Nothing but the time: what is there already is looked at anyway.
const FROM_NOW_ON: i64 = i64::MAX;

/// Grants, or requests of whom they are for, of which something else may be enforced now.
pub fn changes(
    operator: Arc<Operator>,
    of: Kind,
    known: Store<Watched>,
) -> impl Stream<Item = ObjectRef<Watched>> + Send + 'static {
    let asked = stream::unfold(FROM_NOW_ON, move |since_us| {
        let operator = operator.clone();
        async move {
            tokio::time::sleep(ASK_EVERY).await;
            Some(match operator.platform.grant_changes(since_us).await {
                Ok(changes) => (changes.grants, changes.now_us - OVERLAP_US),
                // It will be told everything since then.
                Err(failure) => {
                    tracing::debug!(%failure, "decisions about grants are not known now");
                    (Vec::new(), since_us)
                }
            })
        }
    });
    asked.flat_map(move |grants| {
        let concerned: Vec<_> = grants.iter().flat_map(|grant| concerned(of, grant, &known)).collect();
        stream::iter(concerned)
    })
}

/// An agency's namespace is called as the agency is.
fn concerned(of: Kind, grant: &GrantName, known: &Store<Watched>) -> Vec<ObjectRef<Watched>> {
    let named = |name: &str, namespace: &str| ObjectRef::new_with(name, kind::resource(of)).within(namespace);
    if of == Kind::Grant {
        return vec![named(&grant.name, &grant.from)];
    }
    let theirs = known.state().into_iter().filter(|request| request.namespace().as_deref() == Some(grant.to.as_str()));
    theirs.map(|request| named(&request.name_any(), &grant.to)).collect()
}

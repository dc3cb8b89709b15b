//! A draft that another revision is in force for moves there before anybody looks at it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::{Failure, Hash, Language};
use process::{Command, Process, case::Phase};
use proto::eservice::v1::Moved;

use super::stored;
use crate::{
    domain::moved,
    execute::{Order, no_answer, own_id},
    host::{Host, Reach, Service},
    store::cases::Case,
};

/// Most revisions whose words are read for one draft.
const EARLIER_MAX: usize = 8;

/// The case on the revision of this service, as it is then.
pub async fn followed(host: &Host, case: Case, service: &Service) -> Result<Case, Failure> {
    let revision = service.process.revision();
    if case.state.phase != Phase::Draft || case.state.revision == revision {
        return Ok(case);
    }
    let earlier = process_of(host, &case, case.state.revision).await;
    let form = earlier.as_ref().and_then(|earlier| earlier.first_form(&case.state));
    let asked_before: Option<BTreeSet<String>> =
        form.map(|form| form.fields().map(|(_, field)| field.at.clone()).collect());
    // The revision may come back: each move from one version is another command.
    let id = own_id("move", &[case.id.as_bytes(), revision.as_bytes(), &case.version.to_be_bytes()]);
    let order = Order {
        case_id: case.id,
        id,
        request: None,
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &|_, _, _| Ok(Command::MoveDraft { asked_before: asked_before.clone() }),
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    Box::pin(host.execute(&order)).await?;
    stored(host, case.id).await
}

/// A revision that cannot be read at this moment makes nobody wait.
async fn process_of(host: &Host, case: &Case, revision: Hash) -> Option<Arc<Process>> {
    let service = Box::pin(host.service(&case.agency, revision, Reach::Platform)).await;
    let service = service.inspect_err(|failure| tracing::info!(code = %failure.code, "an older revision is not read"));
    service.ok().map(|service| service.process)
}

/// What the last move changed, in the person's language.
pub async fn told(host: &Host, case: &Case, service: &Service, language: Language) -> Option<Moved> {
    let dropped = case.state.moved.as_ref()?.dropped.values();
    let revisions: BTreeSet<Hash> = dropped.map(|dropped| dropped.revision).collect();
    let mut earlier = BTreeMap::new();
    for revision in revisions.into_iter().take(EARLIER_MAX) {
        if let Some(process) = process_of(host, case, revision).await {
            earlier.insert(revision, process);
        }
    }
    moved::told(&service.process, &case.state, &host.facts(service), &earlier, language)
}

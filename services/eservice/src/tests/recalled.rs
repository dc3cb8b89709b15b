//! Documents that are withdrawn or replaced: by an officer who says why they open the case, and before the applicant's eyes.

use kernel::Failure;
use proto::eservice::v1::{CaseReply, RecallDocumentRequest};

use super::{
    officers::{approval, code, count, decide, look, waiting},
    world::{CITIZEN, NUKUS, OFFICER, SPOUSE, World},
};
use crate::{bus::recall, store::MIGRATIONS};

async fn withdrawn(
    world: &World,
    who: u8,
    (case, task, document): (&[u8], &[u8], &[u8]),
    (version, reason, replace): (i64, &str, bool),
) -> Result<CaseReply, Failure> {
    let request = RecallDocumentRequest {
        case_id: case.to_vec(),
        version,
        task_id: task.to_vec(),
        document_id: document.to_vec(),
        reason: reason.into(),
        note: "A letter of 3 November".into(),
        replace,
    };
    Box::pin(recall::recall(world.host.clone(), world.call(who, request))).await
}

/// Status and reason of each document, as the applicant reads them.
async fn told(world: &World, case: &[u8]) -> Vec<(String, String)> {
    let documents = Box::pin(world.case(CITIZEN, case)).await.documents;
    documents.into_iter().map(|document| (document.status, document.reason)).collect()
}

#[tokio::test]
async fn a_document_is_replaced_and_withdrawn_through_a_task_that_is_closed_only_with_a_reason_and_as_it_was_shown() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let shown = look(&world, OFFICER, &case, &task, "").await.unwrap();
        decide(&world, OFFICER, approval(&case, &task, shown.version)).await.unwrap();
        Box::pin(world.settle()).await;
        let now = Box::pin(world.case(CITIZEN, &case)).await;
        let (version, first) = (now.version, now.documents[0].document_id.clone());
        let at = (case.as_slice(), task.as_slice(), first.as_slice());
        for who in [NUKUS, SPOUSE, CITIZEN] {
            let refused = withdrawn(&world, who, at, (version, "error", true)).await;
            assert_eq!(code(refused), "case.not-found", "{engine}: {who}");
        }
        assert_eq!(code(withdrawn(&world, OFFICER, at, (version, "error", true)).await), "task.closed", "{engine}");
        let page = look(&world, OFFICER, &case, &task, "The citizen says that the name is wrong").await.unwrap();
        let choice = page.documents[0].recall.clone().expect("it may be withdrawn");
        assert_eq!((choice.reasons.len(), choice.of_two, choice.proposal), (2, false, None), "{engine}");
        let other = [9_u8; 16];
        let unknown = (case.as_slice(), task.as_slice(), other.as_slice());
        assert_eq!(code(withdrawn(&world, OFFICER, unknown, (version, "error", true)).await), "case.not-found");
        assert_eq!(code(withdrawn(&world, OFFICER, at, (version - 1, "error", true)).await), "case.stale", "{engine}");
        withdrawn(&world, OFFICER, at, (version, "error", true)).await.unwrap();
        Box::pin(world.settle()).await;
        let error = "The document has an error".to_owned();
        let valid = ("valid".to_owned(), String::new());
        assert_eq!(told(&world, &case).await, [("superseded".to_owned(), error.clone()), valid], "{engine}");
        let now = Box::pin(world.case(CITIZEN, &case)).await;
        let second = now.documents[1].document_id.clone();
        let at = (case.as_slice(), task.as_slice(), second.as_slice());
        withdrawn(&world, OFFICER, at, (now.version, "court", false)).await.unwrap();
        Box::pin(world.settle()).await;
        let court = "A court declared it invalid".to_owned();
        let expected = [("superseded".to_owned(), error), ("revoked".to_owned(), court)];
        assert_eq!(told(&world, &case).await, expected, "{engine}");
        let asked = (world.platform.actions("document"), world.platform.actions("revoke"));
        assert_eq!(asked, (2, 2), "{engine}: signing hears of each, once");
        assert_eq!(count(&world, "document.recalled").await, 2, "{engine}");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

//! Many documents are issued again: only after two who answer for them agreed, each once, whatever stops the host on the way.

use kernel::Failure;
use proto::eservice::v1::{
    ListReissuesRequest, RecallDocumentRequest, Reissuable, Reissue, ReissueOrder, ReissueRef, Reissues,
};

use super::{
    officers::{approval, code, count, decide, look, waiting},
    world::{CITIZEN, DIRECTOR, HEAD, LAWYER, OFFICER, World},
};
use crate::{
    bus::{recall, reissue as orders},
    reissue::go_on,
    store::MIGRATIONS,
};

/// A granted case, with the task through which it was.
async fn granted(world: &World) -> (Vec<u8>, Vec<u8>) {
    let case = Box::pin(waiting(world)).await;
    let task = world.open_task(&case).await;
    let shown = look(world, OFFICER, &case, &task, "").await.unwrap();
    decide(world, OFFICER, approval(&case, &task, shown.version)).await.unwrap();
    Box::pin(world.settle()).await;
    (case, task)
}

/// An officer withdraws the document of a case.
async fn withdraw(world: &World, (case, task): &(Vec<u8>, Vec<u8>)) {
    let page = look(world, OFFICER, case, task, "A court said so").await.unwrap();
    let request = RecallDocumentRequest {
        case_id: case.clone(),
        version: page.version,
        task_id: task.clone(),
        document_id: page.documents[0].document_id.clone(),
        reason: "court".into(),
        ..RecallDocumentRequest::default()
    };
    Box::pin(recall::recall(world.host.clone(), world.call(OFFICER, request))).await.unwrap();
    Box::pin(world.settle()).await;
}

fn order() -> ReissueOrder {
    ReissueOrder {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        document: "certificate".into(),
        reason: "error".into(),
        note: "The template named a law that was repealed".into(),
        ..ReissueOrder::default()
    }
}

async fn listed(world: &World, who: u8, order: ReissueOrder) -> Result<Reissuable, Failure> {
    Box::pin(orders::list(world.host.clone(), world.call(who, order))).await
}

async fn proposed(world: &World, who: u8, order: ReissueOrder) -> Result<Reissue, Failure> {
    Box::pin(orders::propose(world.host.clone(), world.call(who, order))).await
}

fn named(batch: &[u8]) -> ReissueRef {
    ReissueRef { agency: order().agency, service: order().service, batch: batch.to_vec() }
}

async fn approved(world: &World, who: u8, batch: &[u8]) -> Result<Reissue, Failure> {
    Box::pin(orders::approve(world.host.clone(), world.call(who, named(batch)))).await
}

async fn overview(world: &World, who: u8) -> Result<Reissues, Failure> {
    let ReissueOrder { agency, service, .. } = order();
    let request = ListReissuesRequest { agency, service, language: "en".into() };
    Box::pin(orders::overview(world.host.clone(), world.call(who, request))).await
}

/// Status of each document, as the applicant sees them.
async fn stands(world: &World, case: &[u8]) -> Vec<String> {
    let documents = Box::pin(world.case(CITIZEN, case)).await.documents;
    documents.into_iter().map(|document| document.status).collect()
}

#[tokio::test]
async fn documents_are_issued_again_once_each_after_two_persons_agreed_and_what_was_withdrawn_stays_so() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let (one, other, gone) =
            (Box::pin(granted(&world)).await, Box::pin(granted(&world)).await, Box::pin(granted(&world)).await);
        Box::pin(withdraw(&world, &gone)).await;
        for who in [OFFICER, HEAD] {
            assert_eq!(code(listed(&world, who, order()).await), "case.not-found", "{engine}: {who}");
            assert_eq!(code(proposed(&world, who, order()).await), "case.not-found", "{engine}: {who}");
        }
        let meant = listed(&world, DIRECTOR, order()).await.unwrap();
        assert_eq!((meant.documents, meant.numbers.len()), (2, 2), "{engine}: not what was withdrawn");
        let refusals = [
            (ReissueOrder { document: "unheard-of".into(), ..order() }, "reissue.document"),
            (ReissueOrder { reason: "whim".into(), ..order() }, "reissue.reason"),
            (ReissueOrder { note: " ".into(), ..order() }, "reissue.note"),
            (ReissueOrder { until_us: 1, ..order() }, "reissue.nothing"),
            (ReissueOrder { revision: vec![7; 32], ..order() }, "reissue.nothing"),
        ];
        for (order, refused) in refusals {
            assert_eq!(code(proposed(&world, DIRECTOR, order).await), refused, "{engine}");
        }

        let batch = proposed(&world, DIRECTOR, order()).await.unwrap();
        assert_eq!((batch.documents, batch.numbers.len(), batch.approved), (2, 2, false), "{engine}");
        assert_eq!(code(overview(&world, OFFICER).await), "case.not-found", "{engine}");
        let (own, seen) = (overview(&world, DIRECTOR).await.unwrap(), overview(&world, LAWYER).await.unwrap());
        assert_eq!((own.orders[0].own, seen.orders[0].own), (true, false), "{engine}");
        assert_eq!((seen.orders.len(), &seen.orders[0].batch), (1, &batch.batch), "{engine}: a second person finds it");
        let choice = &seen.choices[0];
        assert_eq!((seen.choices.len(), choice.document.as_str(), choice.reasons.len()), (1, "certificate", 2));
        assert_eq!(go_on(&world.host).await.unwrap(), 0);
        assert_eq!(world.platform.actions("document"), 3, "{engine}: nothing happens before the second agrees");
        assert_eq!(code(approved(&world, DIRECTOR, &batch.batch).await), "reissue.second", "{engine}");
        assert_eq!(
            code(approved(&world, HEAD, &batch.batch).await),
            "case.not-found",
            "{engine}: leads an office only"
        );
        assert!(approved(&world, LAWYER, &batch.batch).await.unwrap().approved, "{engine}");
        assert_eq!(code(approved(&world, LAWYER, &batch.batch).await), "reissue.approved", "{engine}");

        // One of them is withdrawn by an officer before its turn comes: it is nobody's any more.
        Box::pin(withdraw(&world, &other)).await;
        for _ in 0..2 {
            assert_eq!(go_on(&world.host).await.unwrap(), 0, "{engine}: the new one is being made");
        }
        Box::pin(world.settle()).await;
        assert_eq!(go_on(&world.host).await.unwrap(), 1, "{engine}: it has come to its end");
        assert_eq!(go_on(&world.host).await.unwrap(), 0, "{engine}: and stays there");
        let end = orders::read(world.host.clone(), world.call(LAWYER, named(&batch.batch))).await.unwrap();
        let refused: Vec<&str> = end.refused.iter().map(|refused| refused.code.as_str()).collect();
        assert_eq!((end.issued, refused, end.finished), (1, vec!["document.withdrawn"], true), "{engine}");
        assert_eq!(world.platform.actions("document"), 4, "{engine}: one more, once");
        assert_eq!(stands(&world, &one.0).await, ["superseded", "valid"], "{engine}");
        assert_eq!(stands(&world, &other.0).await, ["revoked"], "{engine}");
        assert_eq!(stands(&world, &gone.0).await, ["revoked"], "{engine}");
        assert_eq!(count(&world, "document.reissued").await, 1, "{engine}");
        let again = listed(&world, DIRECTOR, order()).await.unwrap();
        assert_eq!(again.documents, 1, "{engine}: the new one counts");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

//! Documents that are withdrawn, replaced or rid of a slip: by an officer who says why they open the case, and before the applicant's eyes.

use kernel::Failure;
use proto::eservice::v1::{CaseReply, FieldCorrection, MendedSlip, RecallDocumentRequest};

use super::{
    officers::{approval, code, count, decide, look, read_document, waiting},
    questions,
    world::{CITIZEN, COLLEAGUE, HEAD, NUKUS, OFFICER, SPOUSE, World, person},
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
        corrections: Vec::new(),
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
        let past: Vec<Vec<u8>> = questions::told(&world).await.past.into_iter().map(|past| past.task_id).collect();
        assert_eq!(past, std::slice::from_ref(&task), "{engine}: by it a search leads to the case");
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

#[tokio::test]
async fn a_document_of_a_case_that_never_had_a_task_is_withdrawn_by_the_role_in_the_office_that_would_have_had_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::unreviewed(database).await;
        let case = Box::pin(waiting(&world)).await;
        let event = questions::told(&world).await;
        let [place] = event.past.as_slice() else { panic!("{engine}: {:?}", event.past) };
        assert_eq!((place.role.as_str(), place.office.as_str()), ("registrar", "tashkent-yunusabad"), "{engine}");
        assert!(event.tasks.is_empty(), "{engine}: nothing waits for anybody");
        let seen = Box::pin(world.case(CITIZEN, &case)).await;
        let (place, document) = (place.task_id.clone(), seen.documents[0].document_id.clone());
        let (at, wish) = ((case.as_slice(), place.as_slice(), document.as_slice()), (seen.version, "court", false));
        for who in [NUKUS, SPOUSE, HEAD, CITIZEN] {
            assert_eq!(
                code(look(&world, who, &case, &place, "I am curious").await),
                "case.not-found",
                "{engine}: {who}"
            );
            assert_eq!(code(withdrawn(&world, who, at, wish).await), "case.not-found", "{engine}: {who}");
            let read = read_document(&world, who, &case, &document).await;
            assert_eq!(code(read), "case.not-found", "{engine}: {who}");
        }
        assert_eq!(code(look(&world, OFFICER, &case, &[8; 16], "A letter").await), "case.not-found", "{engine}");
        assert_eq!(code(look(&world, OFFICER, &case, &place, "").await), "task.closed", "{engine}");
        assert_eq!(code(read_document(&world, OFFICER, &case, &document).await), "task.closed", "{engine}");
        assert_eq!(code(withdrawn(&world, OFFICER, at, wish).await), "task.closed", "{engine}");
        let page = look(&world, OFFICER, &case, &place, "A judgment of 3 November").await.unwrap();
        assert!(page.documents[0].recall.is_some() && page.outcomes.is_empty(), "{engine}");
        read_document(&world, OFFICER, &case, &document).await.unwrap();
        withdrawn(&world, OFFICER, at, wish).await.unwrap();
        Box::pin(world.settle()).await;
        let court = "A court declared it invalid".to_owned();
        assert_eq!(told(&world, &case).await, [("revoked".to_owned(), court)], "{engine}");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[expect(clippy::too_many_lines, reason = "one slip from the first officer to both documents")]
#[tokio::test]
async fn a_slip_is_corrected_by_two_officers_and_the_applicant_sees_both_documents_and_what_differs() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let shown = look(&world, OFFICER, &case, &task, "").await.unwrap();
        assert!(shown.documents.is_empty(), "{engine}");
        decide(&world, OFFICER, approval(&case, &task, shown.version)).await.unwrap();
        Box::pin(world.settle()).await;
        let page = look(&world, OFFICER, &case, &task, "The citizen says that the name is wrong").await.unwrap();
        let choice = page.documents[0].recall.clone().expect("it may be withdrawn");
        let name = &choice.corrects[0];
        let stood = (name.at.as_str(), name.label.as_str(), name.value.as_str());
        assert_eq!(stood, ("facts.record.spouse1", "Name of the first spouse", "Karimov"), "{engine}");
        let document = page.documents[0].document_id.clone();
        let corrected = |who: u8, (through, version): (&[u8], i64), slip: (&str, &str)| {
            let request = RecallDocumentRequest {
                case_id: case.clone(),
                version,
                task_id: through.to_vec(),
                document_id: document.clone(),
                reason: "error".into(),
                note: String::new(),
                replace: true,
                corrections: vec![FieldCorrection { at: slip.0.into(), value: slip.1.into() }],
            };
            Box::pin(recall::recall(world.host.clone(), world.call(who, request)))
        };
        let slip = ("facts.record.spouse1", "Karimova");
        for who in [NUKUS, SPOUSE, CITIZEN] {
            assert_eq!(
                code(corrected(who, (task.as_slice(), page.version), slip).await),
                "case.not-found",
                "{engine}: {who}"
            );
        }
        let decision = ("decision.note", "Granted by mistake");
        assert_eq!(
            code(corrected(OFFICER, (task.as_slice(), page.version), decision).await),
            "document.correct-field",
            "{engine}"
        );
        corrected(OFFICER, (task.as_slice(), page.version), slip).await.unwrap();
        let before = (world.platform.actions("document"), told(&world, &case).await);
        assert_eq!(before, (1, vec![("valid".to_owned(), String::new())]), "{engine}: nothing has changed yet");

        let queued = questions::told(&world).await.tasks;
        let [waits] = queued.as_slice() else { panic!("{engine}: {queued:?}") };
        let known = (waits.recall, &waits.proposer, waits.role.as_str(), waits.office.as_str(), waits.due_us);
        assert_eq!(known, (true, &person(OFFICER).to_vec(), "registrar", "tashkent-yunusabad", 0), "{engine}");
        let place = waits.task_id.clone();
        for (who, expected) in [
            (NUKUS, "case.not-found"),
            (SPOUSE, "case.not-found"),
            (CITIZEN, "case.not-found"),
            (COLLEAGUE, "task.closed"),
        ] {
            assert_eq!(code(look(&world, who, &case, &place, "").await), expected, "{engine}: {who}");
            let decided = decide(&world, who, approval(&case, &place, page.version)).await;
            assert_eq!(code(decided), "case.not-found", "{engine}: nobody decides there: {who}");
        }
        let page = look(&world, COLLEAGUE, &case, &place, "To check a correction").await.unwrap();
        assert!(page.closed_us > 0 && page.outcomes.is_empty() && !page.sections.is_empty(), "{engine}");
        let proposal = page.documents[0].recall.clone().unwrap().proposal.expect("a colleague proposed it");
        assert_eq!(proposal.corrections, [FieldCorrection { at: slip.0.into(), value: slip.1.into() }], "{engine}");
        assert_eq!(
            code(corrected(OFFICER, (task.as_slice(), page.version), slip).await),
            "document.recall-second",
            "{engine}"
        );
        corrected(COLLEAGUE, (place.as_slice(), page.version), slip).await.unwrap();
        assert!(questions::told(&world).await.tasks.is_empty(), "{engine}: it waits for nobody");
        Box::pin(world.settle()).await;
        let seen = Box::pin(world.case(CITIZEN, &case)).await;
        let [old, new] = seen.documents.as_slice() else { panic!("{engine}: {} documents", seen.documents.len()) };
        assert_eq!((old.status.as_str(), new.status.as_str()), ("superseded", "valid"), "{engine}");
        assert_eq!((&old.superseded_by, old.article.as_str()), (&new.number, "387-son qaror, 208-band"), "{engine}");
        let made =
            MendedSlip { label: "Name of the first spouse".into(), old: "Karimov".into(), new: "Karimova".into() };
        assert_eq!((old.corrections.as_slice(), new.corrections.len()), ([made].as_slice(), 0), "{engine}");
        assert!(seen.timeline.iter().any(|row| row.code == "document-corrected"), "{engine}");
        assert_eq!(count(&world, "document.corrected").await, 2, "{engine}: one proposed it, one agreed");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

//! Notes for colleagues: read by officers of the case, told to nobody else, and to its applicant with the copy of their data.

use kernel::Failure;
use proto::eservice::v1::{AddNoteRequest, CaseReply, OfficerNotes};

use super::{
    officers::{code, count, look},
    questions::{decides, shown, taken},
    world::{CITIZEN, COLLEAGUE, HEAD, LEAD, NUKUS, OFFICER, World},
};
use crate::{bus::note, store::MIGRATIONS};

const NOTE: &str = "The register of 1987 lies in room 7.";

async fn writes(world: &World, who: u8, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Result<CaseReply, Failure> {
    let request = AddNoteRequest { case_id: case_id.clone(), task_id: task_id.clone(), text: NOTE.into() };
    Box::pin(note::add(world.host.clone(), world.call(who, request))).await
}

async fn copied(world: &World, who: u8, case: &[u8]) -> Result<OfficerNotes, Failure> {
    Box::pin(note::read(world.host.clone(), world.read(who, case))).await
}

#[tokio::test]
async fn officers_of_the_case_read_a_note_and_its_applicant_gets_it_with_their_data_alone() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(taken(&world)).await;
        for who in [NUKUS, HEAD, CITIZEN] {
            assert_eq!(code(writes(&world, who, &at).await), "case.not-found", "{engine}: {who}");
        }
        assert_eq!(code(writes(&world, LEAD, &at).await), "task.reason-needed", "{engine}");
        // Whoever has the task is not the only one who knows something.
        writes(&world, COLLEAGUE, &at).await.unwrap();
        let page = Box::pin(shown(&world, &at)).await;
        assert_eq!((page.notes.len(), page.notes[0].text.as_str()), (1, NOTE), "{engine}");
        assert!(look(&world, COLLEAGUE, &at.0, &at.1, "").await.unwrap().notes == page.notes, "{engine}");
        let told = world.case(CITIZEN, &at.0).await;
        assert!(!format!("{told:?}").contains(NOTE), "{engine}: never in the case");
        let copy = copied(&world, CITIZEN, &at.0).await.unwrap();
        assert_eq!((copy.notes[0].text.as_str(), copy.notes[0].officer.as_slice()), (NOTE, &[][..]), "{engine}");
        assert!(copy.notes[0].name.is_empty(), "{engine}: never who");
        for who in [OFFICER, CITIZEN + 1] {
            assert_eq!(code(copied(&world, who, &at.0).await), "case.not-found", "{engine}: {who}");
        }
        assert_eq!(count(&world, "task.noted").await, 1, "{engine}");
        let mut tx = world.host.database.read().await.unwrap();
        let mut written: Vec<Vec<u8>> = Vec::new();
        for row in tx.fetch_all("SELECT body FROM outbox", sql::args![]).await.unwrap() {
            written.push(row.blob(0).unwrap());
        }
        for row in tx.fetch_all("SELECT detail FROM audit", sql::args![]).await.unwrap() {
            written.push(row.text(0).unwrap().into_bytes());
        }
        drop(tx);
        let found = written.iter().any(|bytes| bytes.windows(NOTE.len()).any(|part| part == NOTE.as_bytes()));
        assert!(!found, "{engine}: neither in the record nor in what others are told");
        Box::pin(decides(&world, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

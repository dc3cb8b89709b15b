//! Files of the thread: read by the people of the thread once they are sent, enclosed by nobody else, gone when nothing comes of it.

use files::pieces::PIECE_BYTES;
use kernel::{Failure, Hash};
use proto::eservice::v1::{AttachFileRequest, CaseReply, Enclosure, PutPiecesRequest, RemoveFileRequest};

use super::{
    files::{acts, code, read, scan},
    questions::{answers, asks, decides, shown, taken},
    world::{CITIZEN, COLLEAGUE, LEAD, NUKUS, OFFICER, World},
};
use crate::{bus::files as attached, store::MIGRATIONS};

/// Sends a whole file.
pub async fn send(
    world: &World,
    who: u8,
    case: &[u8],
    place: &Enclosure,
    content: &[u8],
) -> Result<CaseReply, Failure> {
    for (index, piece) in content.chunks(PIECE_BYTES).enumerate() {
        let request = PutPiecesRequest {
            case_id: case.to_vec(),
            pieces: vec![piece.to_vec()],
            begins: index == 0,
            enclosed: Some(place.clone()),
            ..PutPiecesRequest::default()
        };
        Box::pin(attached::put(world.host.clone(), world.call(who, request))).await?;
    }
    let request = AttachFileRequest {
        case_id: case.to_vec(),
        name: "C:\\scans\\Ijara.PDF".into(),
        pieces: content.chunks(PIECE_BYTES).map(|piece| Hash::of(piece).to_vec()).collect(),
        enclosed: Some(place.clone()),
        ..AttachFileRequest::default()
    };
    Box::pin(attached::attach(world.host.clone(), world.call(who, request))).await
}

pub fn with_answer() -> Enclosure {
    Enclosure { question: 1, task_id: Vec::new() }
}

#[tokio::test]
async fn what_is_enclosed_is_read_by_the_people_of_the_thread_once_it_is_sent() {
    let (plan, lease) = (scan(PIECE_BYTES + 100), scan(300));
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(taken(&world)).await;
        let (case, task) = (&at.0, &at.1);
        let with_question = Enclosure { question: 0, task_id: task.clone() };
        for (who, refused) in [
            (COLLEAGUE, "task.claimed"),
            (LEAD, "task.reason-needed"),
            (NUKUS, "case.not-found"),
            (CITIZEN, "case.not-found"),
        ] {
            assert_eq!(code(send(&world, who, case, &with_question, &plan).await), refused, "{engine}: {who}");
        }
        send(&world, OFFICER, case, &with_question, &plan).await.unwrap();
        let ready = Box::pin(shown(&world, &at)).await.enclosing.unwrap().files.remove(0);
        assert_eq!((ready.name.as_str(), ready.kind.as_str()), ("Ijara.pdf", "application/pdf"), "{engine}");
        assert_eq!(code(read(&world, CITIZEN, case, &ready.id, &[]).await), "case.not-found", "{engine}: not sent");
        Box::pin(asks(&world, OFFICER, &at)).await.unwrap();
        let asked = world.case(CITIZEN, case).await.questions.remove(0);
        assert!(read(&world, CITIZEN, case, &asked.files[0].id, &[]).await.unwrap() == plan, "{engine}");

        for who in [OFFICER, CITIZEN + 1] {
            let sent = send(&world, who, case, &with_answer(), &lease).await;
            assert_eq!(code(sent), "case.not-found", "{engine}: {who}");
        }
        send(&world, CITIZEN, case, &with_answer(), &lease).await.unwrap();
        let ready = world.case(CITIZEN, case).await.questions.remove(0).enclosing.unwrap().files.remove(0);
        assert_eq!(code(read(&world, OFFICER, case, &ready.id, task).await), "case.not-found", "{engine}: not sent");
        Box::pin(answers(&world, CITIZEN, &at)).await.unwrap();
        let answered = Box::pin(shown(&world, &at)).await.questions.remove(0);
        let file = &answered.answer_files[0];
        assert!(read(&world, OFFICER, case, &file.id, task).await.unwrap() == lease, "{engine}");
        assert_eq!(code(read(&world, NUKUS, case, &file.id, task).await), "case.not-found", "{engine}");
        let late = send(&world, CITIZEN, case, &with_answer(), &lease).await;
        assert_eq!(code(late), "file.no-field", "{engine}: it was answered");
        assert_eq!(acts(&world, "file.attached").await, 2, "{engine}");
        Box::pin(decides(&world, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn what_is_taken_away_before_it_is_sent_is_read_by_nobody() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(taken(&world)).await;
        Box::pin(asks(&world, OFFICER, &at)).await.unwrap();
        let wrong = send(&world, CITIZEN, &at.0, &with_answer(), b"MZ and more").await;
        assert_eq!(code(wrong), "file.type", "{engine}: no kind that is taken");
        send(&world, CITIZEN, &at.0, &with_answer(), &scan(300)).await.unwrap();
        let ready = world.case(CITIZEN, &at.0).await.questions.remove(0).enclosing.unwrap().files.remove(0);
        let (case_id, id) = (at.0.clone(), ready.id.clone());
        let request = RemoveFileRequest { case_id, id, enclosed: Some(with_answer()), ..RemoveFileRequest::default() };
        Box::pin(attached::remove(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
        assert_eq!(code(read(&world, CITIZEN, &at.0, &ready.id, &[]).await), "case.not-found", "{engine}");
        Box::pin(answers(&world, CITIZEN, &at)).await.unwrap();
        let answered = Box::pin(shown(&world, &at)).await.questions.remove(0);
        assert!(answered.answer_files.is_empty(), "{engine}");
        Box::pin(decides(&world, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

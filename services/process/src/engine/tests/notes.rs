//! Notes for colleagues: they move nothing, and nobody writes them about a case of their own or of another agency.

use super::{
    questions::{refused, taken},
    *,
};

fn note(task: TaskId, by: PersonId, text: &str) -> Command {
    Command::AddNote { task, officer: by, text: text.to_owned() }
}

#[test]
fn a_note_is_kept_and_moves_nothing() {
    let (mut host, task) = taken(None);
    let before = host.state.clone();
    let colleague = PersonId::from_bytes([4; 16]);
    let decision = host.give(&note(task, colleague, " The plan lies in room 7.\r\n ")).unwrap();
    let kept = &host.state.notes[0];
    assert_eq!((kept.text.as_str(), kept.officer, kept.task), ("The plan lies in room 7.", colleague, task));
    assert_eq!(kept.step, "review");
    assert!(decision.actions().is_empty() && decision.timers().is_empty());
    assert!(host.state.timeline == before.timeline && host.state.tasks == before.tasks, "the applicant sees nothing");
    assert!(decision.events.iter().all(|event| event.what.is_news_to(officer()) && !event.what.is_news_to(colleague)));
}

#[test]
fn a_note_says_something_within_bounds_while_the_task_is_open() {
    let (mut host, task) = taken(None);
    assert_eq!(refused(&host, &note(task, officer(), " \n ")), "note.empty");
    assert_eq!(refused(&host, &note(task, officer(), &"x".repeat(2_001))), "note.too-long");
    assert_eq!(refused(&host, &note(task, applicant(), "mine")), "task.own-case");
    for _ in 0..100 {
        host.give(&note(task, officer(), "again")).unwrap();
    }
    assert_eq!(refused(&host, &note(task, officer(), "again")), "note.too-many");
    host.state.tasks.get_mut(&task).unwrap().agency = "another".into();
    assert_eq!(refused(&host, &note(task, officer(), "theirs")), "note.foreign");
    host.state.tasks.get_mut(&task).unwrap().closed = Some(host.now);
    assert_eq!(refused(&host, &note(task, officer(), "late")), "task.closed");
}

//! Files of the thread: they go out with what they were enclosed with, and nothing of what is not sent stays.

use super::{
    questions::{answer, ask, refused, take_back, taken},
    *,
};
use crate::{
    case::Enclosed,
    evidence::{ENCLOSED_MAX, FileReference},
};

const ANSWER: Enclosed = Enclosed::Answer { number: 1 };

fn file(name: &str) -> FileReference {
    FileReference {
        hash: Hash::of(name.as_bytes()),
        name: format!("{name}.pdf"),
        size: 1_000,
        media_type: "application/pdf".into(),
    }
}

fn enclose(of: Enclosed, name: &str) -> Command {
    Command::Enclose { of, file: file(name), by: officer() }
}

fn remove(of: Enclosed, name: &str) -> Command {
    Command::RemoveEnclosed { of, file: file(name).hash, by: officer() }
}

#[test]
fn what_is_enclosed_goes_out_with_the_question_and_with_the_answer() {
    let (mut host, task) = taken(None);
    let question = Enclosed::Question { task };
    let decision = host.give(&enclose(question, "plan")).unwrap();
    assert_eq!(decision.attached_files(), [file("plan").hash]);
    assert!(host.give(&enclose(question, "plan")).unwrap().events.is_empty(), "the same file again changes nothing");
    host.give(&ask(task)).unwrap();
    assert!(host.state.questions[0].files == [file("plan")] && host.state.enclosures.is_empty());
    assert_eq!(refused(&host, &enclose(question, "late")), "question.open");
    host.give(&enclose(ANSWER, "lease")).unwrap();
    host.give(&enclose(ANSWER, "map")).unwrap();
    let decision = host.give(&remove(ANSWER, "map")).unwrap();
    assert_eq!(decision.removed_files(), [file("map").hash]);
    host.give(&answer(1)).unwrap();
    let answered = host.state.questions[0].answer.as_ref().unwrap();
    assert!(answered.files == [file("lease")] && host.state.enclosures.is_empty());
    assert_eq!(refused(&host, &enclose(ANSWER, "late")), "question.closed");
    assert_eq!(refused(&host, &remove(ANSWER, "lease")), "question.closed", "what was sent stays");
}

#[test]
fn nothing_stays_of_what_was_enclosed_and_never_sent() {
    let (mut host, task) = taken(None);
    host.give(&ask(task)).unwrap();
    host.give(&enclose(ANSWER, "lease")).unwrap();
    let decision = host.give(&take_back(task, 1)).unwrap();
    assert_eq!(decision.removed_files(), [file("lease").hash]);
    host.give(&enclose(Enclosed::Question { task }, "plan")).unwrap();
    let decision = host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert_eq!(decision.removed_files(), [file("plan").hash]);
    assert!(host.state.enclosures.is_empty());
}

#[test]
fn a_file_that_is_named_elsewhere_in_the_thread_is_not_removed() {
    let (mut host, task) = taken(None);
    host.give(&enclose(Enclosed::Question { task }, "plan")).unwrap();
    host.give(&ask(task)).unwrap();
    host.give(&enclose(ANSWER, "plan")).unwrap();
    assert!(host.give(&remove(ANSWER, "plan")).unwrap().removed_files().is_empty());
}

#[test]
fn files_are_of_a_known_kind_not_too_large_not_too_many_and_of_whoever_may_ask() {
    let (mut host, task) = taken(None);
    let question = Enclosed::Question { task };
    let of = |file: FileReference| Command::Enclose { of: question, file, by: officer() };
    assert_eq!(refused(&host, &of(FileReference { media_type: "text/html".into(), ..file("x") })), "file.type");
    assert_eq!(refused(&host, &of(FileReference { size: 21 * 1024 * 1024, ..file("x") })), "file.size");
    for number in 0..ENCLOSED_MAX {
        host.give(&enclose(question, &number.to_string())).unwrap();
    }
    assert_eq!(refused(&host, &enclose(question, "more")), "file.too-many");
    let by = |by: PersonId| Command::Enclose { of: question, file: file("x"), by };
    assert_eq!(refused(&host, &by(PersonId::from_bytes([4; 16]))), "task.claimed");
    assert_eq!(refused(&host, &by(applicant())), "task.own-case");
    assert_eq!(refused(&host, &enclose(ANSWER, "x")), "question.closed", "nothing was asked");
}

//! The thread of a case as it is shown: to whoever applied the whole, to an officer as much as their task shows.

use process::{
    CaseState,
    case::{self, Enclosed, Task},
    evidence,
};
use proto::eservice::v1::{Field, Question};

use super::{changed::micros, form};

/// Everything that was asked, without who asked it.
pub fn whole(state: &CaseState) -> Vec<Question> {
    let shown = |question: &case::Question| {
        let of = Enclosed::Answer { number: question.number };
        Question { enclosing: question.is_open().then(|| enclosing(state, of)), ..told(question) }
    };
    state.questions.iter().map(shown).collect()
}

/// What can be enclosed, and what lies ready.
pub fn enclosing(state: &CaseState, of: Enclosed) -> Field {
    let taken = evidence::enclosed();
    Field {
        kind: "files".to_owned(),
        files: form::files(state.enclosed(of)),
        types: taken.types,
        size_max: i64::try_from(taken.size).unwrap_or(i64::MAX),
        files_max: i32::try_from(evidence::ENCLOSED_MAX).unwrap_or(i32::MAX),
        ..Field::default()
    }
}

/// What was asked of the applicant may tell of pages that a task does not show: then only what was asked in its own step.
pub fn of_task(state: &CaseState, task: &Task, declared: Option<&api::Task>) -> Vec<Question> {
    let shows_all = declared.is_some_and(|declared| declared.shows.is_empty());
    let asked = state.questions.iter().filter(|question| shows_all || question.step == task.step);
    asked.map(told).collect()
}

/// How many more questions can be asked in a task.
pub fn left(state: &CaseState, task: &Task, declared: Option<&api::Task>) -> i32 {
    let rules = declared.and_then(|declared| declared.questions.as_ref()).filter(|_| task.closed.is_none());
    let may_ask = state.is_identified() && state.open_question(task.id).is_none();
    let Some(rules) = rules.filter(|_| may_ask) else { return 0 };
    let asked = state.questions.iter().filter(|question| question.task == task.id && !question.taken_back).count();
    let left = rules.at_most.saturating_sub(u32::try_from(asked).unwrap_or(u32::MAX));
    i32::try_from(left).unwrap_or(i32::MAX)
}

fn told(question: &case::Question) -> Question {
    let answer = question.answer.as_ref();
    Question {
        number: i32::try_from(question.number).unwrap_or(i32::MAX),
        text: question.text.clone(),
        asked_us: question.asked.micros(),
        until_us: question.until.micros(),
        state: question.state().to_owned(),
        answer: answer.map(|answer| answer.text.clone()).unwrap_or_default(),
        answered_us: micros(answer.map(|answer| answer.at)),
        files: form::files(&question.files),
        answer_files: answer.map(|answer| form::files(&answer.files)).unwrap_or_default(),
        enclosing: None,
    }
}

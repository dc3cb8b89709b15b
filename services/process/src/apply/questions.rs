//! How a question and its answer change a case: while one is open, the clocks of its task and of the promise stand still.

use kernel::{Time, id::TaskId};

use super::note;
use crate::{
    case::{Answer, CaseState, Question},
    event::What,
};

/// Says whether the event was one of the thread.
pub fn thread(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::QuestionAsked { task, number, text, officer, until, due } => {
            let known = state.tasks.get_mut(task);
            let (step, before) = known.map_or((String::new(), None), |known| {
                let before = due.and(known.due);
                known.due = due.or(known.due);
                (known.step.clone(), before)
            });
            note(state, at, "question-asked", &step, "officer");
            state.questions.push(Question {
                number: *number,
                task: *task,
                step,
                text: text.clone(),
                officer: *officer,
                asked: at,
                until: *until,
                due: before,
                answer: None,
                closed: None,
            });
            state.paused.get_or_insert(at);
        }
        What::QuestionAnswered { number, text, by, due, promised } => {
            let step = settle(state, *number, at, (*due, *promised), Some(Answer { text: text.clone(), by: *by, at }));
            state.remember_acting(*by);
            note(state, at, "question-answered", &step, state.stands_as(*by));
        }
        What::QuestionLapsed { number, due, promised } => {
            let step = settle(state, *number, at, (*due, *promised), None);
            note(state, at, "question-lapsed", &step, "system");
        }
        _ => return false,
    }
    true
}

/// The question is done with, and the clocks go on. Gives the name of its step.
fn settle(
    state: &mut CaseState,
    number: u32,
    at: Time,
    (due, promised): (Option<Time>, Option<Time>),
    answer: Option<Answer>,
) -> String {
    let Some(question) = state.questions.iter_mut().find(|question| question.number == number) else {
        return String::new();
    };
    question.answer = answer;
    question.closed = Some(at);
    let (task, step) = (question.task, question.step.clone());
    if let Some(task) = state.tasks.get_mut(&task) {
        task.due = due.or(task.due);
    }
    state.promised = promised.or(state.promised);
    go_on(state);
    step
}

/// Nobody needs the task any more, nor an answer.
pub fn close(state: &mut CaseState, task: TaskId, at: Time) {
    for question in state.questions.iter_mut().filter(|question| question.task == task && question.is_open()) {
        question.closed = Some(at);
    }
    go_on(state);
}

fn go_on(state: &mut CaseState) {
    if !state.questions.iter().any(Question::is_open) {
        state.paused = None;
    }
}

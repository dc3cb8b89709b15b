//! `wait`: for a length of time, until a time, or for a message that may already be here.

use api::{Step, Wait};

use super::Flow;
use crate::{
    calendar::start_of_day,
    case::{TokenId, Waiting},
    engine::Run,
    event::What,
    expr::Fault,
    timer::Purpose,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, wait: &Wait) -> Result<Flow, Fault> {
    if let Some(span) = wait.span {
        let due = run.deadline(span);
        run.set_timer(token, Purpose::Wait, due);
        run.wait(token, Waiting::Time);
        return Ok(Flow::Waits);
    }
    if let Some(until) = &wait.until {
        let due = start_of_day(run.evaluate(until, |value| value.as_date())?);
        if due <= run.now() {
            return Ok(Flow::next(step));
        }
        run.set_timer(token, Purpose::Wait, due);
        run.wait(token, Waiting::Time);
        return Ok(Flow::Waits);
    }
    let Some(name) = wait.message.as_ref().or(wait.event.as_ref()) else {
        return Err(Fault::new("process.wait", "the step does not say what it waits for"));
    };
    if run.state.messages.iter().any(|message| message.name == *name && !message.taken) {
        run.emit(What::MessageTaken { name: name.clone() });
        return Ok(Flow::next(step));
    }
    run.set_timeout(token, step);
    run.wait(token, Waiting::Message { name: name.clone() });
    Ok(Flow::Waits)
}

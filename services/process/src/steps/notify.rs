//! `notify`: a message to the applicant; the step is done when notifications has taken it over.

use api::Step;

use super::Flow;
use crate::{
    action::{Effect, Request},
    case::{TokenId, Waiting},
    engine::Run,
    letter,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, notification: &str) -> Flow {
    run.set_timeout(token, step);
    let request = Request::Notify {
        notification: notification.to_owned(),
        language: run.state.language.tag().to_owned(),
        input: letter::of_notification(&run.state),
        recipient: None,
    };
    let action = run.request(token, Effect::Keyed, None, request);
    run.wait(token, Waiting::Action { action });
    Flow::Waits
}

//! `document`: a document is rendered and sealed by signing, from the admitted template.

use api::Step;

use super::Flow;
use crate::{
    action::{Effect, Request},
    case::{TokenId, Waiting},
    engine::Run,
    letter,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, document: &str) -> Flow {
    run.set_timeout(token, step);
    let request = Request::IssueDocument {
        document: document.to_owned(),
        language: run.state.language.tag().to_owned(),
        input: letter::of_document(run.process, &run.state),
        replaces: None,
        template: None,
    };
    let action = run.request(token, Effect::Keyed, None, request);
    run.wait(token, Waiting::Action { action });
    Flow::Waits
}

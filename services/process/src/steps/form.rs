//! `form`: a person fills in a form; entered again, only what an officer marked is asked.

use api::Step;

use super::Flow;
use crate::{
    case::{TokenId, Waiting},
    engine::Run,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, form: &str) -> Flow {
    // The form of the draft was filled in before the case began to run.
    let starts_here = run.process.start_step(&run.state.start) == Some(step.name.as_str());
    let first_of_case = starts_here && run.state.activations.get(&step.name) == Some(&1);
    if first_of_case {
        return Flow::next(step);
    }
    run.set_timeout(token, step);
    run.wait(token, Waiting::Applicant { form: form.to_owned() });
    Flow::Waits
}

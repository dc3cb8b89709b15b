//! `form`: a person fills in a form; entered again, only what an officer marked is asked.

use api::Step;

use super::Flow;
use crate::{
    action::{Effect, Request},
    case::{TokenId, Waiting},
    engine::{Run, parties},
    expr::Fault,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, form: &str) -> Result<Flow, Fault> {
    // The form of the draft was filled in before the case began to run.
    let starts_here = run.process.first_step(&run.state) == Some(step.name.as_str());
    let first_of_case = starts_here && run.state.activations.get(&step.name) == Some(&1);
    if first_of_case {
        return Ok(Flow::next(step));
    }
    if let Some(party) = step.asks() {
        return ask(run, token, step, party);
    }
    run.set_timeout(token, step);
    run.wait(token, Waiting::Applicant { form: form.to_owned() });
    Ok(Flow::Waits)
}

/// Another party is found by their number first; then the case waits for them.
fn ask(run: &mut Run<'_>, token: TokenId, step: &Step, party: &str) -> Result<Flow, Fault> {
    let declared = run.process.definition().party(party);
    let from = declared.and_then(|declared| declared.from.as_deref());
    let number = declared.and_then(|declared| parties::number(&run.state, declared));
    let number = number.ok_or_else(|| Fault::new("party.unidentified", "nobody can be told by what the case knows"))?;
    let applicant = run.state.applicant.as_ref().map(|applicant| applicant.person);
    let expires = run.set_timeout(token, step);
    if let Some(person) = applicant.filter(|_| from == Some(parties::APPLICANT)) {
        parties::ask(run, token, step, (party, &number), person);
        return Ok(Flow::Waits);
    }
    let request = Request::ResolveParty { party: party.to_owned(), number };
    let action = run.request(token, Effect::Keyed, expires, request);
    run.wait(token, Waiting::Action { action });
    Ok(Flow::Waits)
}

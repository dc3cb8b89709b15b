//! Tells the operator which questions of a service wait for a registry or a grant, which tasks for the agency whose officers they are
//! for, which shares for the agency that gets them, and which events for the agency that announces them; an e-service asks the same
//! before such an officer sees anything, and payments before anybody pays.

use bus::Call;
use kernel::Failure;
use proto::exchange::v1::{JudgeQuestionsReply, JudgeQuestionsRequest, TaskRole};

use crate::{
    Exchange,
    domain::{
        grant::{self, Version},
        registry_call::{self, Asked},
    },
    store,
};

pub async fn judge(exchange: &Exchange, call: Call<JudgeQuestionsRequest>) -> Result<JudgeQuestionsReply, Failure> {
    let JudgeQuestionsRequest { agency, service, questions, tasks, beneficiaries, events } = &call.request;
    if *agency != call.agency {
        return Err(Failure::forbidden("exchange.other-agency", "A service asks for itself: name its own agency."));
    }
    let mut tx = exchange.database.read().await?;
    let in_force = grant::in_force(store::grants::all(&mut tx).await?, exchange.clock.now());
    let mut refusals = Vec::with_capacity(questions.len());
    for question in questions {
        let registry = store::resources::registry(&mut tx, &question.owner, &question.registry).await?;
        let asked = Asked {
            agency,
            service,
            owner: &question.owner,
            registry: &question.registry,
            operation: &question.operation,
        };
        let judged = registry_call::allowed(&asked, registry.as_ref(), &in_force);
        refusals.push(judged.err().map_or_else(String::new, |refused| refused.code.to_owned()));
    }
    let told = |agreed: bool| if agreed { String::new() } else { "exchange.no-grant".to_owned() };
    for task in tasks {
        let lends = |version: &Version| version.agency == task.agency && version.lends(agency, service, &task.role);
        refusals.push(told(in_force.iter().any(lends)));
    }
    for beneficiary in beneficiaries {
        let shares = |version: &Version| version.agency == *beneficiary && version.shares(agency, service);
        refusals.push(told(in_force.iter().any(shares)));
    }
    for event in events {
        let tells = |version: &Version| version.agency == event.owner && version.tells(agency, service, &event.name);
        refusals.push(told(in_force.iter().any(tells)));
    }
    let mut lent: Vec<TaskRole> = Vec::new();
    for version in &in_force {
        let roles = version.spec.roles.iter().filter(|role| version.lends(agency, service, role));
        lent.extend(roles.map(|role| TaskRole { agency: version.agency.clone(), role: role.clone() }));
    }
    lent.sort_by(|one, other| (&one.agency, &one.role).cmp(&(&other.agency, &other.role)));
    lent.dedup();
    Ok(JudgeQuestionsReply { refusals, lent })
}

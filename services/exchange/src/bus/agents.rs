//! Admits an agency's own system to the agency's account, under a key whose private half is never told.

use bus::{Call, subject};
use kernel::Failure;
use nkeys::KeyPair;
use proto::exchange::v1::{IssueAgentReply, IssueAgentRequest};
use sql::audit;

use super::publish::account_name;
use crate::{Exchange, domain::claims, permissions, store};

pub async fn issue(exchange: &Exchange, call: Call<IssueAgentRequest>) -> Result<IssueAgentReply, Failure> {
    let IssueAgentRequest { agency, agent, nats_user } = &call.request;
    subject::token(agency)?;
    subject::token(agent)?;
    if !nats_user.starts_with('U') || KeyPair::from_public_key(nats_user).is_err() {
        let message = "An agency\u{2019}s system connects with a public NATS user key (U…).";
        return Err(Failure::invalid("exchange.agent-key", message));
    }
    let now = exchange.clock.now();
    let mut tx = exchange.database.begin().await?;
    let Some(account) = store::accounts::of(&mut tx, agency).await? else {
        let message = format!("There is no agency `{agency}` yet. Publish it first.");
        return Err(Failure::not_found("exchange.no-agency", message));
    };
    if store::agents::admit(&mut tx, (agency, agent), nats_user, now).await? {
        let act = audit::Act {
            time: now,
            service_actor: Some(call.caller.clone()),
            act: "agent.issued".into(),
            agency: agency.clone(),
            detail: serde_json::json!({"agent": agent, "key": nats_user}).to_string(),
            ..audit::Act::default()
        };
        audit::append(&mut tx, &act).await?;
        tx.commit().await?;
        exchange.accounts.push_changed().await?;
    }
    let keys = exchange.folder.account(&account_name(agency), &*exchange.random)?;
    let (name, allowed) = (format!("{agency} agent {agent}"), permissions::of_agent());
    let token = claims::user(&keys.signing, &account.public_key, nats_user, &name, &allowed, now)?;
    Ok(IssueAgentReply { credentials_token: token })
}

//! Records what an agency published; an agency gets its account, a grant a new version without approval.

use api::{Kind, Resource};
use bus::Call;
use kernel::{Failure, Hash};
use proto::exchange::v1::{PublishResourceReply, PublishResourceRequest};
use serde::Serialize;
use sql::{Tx, audit};

use crate::{
    Exchange,
    domain::{grant, resource},
    store::{self, accounts::Account},
};

pub async fn handle(exchange: &Exchange, call: Call<PublishResourceRequest>) -> Result<PublishResourceReply, Failure> {
    let request = call.request;
    let read = resource::read(&request.agency, &request.kind, &request.resource);
    let resource = match read.and_then(|resource| resource::speaks(resource, exchange.stage == boot::Stage::Production))
    {
        Ok(resource) => resource,
        Err(problems) => {
            return Ok(PublishResourceReply { problems, hash: Vec::new() });
        }
    };
    let now = exchange.clock.now();
    let mut tx = exchange.database.begin().await?;
    let (hash, changed) = put(exchange, &mut tx, &request.agency, &resource).await?;
    if changed {
        let act = audit::Act {
            time: now,
            service_actor: Some(call.caller),
            act: "resource.published".into(),
            subject: hash.to_vec(),
            agency: request.agency.clone(),
            detail: serde_json::json!({"kind": request.kind, "name": resource.name()}).to_string(),
            ..audit::Act::default()
        };
        audit::append(&mut tx, &act).await?;
    }
    tx.commit().await?;
    exchange.accounts.push_changed().await?;
    Ok(PublishResourceReply { problems: Vec::new(), hash: hash.to_vec() })
}

async fn put(exchange: &Exchange, tx: &mut Tx, agency: &str, resource: &Resource) -> Result<(Hash, bool), Failure> {
    let now = exchange.clock.now();
    let name = resource.name();
    let (kind, body) = match resource {
        Resource::Agency(of) => (Kind::Agency, canonical(of)?),
        Resource::Registry(of) => (Kind::Registry, canonical(of)?),
        Resource::GrantRequest(of) => (Kind::GrantRequest, canonical(of)?),
        Resource::Grant(of) => (Kind::Grant, canonical(of)?),
        Resource::ServiceDefinition(_) => {
            return Err(Failure::invalid("exchange.kind", "Services are published to the register."));
        }
    };
    let mut hash = Hash::of(&body);
    let mut changed = store::resources::put(tx, (kind, agency, name), &body, hash, now).await?;
    match resource {
        Resource::Agency(_) => open_account(exchange, tx, agency).await?,
        Resource::Grant(of) => {
            hash = grant::hash(agency, name, &of.spec)?;
            changed |= store::grants::add(tx, (agency, name), hash, &of.spec, now).await?;
        }
        _ => {}
    }
    Ok((hash, changed))
}

fn canonical(resource: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json_canonicalizer::to_vec(resource)
        .map_err(|error| Failure::invalid("exchange.resource", "The resource cannot be read.").with_detail(error))
}

async fn open_account(exchange: &Exchange, tx: &mut Tx, agency: &str) -> Result<(), Failure> {
    let keys = exchange.folder.account(&account_name(agency), &*exchange.random)?;
    let account = Account {
        agency: agency.to_owned(),
        public_key: keys.identity.public_key(),
        signing_key: keys.signing.public_key(),
        closed: false,
    };
    store::accounts::open(tx, &account, exchange.clock.now()).await?;
    Ok(())
}

/// An agency may be called `system` or `platform`; its keys lie apart from those.
pub fn account_name(agency: &str) -> String {
    format!("agency.{agency}")
}

//! Officers see their agency's grants, approve and revoke them: a signed decision over the hash of the spec.

use bus::{Call, Person};
use kernel::{Failure, Hash, Time};
use proto::{
    exchange::v1::{ApproveGrantRequest, GrantStatus, Grants, ListGrantsRequest, RevokeGrantRequest},
    identity::v1::{Officer, operations::READ_OFFICER},
};
use sql::{audit, inbox};

use crate::{
    Exchange,
    domain::grant::{self, Version},
    store,
};

fn unknown() -> Failure {
    Failure::not_found("exchange.no-such-grant", "There is no such grant.")
}

async fn officer(exchange: &Exchange, person: &Person) -> Result<Officer, Failure> {
    if !person.officer {
        return Err(unknown());
    }
    exchange.bus.request(&READ_OFFICER, bus::subject::PLATFORM, &grant::officer_request(&person.actor)).await
}

pub async fn list(exchange: &Exchange, call: Call<ListGrantsRequest>) -> Result<Grants, Failure> {
    let officer = officer(exchange, call.person()?).await?;
    let (agency, now) = (&call.request.agency, exchange.clock.now());
    if !grant::serves(&officer, agency, now) {
        return Err(unknown());
    }
    let mut tx = exchange.database.read().await?;
    let versions = store::grants::all(&mut tx).await?;
    let concerns = |version: &&Version| version.agency == *agency || version.spec.to == *agency;
    let mut grants: Vec<_> = versions.iter().filter(concerns).map(|version| status(version, &versions, now)).collect();
    grants.reverse();
    Ok(Grants { grants })
}

pub async fn approve(exchange: &Exchange, call: Call<ApproveGrantRequest>) -> Result<GrantStatus, Failure> {
    let person = call.person()?.clone();
    let officer = officer(exchange, &person).await?;
    let ApproveGrantRequest { agency, name, hash } = &call.request;
    let (named, hash) = ((agency.as_str(), name.as_str()), Hash::from_slice(hash)?);
    let now = exchange.clock.now();
    let mut tx = exchange.database.begin().await?;
    let versions = store::grants::all(&mut tx).await?;
    let version = find(&versions, named, hash)?;
    grant::may_approve(&officer, &version.spec, now)?;
    if version.revoked {
        let message = "Officers took this version of the grant back. Change something in it, and approve that.";
        return Err(Failure::conflict("exchange.grant-revoked", message));
    }
    if version.state(now, false) == grant::State::Expired {
        return Err(Failure::conflict("exchange.grant-expired", "The grant's last day is over."));
    }
    if !version.newest {
        return Err(Failure::stale("exchange.grant-changed", "The grant was changed meanwhile. Read it again."));
    }
    let command = command(&person);
    let first = inbox::claim(&mut tx, command.as_bytes(), now).await?;
    if first && store::grants::approve(&mut tx, hash, person.actor, command, now).await? {
        audit::append(&mut tx, &decided("grant.approved", &person, version, now)).await?;
    }
    let versions = store::grants::all(&mut tx).await?;
    let status = status(find(&versions, named, hash)?, &versions, now);
    tx.commit().await?;
    exchange.accounts.push_changed().await?;
    Ok(status)
}

/// Ends a version: nobody approves it any more, and where it was in force nobody asks under it, nor under one before it.
pub async fn revoke(exchange: &Exchange, call: Call<RevokeGrantRequest>) -> Result<GrantStatus, Failure> {
    let person = call.person()?.clone();
    let officer = officer(exchange, &person).await?;
    let RevokeGrantRequest { agency, name, hash } = &call.request;
    let (named, hash) = ((agency.as_str(), name.as_str()), Hash::from_slice(hash)?);
    let now = exchange.clock.now();
    let mut tx = exchange.database.begin().await?;
    let versions = store::grants::all(&mut tx).await?;
    let version = find(&versions, named, hash)?;
    grant::may_revoke(&officer, &version.spec, now)?;
    let command = command(&person);
    let first = inbox::claim(&mut tx, command.as_bytes(), now).await?;
    if first && store::grants::revoke(&mut tx, hash, person.actor, command, now).await? {
        audit::append(&mut tx, &decided("grant.revoked", &person, version, now)).await?;
    }
    let versions = store::grants::all(&mut tx).await?;
    let status = status(find(&versions, named, hash)?, &versions, now);
    tx.commit().await?;
    exchange.accounts.push_changed().await?;
    Ok(status)
}

fn decided(act: &str, person: &Person, version: &Version, now: Time) -> audit::Act {
    audit::Act {
        time: now,
        actor: Some(person.actor),
        act: act.to_owned(),
        subject: version.hash.to_vec(),
        agency: version.agency.clone(),
        detail: serde_json::json!({"name": version.name, "command": person.command_id}).to_string(),
        ..audit::Act::default()
    }
}

/// A person's command id, bound to the person: another person's equal id is another command.
fn command(person: &Person) -> Hash {
    let parts: [&[u8]; 4] = [b"command", person.id.as_bytes(), person.actor.as_bytes(), person.command_id.as_bytes()];
    Hash::of_parts(&parts)
}

fn find<'a>(versions: &'a [Version], named: (&str, &str), hash: Hash) -> Result<&'a Version, Failure> {
    let mut own = versions.iter().filter(|version| (version.agency.as_str(), version.name.as_str()) == named);
    own.find(|version| version.hash == hash).ok_or_else(unknown)
}

fn status(version: &Version, all: &[Version], now: Time) -> GrantStatus {
    let newer_approved = all.iter().any(|other| {
        (&other.agency, &other.name) == (&version.agency, &version.name)
            && other.order > version.order
            && other.approved()
    });
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    GrantStatus {
        agency: version.agency.clone(),
        name: version.name.clone(),
        hash: version.hash.to_vec(),
        state: version.state(now, newer_approved).as_str().to_owned(),
        to_agency: version.spec.to.clone(),
        registry: version.spec.registry.clone().unwrap_or_default(),
        operations: version.spec.operations.clone(),
        purpose: serde_json::to_string(&version.spec.purpose).unwrap_or_default(),
        until: version.spec.until.clone(),
        approvals: count(version.approvals),
        approvals_needed: count(version.approvals_needed),
    }
}

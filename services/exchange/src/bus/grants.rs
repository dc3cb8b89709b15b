//! Officers see their agency's grants, approve and revoke them: a signed decision over the hash of the spec.

use bus::{Call, Person};
use kernel::{Failure, Hash, Time};
use proto::{
    exchange::v1::{ApproveGrantRequest, GrantStatus, Grants, ListGrantsRequest, RevokeGrantRequest},
    identity::v1::{Officer, operations::READ_OFFICER},
};
use sql::audit;

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

enum Decision {
    Approve,
    Revoke,
}

pub async fn approve(exchange: &Exchange, call: Call<ApproveGrantRequest>) -> Result<GrantStatus, Failure> {
    let ApproveGrantRequest { agency, name, hash } = &call.request;
    decide(exchange, call.person()?, (agency, name), hash, Decision::Approve).await
}

/// Ends a version: nobody approves it any more, and where it was in force nobody asks under it, nor under one before it.
pub async fn revoke(exchange: &Exchange, call: Call<RevokeGrantRequest>) -> Result<GrantStatus, Failure> {
    let RevokeGrantRequest { agency, name, hash } = &call.request;
    decide(exchange, call.person()?, (agency, name), hash, Decision::Revoke).await
}

/// A version is approved once by each person and revoked once: the same decision again changes nothing, whatever its id.
async fn decide(
    exchange: &Exchange,
    person: &Person,
    named: (&str, &str),
    hash: &[u8],
    decision: Decision,
) -> Result<GrantStatus, Failure> {
    let officer = officer(exchange, person).await?;
    let hash = Hash::from_slice(hash)?;
    let (command, now) = (command(person, hash), exchange.clock.now());
    let mut tx = exchange.database.begin().await?;
    let versions = store::grants::all(&mut tx).await?;
    let version = find(&versions, named, hash)?;
    let (act, is_new) = match decision {
        Decision::Approve => {
            grant::may_approve(&officer, &version.spec, now)?;
            is_open(version, now)?;
            ("grant.approved", store::grants::approve(&mut tx, hash, person.actor, command, now).await?)
        }
        Decision::Revoke => {
            grant::may_revoke(&officer, &version.spec, now)?;
            ("grant.revoked", store::grants::revoke(&mut tx, hash, person.actor, command, now).await?)
        }
    };
    if is_new {
        audit::append(&mut tx, &decided(act, person, version, now)).await?;
    }
    let versions = store::grants::all(&mut tx).await?;
    let status = status(find(&versions, named, hash)?, &versions, now);
    tx.commit().await?;
    exchange.accounts.push_changed().await?;
    Ok(status)
}

/// Whether a version can still be approved.
fn is_open(version: &Version, now: Time) -> Result<(), Failure> {
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
    Ok(())
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

/// A person's command id, bound to the person and the version: an equal id elsewhere is another command.
fn command(person: &Person, version: Hash) -> Hash {
    let parts: [&[u8]; 5] =
        [b"command", person.id.as_bytes(), person.actor.as_bytes(), person.command_id.as_bytes(), version.as_bytes()];
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
        roles: version.spec.roles.clone(),
        beneficiary: version.spec.beneficiary,
        events: version.spec.events.clone(),
    }
}

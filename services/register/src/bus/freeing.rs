//! An agency that publishes nothing unapproved goes on so until its lawyer and its head have agreed that it stops: whoever writes its
//! resource does not take the two away alone.

use std::sync::Arc;

use ::bus::{Call, Person};
use api::{Agency, Publication};
use kernel::{Failure, Time};
use proto::register::v1::{FreePublicationReply, FreePublicationRequest, Freeing};
use sql::{Tx, audit};

use super::{
    Register,
    publication::{noted, roles, unknown},
    publish, unreadable,
};
use crate::{
    domain::publication::{self, ROLES, Said},
    store,
};

/// Keeps in mind what an agency's resource asks for. The roles whose agreement is missing, when that is to publish without approval;
/// `before`: the resource as it was until now.
pub async fn asked(
    tx: &mut Tx,
    (before, agency): (Option<&[u8]>, &Agency),
    caller: &str,
    now: Time,
) -> Result<Vec<&'static str>, Failure> {
    let name = &agency.metadata.name;
    let standing = store::freeing(tx, name).await?;
    match (agency.spec.publication, standing) {
        (Publication::Approved, None) => Ok(Vec::new()),
        (Publication::Approved, Some(_)) => {
            store::end_freeing(tx, name).await?;
            Ok(Vec::new())
        }
        (Publication::Free, Some(asked)) => {
            let said = store::said(tx, publication::freeing(name, asked)).await?;
            Ok(publication::missing(&said))
        }
        (Publication::Free, None) => {
            let before: Option<Agency> =
                before.map(serde_json::from_slice).transpose().map_err(|error| unreadable(&error))?;
            if before.is_none_or(|before| before.spec.publication == Publication::Free) {
                return Ok(Vec::new());
            }
            store::ask_freeing(tx, name, now).await?;
            let wish = publication::freeing(name, now);
            audit::append(tx, &publish::act("publication.freeing-asked", now, caller, name, wish)).await?;
            Ok(ROLES.to_vec())
        }
    }
}

/// The agency as it counts: what its resource asks for and nobody has agreed to is not so.
pub async fn in_force(tx: &mut Tx, mut agency: Agency) -> Result<Agency, Failure> {
    if store::freeing(tx, &agency.metadata.name).await?.is_some() {
        agency.spec.publication = Publication::Approved;
    }
    Ok(agency)
}

/// What a lawyer or a head reads of their agency's wish; nothing where it has none.
pub async fn told(
    tx: &mut Tx,
    agency: &str,
    (person, held): (&Person, &[&'static str]),
) -> Result<Option<Freeing>, Failure> {
    let Some(asked) = store::freeing(tx, agency).await? else { return Ok(None) };
    let said = store::said(tx, publication::freeing(agency, asked)).await?;
    let role = publication::speaks_as(held, &said, person.actor).filter(|role| !has_said(&said, person, role));
    Ok(Some(Freeing {
        agency: agency.to_owned(),
        asked_us: asked.micros(),
        missing: publication::missing(&said).into_iter().map(str::to_owned).collect(),
        role: role.unwrap_or_default().to_owned(),
    }))
}

fn has_said(said: &[Said], person: &Person, role: &str) -> bool {
    said.iter().any(|one| one.person == person.actor && one.role == role)
}

pub async fn agree(
    register: Arc<Register>,
    call: Call<FreePublicationRequest>,
) -> Result<FreePublicationReply, Failure> {
    let (agency, person) = (&call.request.agency, call.person()?);
    let outcome = roles(&register, person, agency).await;
    let held = noted(&register, person, agency, outcome).await?;
    let now = register.clock.now();
    let mut tx = register.database.begin().await?;
    let missing = agreed(&mut tx, agency, (person, &held), now).await?;
    tx.commit().await?;
    Ok(FreePublicationReply { missing: missing.into_iter().map(str::to_owned).collect() })
}

/// The same word of the same person again changes nothing. Whose agreement is missing still.
async fn agreed(
    tx: &mut Tx,
    agency: &str,
    (person, held): (&Person, &[&'static str]),
    now: Time,
) -> Result<Vec<&'static str>, Failure> {
    let wish = publication::freeing(agency, store::hold_freeing(tx, agency).await?.ok_or_else(unknown)?);
    let before = store::said(tx, wish).await?;
    let role = publication::speaks_as(held, &before, person.actor).ok_or_else(unknown)?;
    let act = |act: &str| audit::Act {
        time: now,
        actor: Some(person.actor),
        act: act.to_owned(),
        subject: wish.to_vec(),
        agency: agency.to_owned(),
        detail: serde_json::json!({"role": role, "command": person.command_id}).to_string(),
        ..audit::Act::default()
    };
    if !has_said(&before, person, role) {
        let (role, note) = (role.to_owned(), String::new());
        let said = Said { person: person.actor, role, approves: true, booklets: Vec::new(), note, time: now };
        store::say(tx, wish, &said).await?;
        audit::append(tx, &act("publication.freeing-agreed")).await?;
    }
    let missing = publication::missing(&store::said(tx, wish).await?);
    if missing.is_empty() {
        store::end_freeing(tx, agency).await?;
        audit::append(tx, &act("publication.freed")).await?;
        tracing::info!(agency, "publishes without approval");
    }
    Ok(missing)
}

#[cfg(test)]
mod tests;

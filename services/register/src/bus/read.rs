//! What hosts and acting services read: revisions by hash, what there is to run, and agencies.

use std::sync::Arc;

use ::bus::Call;
use kernel::{Failure, Hash, Time};
use proto::{
    Empty,
    register::v1::{
        Agencies, Agency, ListRevisionsReply, ListRevisionsRequest, ReadAgencyRequest, ReadRevisionRequest, Revision,
        RevisionEntry,
    },
};

use super::{Register, unknown_revision};
use crate::store;

/// Entries in one answer; the reader asks again after the last one's time.
const ENTRIES_MAX: i64 = 2_000;

pub async fn revision(register: Arc<Register>, call: Call<ReadRevisionRequest>) -> Result<Revision, Failure> {
    let revision = Hash::from_slice(&call.request.revision)?;
    let mut tx = register.database.read().await?;
    let admission = store::by_hash(&mut tx, revision).await?.ok_or_else(unknown_revision)?;
    Ok(Revision {
        revision: revision.to_vec(),
        agency: admission.entry.agency,
        service: admission.entry.service,
        definition: admission.definition,
        admitted_us: admission.entry.admitted.micros(),
        admission: admission.signature,
    })
}

/// Which agencies there are.
pub async fn agencies(register: Arc<Register>, _: Call<Empty>) -> Result<Agencies, Failure> {
    let mut tx = register.database.read().await?;
    Ok(Agencies { agencies: store::agency_names(&mut tx).await? })
}

pub async fn list(register: Arc<Register>, call: Call<ListRevisionsRequest>) -> Result<ListRevisionsReply, Failure> {
    let mut tx = register.database.read().await?;
    let entries = store::since(&mut tx, Time::from_micros(call.request.after_us), ENTRIES_MAX).await?;
    let versions = store::versions(&mut tx).await?;
    let revisions = entries.into_iter().map(|entry| {
        let place = (entry.agency, entry.service);
        let placement = versions.get(&place).copied().unwrap_or_default();
        let (agency, service) = place;
        RevisionEntry {
            revision: entry.revision.to_vec(),
            agency,
            service,
            admitted_us: entry.admitted.micros(),
            effective_from: entry.effective_from,
            placement,
        }
    });
    Ok(ListRevisionsReply { revisions: revisions.collect() })
}

pub async fn agency(register: Arc<Register>, call: Call<ReadAgencyRequest>) -> Result<Agency, Failure> {
    let agency = call.request.agency;
    let mut tx = register.database.read().await?;
    let resource = store::agency(&mut tx, &agency).await?;
    let resource = resource.ok_or_else(|| Failure::not_found("agency.unknown", "This agency is not registered."))?;
    Ok(Agency { agency, resource })
}

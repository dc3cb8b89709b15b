//! What hosts and acting services read: revisions by hash, what there is to run, and agencies.

use std::sync::Arc;

use ::bus::{Call, subject::PLATFORM};
use kernel::{Failure, Hash, Time};
use proto::{
    Empty,
    register::v1::{
        Agencies, Agency, ListRevisionsReply, ListRevisionsRequest, ReadAgencyRequest, ReadRevisionRequest, Revision,
        RevisionEntry,
    },
};
use sql::Tx;

use super::{Register, unknown_revision};
use crate::store::{self, Listed};

/// Entries in one answer, of at most two hundred bytes each; the reader asks again for what comes after the last one.
const ENTRIES_MAX: usize = 2_000;
/// What a statement takes.
const SERVICES_MAX: usize = 1_000;

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
    page(&mut tx, &call, ENTRIES_MAX).await
}

async fn page(tx: &mut Tx, call: &Call<ListRevisionsRequest>, most: usize) -> Result<ListRevisionsReply, Failure> {
    let asked = &call.request;
    let services: &[String] = if asked.services.len() > SERVICES_MAX { &[] } else { &asked.services };
    let after = (Time::from_micros(asked.after_us), asked.after_revision.as_slice());
    let mut listed = store::listed(tx, (whose(call), services), after, most + 1).await?;
    let whole = listed.len() <= most;
    listed.truncate(most);
    Ok(ListRevisionsReply { revisions: listed.into_iter().map(entry).collect(), whole })
}

/// The agency whose host asks: its signature says which, also at an address that names none. Otherwise the address does.
fn whose(call: &Call<ListRevisionsRequest>) -> Option<&str> {
    let named = (call.agency != PLATFORM).then_some(call.agency.as_str());
    call.speaks_for.as_deref().or(named)
}

fn entry(listed: Listed) -> RevisionEntry {
    let Listed { revision, agency, service, admitted, effective_from, placement } = listed;
    let (revision, admitted_us) = (revision.to_vec(), admitted.micros());
    RevisionEntry { revision, agency, service, admitted_us, effective_from, placement }
}

pub async fn agency(register: Arc<Register>, call: Call<ReadAgencyRequest>) -> Result<Agency, Failure> {
    let agency = call.request.agency;
    let mut tx = register.database.read().await?;
    let resource = store::agency(&mut tx, &agency).await?;
    let resource = resource.ok_or_else(|| Failure::not_found("agency.unknown", "This agency is not registered."))?;
    Ok(Agency { agency, resource })
}

#[cfg(test)]
mod tests {
    use kernel::MessageId;

    use super::*;
    use crate::{domain::choice::Entry, store::Admission};

    async fn admit(tx: &mut Tx, (agency, service): (&str, &str), number: u8, admitted: i64) {
        let admission = Admission {
            entry: Entry {
                revision: Hash::of(&[number]),
                agency: agency.into(),
                service: service.into(),
                admitted: Time::from_micros(admitted),
                effective_from: String::new(),
                draft: false,
                share: 100,
                placed: Time::from_micros(admitted),
                change: "first".into(),
                reason: String::new(),
            },
            definition: vec![number],
            signature: String::new(),
        };
        store::put(tx, &admission).await.unwrap();
    }

    /// Justice has a copy with seven revisions, five of them of one microsecond, and a passport; health and tax have one each.
    async fn admitted(tx: &mut Tx) {
        for (number, admitted) in [(1, 10), (2, 20), (3, 20), (4, 20), (5, 20), (6, 20), (7, 30)] {
            admit(tx, ("justice", "copy"), number, admitted).await;
        }
        for (place, number, admitted) in
            [(("health", "copy"), 8, 20), (("justice", "passport"), 9, 25), (("tax", "debt"), 10, 5)]
        {
            admit(tx, place, number, admitted).await;
        }
    }

    fn call(address: &str, speaks_for: Option<&str>, services: &[&str]) -> Call<ListRevisionsRequest> {
        let services = services.iter().map(|&service| service.to_owned()).collect();
        Call {
            request: ListRevisionsRequest { services, ..ListRevisionsRequest::default() },
            body_hash: Hash::from_bytes([0; 32]),
            agency: address.to_owned(),
            service: None,
            caller: "eservice".into(),
            speaks_for: speaks_for.map(str::to_owned),
            message_id: MessageId::from_bytes([1; 16]),
            time: Time::default(),
            deadline: Time::default(),
            person: None,
        }
    }

    /// Everything that the caller is listed, read as hosts read it, and in how many pages.
    async fn read_through(
        tx: &mut Tx,
        mut call: Call<ListRevisionsRequest>,
        most: usize,
    ) -> (Vec<RevisionEntry>, usize) {
        let (mut listed, mut pages) = (Vec::new(), 0);
        loop {
            let page = page(tx, &call, most).await.unwrap();
            assert!(page.revisions.len() <= most);
            pages += 1;
            if let Some(last) = page.revisions.last() {
                (call.request.after_us, call.request.after_revision) = (last.admitted_us, last.revision.clone());
            }
            listed.extend(page.revisions);
            if page.whole {
                return (listed, pages);
            }
        }
    }

    #[tokio::test]
    async fn a_host_is_listed_all_that_its_agency_has_however_small_the_pages_and_whatever_was_admitted_at_once() {
        for (engine, database) in testkit::databases(store::MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            admitted(&mut tx).await;
            let host = || call("justice", Some("justice"), &[]);
            let (whole, pages) = read_through(&mut tx, host(), ENTRIES_MAX).await;
            assert_eq!((whole.len(), pages), (8, 1), "{engine}");
            for most in [1, 2, 3, 8] {
                let (listed, pages) = read_through(&mut tx, host(), most).await;
                assert_eq!((listed, pages), (whole.clone(), 8_usize.div_ceil(most)), "{engine}: {most} in a page");
            }
        }
    }

    #[tokio::test]
    async fn a_host_is_listed_nothing_of_another_agency_wherever_it_asks() {
        for (engine, database) in testkit::databases(store::MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            admitted(&mut tx).await;
            let asked: [(&str, Option<&str>, &[&str], usize); 8] = [
                ("justice", Some("justice"), &[], 8),
                // As hosts of the release before this one ask.
                ("platform", Some("justice"), &[], 8),
                ("justice", Some("justice"), &["passport"], 1),
                ("justice", Some("justice"), &["passport", "copy"], 8),
                ("justice", Some("justice"), &["debt"], 0),
                ("health", None, &[], 1),
                ("platform", None, &[], 10),
                ("platform", None, &["copy"], 8),
            ];
            for (address, speaks_for, services, expected) in asked {
                let (listed, _) = read_through(&mut tx, call(address, speaks_for, services), 3).await;
                assert_eq!(listed.len(), expected, "{engine}: {address} {speaks_for:?} {services:?}");
                let own = |entry: &RevisionEntry| speaks_for.is_none_or(|agency| entry.agency == agency);
                assert!(listed.iter().all(own), "{engine}: {address} {services:?}");
            }
            let many: Vec<String> = (0..=SERVICES_MAX).map(|number| format!("service-{number}")).collect();
            let mut all = call("justice", Some("justice"), &[]);
            all.request.services = many;
            assert_eq!(read_through(&mut tx, all, 3).await.0.len(), 8, "{engine}: more than a statement takes");
        }
    }

    #[tokio::test]
    async fn what_is_admitted_again_while_a_host_reads_comes_once_more_and_nothing_is_left_out() {
        for (engine, database) in testkit::databases(store::MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            admitted(&mut tx).await;
            let mut host = call("justice", Some("justice"), &["copy"]);
            let first = page(&mut tx, &host, 2).await.unwrap();
            admit(&mut tx, ("justice", "copy"), 1, 40).await;
            let last = first.revisions.last().unwrap();
            (host.request.after_us, host.request.after_revision) = (last.admitted_us, last.revision.clone());
            let (rest, _) = read_through(&mut tx, host, 2).await;
            assert_eq!((first.revisions.len(), rest.len()), (2, 6), "{engine}");
            assert_eq!(rest.last().unwrap().revision, first.revisions[0].revision, "{engine}");
        }
    }

    #[tokio::test]
    async fn a_host_is_told_at_which_version_the_placement_of_each_service_is() {
        for (engine, database) in testkit::databases(store::MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            admitted(&mut tx).await;
            for (agency, service) in [("justice", "passport"), ("health", "copy"), ("justice", "passport")] {
                store::touch(&mut tx, agency, service).await.unwrap();
            }
            let (listed, _) = read_through(&mut tx, call("justice", Some("justice"), &[]), 3).await;
            let of = |service: &str| -> Vec<i64> {
                listed.iter().filter(|entry| entry.service == service).map(|entry| entry.placement).collect()
            };
            assert_eq!((of("passport"), of("copy")), (vec![2], vec![0; 7]), "{engine}");
        }
    }
}

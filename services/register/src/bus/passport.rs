//! The register to look at: a service's passport with its history, and descriptions for machines.

use std::sync::Arc;

use ::bus::Call;
use kernel::{Failure, Hash, Language};
use prost::Message;
use proto::register::v1::{
    DescribeServicesRequest, Descriptions, Passport, PassportRevision, ReadPassportRequest, ServiceDescription,
};
use sql::Tx;

use super::{Register, catalogue, read_definition};
use crate::{
    domain::{
        choice::{self, Entry},
        description, history, passport,
    },
    store,
};

/// Revisions on one page: each is compared with the one before it.
const REVISIONS_MAX: usize = 10;
/// Services on one page of descriptions, and how large it may become before the next one begins.
const SERVICES_MAX: usize = 100;
const PAGE_BYTES_MAX: usize = 400_000;

pub async fn read(register: Arc<Register>, call: Call<ReadPassportRequest>) -> Result<Passport, Failure> {
    let ReadPassportRequest { agency, service, language, before } = call.request;
    let language = Language::parse(&language)?;
    let mut tx = register.database.read().await?;
    let mut entries = store::entries(&mut tx, Some((&agency, &service))).await?;
    let shown = choice::current(&entries, &register.today(), register.shows_drafts());
    let current = shown.ok_or_else(unknown_service)?.revision;
    let owner = register.agency(&mut tx, &agency).await?;
    let definition = register.definition(&mut tx, current).await?;
    let reader = (language, register.clock.now(), register.shows_drafts());
    let told = passport::passport(&definition, current, &owner, reader);
    let closed = store::placement(&mut tx, &agency, &service).await?.closed;
    let page = told.page.map(|page| proto::register::v1::ServicePage { closed, ..page });
    entries.retain(|entry| register.shows_drafts() || !entry.draft);
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.admitted));
    let (revisions, older) = revisions(&mut tx, &entries, (&before, current), language).await?;
    Ok(Passport { page, revisions, older, ..told })
}

/// A page of the history, the newest first, and whether there is more of it.
async fn revisions(
    tx: &mut Tx,
    entries: &[Entry],
    (before, current): (&[u8], Hash),
    language: Language,
) -> Result<(Vec<PassportRevision>, bool), Failure> {
    let begin = match before {
        [] => 0,
        place => {
            let place = Hash::from_slice(place)?;
            entries.iter().position(|entry| entry.revision == place).map_or(entries.len(), |at| at + 1)
        }
    };
    let rest = entries.get(begin..).unwrap_or_default();
    let mut told = Vec::new();
    let mut newer = match rest.first() {
        Some(entry) => Some(read_definition(tx, entry.revision).await?),
        None => None,
    };
    for (index, entry) in rest.iter().take(REVISIONS_MAX).enumerate() {
        let older = match rest.get(index + 1) {
            Some(older) => Some(read_definition(tx, older.revision).await?),
            None => None,
        };
        let (changes, untold) = match (&older, &newer) {
            (Some(older), Some(newer)) => history::changes(older, newer, language),
            _ => (Vec::new(), 0),
        };
        told.push(passport::revision(entry, current, (changes, untold)));
        newer = older;
    }
    Ok((told, rest.len() > REVISIONS_MAX))
}

pub async fn describe(register: Arc<Register>, call: Call<DescribeServicesRequest>) -> Result<Descriptions, Failure> {
    let DescribeServicesRequest { agency, service, after } = call.request;
    let mut tx = register.database.read().await?;
    if service.is_empty() {
        return described(&register, &mut tx, &after).await;
    }
    let entries = store::entries(&mut tx, Some((&agency, &service))).await?;
    let entry = choice::current(&entries, &register.today(), register.shows_drafts()).ok_or_else(unknown_service)?;
    let owner = register.agency(&mut tx, &agency).await?;
    let definition = register.definition(&mut tx, entry.revision).await?;
    let one = description::description(&definition, entry, &owner, (register.clock.now(), true));
    Ok(Descriptions { services: vec![one], next: String::new() })
}

/// Everything in the catalogue, in the order of agency and service.
async fn described(register: &Register, tx: &mut Tx, after: &str) -> Result<Descriptions, Failure> {
    let agencies = catalogue::agencies(tx).await?;
    let listed = catalogue::listed(register, tx).await?;
    let now = register.clock.now();
    let mut known: Vec<_> = listed.into_iter().map(|listed| (place(&listed.entry), listed)).collect();
    known.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut page = Descriptions::default();
    let mut bytes = 0;
    for (_, listed) in known.iter().filter(|(place, _)| place.as_str() > after) {
        let Some(owner) = agencies.get(&listed.entry.agency) else { continue };
        let one: ServiceDescription = description::description(&listed.definition, &listed.entry, owner, (now, false));
        bytes += one.encoded_len();
        let full = page.services.len() == SERVICES_MAX || bytes > PAGE_BYTES_MAX;
        if full && let Some(last) = page.services.last() {
            page.next = format!("{}/{}", last.agency, last.service);
            return Ok(page);
        }
        page.services.push(one);
    }
    Ok(page)
}

/// Where a service stands among all of them.
fn place(entry: &Entry) -> String {
    format!("{}/{}", entry.agency, entry.service)
}

pub fn unknown_service() -> Failure {
    Failure::not_found("service.unknown", "There is no such service.")
}

#[cfg(test)]
mod tests {
    use kernel::Time;
    use serde_json::json;

    use super::*;
    use crate::store::Admission;

    fn admission(number: i64) -> Admission {
        let definition = json!({
            "apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceDefinition",
            "metadata": { "name": "copy", "namespace": "justice" },
            "spec": { "agency": "justice", "level": "listed", "title": { "en": format!("Copy {number}") } }
        });
        let definition = definition.to_string().into_bytes();
        Admission {
            entry: Entry {
                revision: Hash::of(&definition),
                agency: "justice".into(),
                service: "copy".into(),
                admitted: Time::from_micros(number),
                effective_from: String::new(),
                draft: false,
                share: 100,
                placed: Time::from_micros(number),
                change: "presentation".into(),
                reason: String::new(),
            },
            definition,
            signature: String::new(),
        }
    }

    #[tokio::test]
    async fn the_history_says_of_each_revision_what_it_changed_page_by_page_to_the_first() {
        for (engine, database) in testkit::databases(store::MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            for number in 1..=12 {
                store::put(&mut tx, &admission(number)).await.unwrap();
            }
            let mut entries = store::entries(&mut tx, Some(("justice", "copy"))).await.unwrap();
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.admitted));
            let current = entries[0].revision;
            let read = async |tx: &mut Tx, before: &[u8]| {
                revisions(tx, &entries, (before, current), Language::En).await.unwrap()
            };
            let (first, more) = read(&mut tx, &[]).await;
            assert_eq!((first.len(), more, first[0].current, first[1].current), (10, true, true, false), "{engine}");
            assert!(first.iter().all(|revision| revision.changes.len() == 1), "{engine}");
            assert_eq!(first[9].changes[0].section, "title", "{engine}");
            let (rest, more) = read(&mut tx, &first[9].revision).await;
            assert_eq!((rest.len(), more, rest[0].admitted_us), (2, false, 2), "{engine}");
            assert!(rest[1].changes.is_empty(), "{engine}: there was nothing before the first");
            let (none, more) = read(&mut tx, &Hash::of(b"unknown").to_vec()).await;
            assert_eq!((none.len(), more), (0, false), "{engine}");
        }
    }
}

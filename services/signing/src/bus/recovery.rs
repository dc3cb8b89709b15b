//! What signing tells about cases after a restore, and what becomes of documents that a case does not know of any more.

use std::{collections::BTreeMap, sync::Arc};

use ::bus::recovery::{Keeper, Wanted};
use async_trait::async_trait;
use kernel::{
    Failure, Time,
    id::{CaseId, DocumentId},
};
use process::calendar::civil_date;
use proto::{KnownCase, KnownSeal, KnownThing, Ruling};
use sql::{Tx, audit};

use super::Office;
use crate::{
    domain::number,
    store::{documents, restored, seals},
};

pub struct Recovered(pub Arc<Office>);

#[async_trait]
impl Keeper for Recovered {
    async fn known(&self, tx: &mut Tx, wanted: &Wanted) -> Result<Vec<KnownCase>, Failure> {
        let mut known: BTreeMap<CaseId, KnownCase> = BTreeMap::new();
        for told in restored::of_cases(tx, &wanted.after, wanted.limit).await? {
            let thing = KnownThing {
                kind: "document".to_owned(),
                id: told.id.to_vec(),
                state: told.status,
                name: told.number,
                ..KnownThing::default()
            };
            let case = known.entry(told.case).or_default();
            (case.case_id, case.agency, case.service) = (told.case.to_vec(), told.owner, told.service);
            case.things.push(thing);
        }
        Ok(known.into_values().collect())
    }

    async fn withdrawn_seals(&self, tx: &mut Tx) -> Result<Vec<KnownSeal>, Failure> {
        Ok(seals::withdrawn(tx).await?)
    }

    async fn put_right(&self, ruling: &Ruling) -> Result<(), Failure> {
        match ruling.code.as_str() {
            "recovery.document-unknown" => unclaim(&self.0, ruling).await,
            "recovery.document-lost" => skip_number(&self.0, ruling).await,
            _ => Ok(()),
        }
    }
}

/// It stays as it is, in whoever's hands: issued again, the new one takes its place.
async fn unclaim(office: &Office, ruling: &Ruling) -> Result<(), Failure> {
    let (case, id) = (CaseId::from_slice(&ruling.case_id)?, DocumentId::from_slice(&ruling.thing)?);
    let now = office.clock.now();
    let mut tx = office.database.begin().await?;
    if !restored::unclaim(&mut tx, case, id, now).await? {
        return Ok(());
    }
    audit::append(&mut tx, &act("document.unclaimed", id, &ruling.agency, now)).await?;
    Ok(tx.commit().await?)
}

/// What was printed on a document that was lost is not printed on another one.
async fn skip_number(office: &Office, ruling: &Ruling) -> Result<(), Failure> {
    let mut tx = office.database.begin().await?;
    let mut given = restored::given(&mut tx, &ruling.agency).await?;
    let year = i64::from(civil_date(office.clock.now()).year());
    if given.iter().all(|(of, pattern, _)| (*of, pattern.as_str()) != (year, number::STANDARD)) {
        given.push((year, number::STANDARD.to_owned(), 0));
    }
    for (year, pattern, last) in given {
        if let Some(count) = number::count(&pattern, &ruling.agency, year, &ruling.number)
            && count > last
        {
            restored::skip(&mut tx, &ruling.agency, year, &pattern, count).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// What a case issues takes the place of what it issued in a life that was lost: no two of them count.
pub async fn supersede(
    tx: &mut Tx,
    (case, kind): (CaseId, &str),
    by: DocumentId,
    agency: &str,
    now: Time,
) -> Result<(), Failure> {
    for id in restored::unclaimed(tx, case, kind).await? {
        documents::withdraw(tx, id, "superseded", "restored", Some(by), now).await?;
        audit::append(tx, &act("document.withdrawn", id, agency, now)).await?;
    }
    Ok(())
}

fn act(name: &str, document: DocumentId, agency: &str, now: Time) -> audit::Act {
    audit::Act {
        time: now,
        service_actor: Some("signing".into()),
        act: name.into(),
        subject: document.to_vec(),
        agency: agency.to_owned(),
        purpose: Some("recovery".into()),
        detail: "{}".into(),
        ..audit::Act::default()
    }
}

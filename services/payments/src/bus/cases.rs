//! Follows e-services' cases to their end, where the reconciler judges what became of the money, and to their erasure.

use std::{collections::BTreeSet, time::Duration};

use kernel::{BoxFuture, CaseId, Failure, Hash};
use proto::eservice::v1::{CaseChanged, CaseErased};

use super::Office;
use crate::store::{
    endings::{self, Ending},
    instructions, intents, parties,
};

pub fn follow(bus: &bus::Bus, office: &Office, kit: &boot::Kit, judge_after: Duration) {
    let clock = office.desk.clock.clone();
    bus::consume(bus, &office.database, kit, "eservice", move |tx, event| -> BoxFuture<'_, Result<(), Failure>> {
        let now = clock.now();
        Box::pin(async move {
            if event.is::<CaseErased>() {
                return erase(tx, &event.decode()?).await;
            }
            if !event.is::<CaseChanged>() {
                return Ok(());
            }
            let changed: CaseChanged = event.decode()?;
            let Some(case) = &changed.case else { return Ok(()) };
            named(tx, CaseId::from_slice(&case.case_id)?, &changed).await?;
            if changed.phase != "ended" {
                return Ok(());
            }
            let ending = Ending {
                case: CaseId::from_slice(&case.case_id)?,
                revision: Hash::from_slice(&case.revision)?,
                outcome: changed.outcome,
                delivered: changed.delivered,
            };
            endings::insert(tx, &ending, now, now.plus(judge_after)).await
        })
    });
}

/// Whom the case names from now on: whoever applied, whoever acts or acted for them, whoever is asked, whom it is about, and
/// everybody whose number stands in it.
pub async fn named(tx: &mut sql::Tx, case: CaseId, changed: &CaseChanged) -> Result<(), Failure> {
    let mut people: BTreeSet<&[u8]> = changed.parties.iter().map(Vec::as_slice).collect();
    people.extend([changed.applicant.as_slice(), changed.representative.as_slice()]);
    people.extend(changed.asked.iter().map(|asked| asked.person.as_slice()));
    people.extend(changed.kept_off.iter().chain(&changed.subjects).map(Vec::as_slice));
    people.retain(|person| !person.is_empty());
    parties::replace(tx, case, &people).await
}

/// Postings, amounts, times and what providers said stay, as the law on accounting asks; who it was goes.
pub async fn erase(tx: &mut sql::Tx, erased: &CaseErased) -> Result<(), Failure> {
    let of = erased.case.clone().unwrap_or_default();
    let case = CaseId::from_slice(&of.case_id)?;
    intents::erase(tx, case).await?;
    instructions::erase(tx, case).await?;
    parties::erase(tx, case).await?;
    sql::outbox::erase(tx, case).await?;
    for action in &erased.actions {
        sql::answers::erase(tx, sql::Action::of_service(&of.agency, &of.service, action)).await?;
    }
    tx.destroys();
    Ok(())
}

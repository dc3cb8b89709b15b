//! What payments tells about cases after a restore, and what it does with money that a case does not know of any more.

use async_trait::async_trait;
use bus::recovery::{Keeper, Wanted};
use kernel::{CaseId, Failure, IntentId};
use proto::{KnownCase, KnownThing, Ruling};

use super::{Office, money};
use crate::{
    domain::intent::{Closing, Intent, State},
    store::{self, restored},
};

pub struct Recovered(pub Office);

#[async_trait]
impl Keeper for Recovered {
    async fn known(&self, tx: &mut sql::Tx, wanted: &Wanted) -> Result<Vec<KnownCase>, Failure> {
        let mut known = Vec::new();
        for case in restored::cases(tx, &wanted.after, wanted.limit).await? {
            let intents = store::intents::of_case(tx, case).await?;
            let first = intents.first();
            let mut things: Vec<KnownThing> = intents.iter().map(thing).collect();
            if restored::has_ended(tx, case).await? {
                things.push(KnownThing { kind: "ending".to_owned(), ..KnownThing::default() });
            }
            known.push(KnownCase {
                case_id: case.to_vec(),
                agency: first.map(|intent| intent.case.agency.clone()).unwrap_or_default(),
                service: first.map(|intent| intent.case.service.clone()).unwrap_or_default(),
                number: first.map(|intent| intent.number.clone()).unwrap_or_default(),
                things,
                ..KnownCase::default()
            });
        }
        Ok(known)
    }

    async fn put_right(&self, ruling: &Ruling) -> Result<(), Failure> {
        let now = self.0.desk.now();
        match ruling.code.as_str() {
            "recovery.payment-unknown" => set_aside(&self.0, ruling, now.plus(self.0.keep_restored)).await,
            // Nobody can ask for it again.
            "recovery.payment-without-case" => set_aside(&self.0, ruling, now).await,
            "recovery.ending-unknown" => {
                let mut tx = self.0.database.begin().await?;
                restored::forget_ending(&mut tx, CaseId::from_slice(&ruling.case_id)?).await?;
                Ok(tx.commit().await?)
            }
            _ => Ok(()),
        }
    }
}

fn thing(intent: &Intent) -> KnownThing {
    let captured = intent.state == State::Captured;
    KnownThing {
        kind: "intent".to_owned(),
        id: intent.id.to_vec(),
        state: intent.state.as_str().to_owned(),
        name: intent.fee.clone(),
        amount: captured.then(|| money(intent.amount)),
    }
}

/// Nobody pays it any more. What it holds, or will hold because a provider is at it, counts for the case or goes back.
async fn set_aside(office: &Office, ruling: &Ruling, due: kernel::Time) -> Result<(), Failure> {
    let id = IntentId::from_slice(&ruling.thing)?;
    let mut tx = office.database.begin().await?;
    let intent = store::intents::find(&mut tx, id).await?.filter(|intent| intent.case.id.to_vec() == ruling.case_id);
    let Some(intent) = intent else {
        return Err(Failure::not_found("payment.unknown", "There is no such payment of that case."));
    };
    if !restored::note(&mut tx, &intent, due).await? {
        return Ok(());
    }
    let intent = office.desk.close(&mut tx, id, Closing::Withdrawal).await?;
    let held = store::ledger::held_by_agencies(&mut tx, id).await?;
    let held: i64 = held.iter().map(|share| share.amount).sum();
    if held > 0 {
        store::findings::record(&mut tx, &restored::finding(id, held), &intent.case, office.desk.now()).await?;
    }
    Ok(tx.commit().await?)
}

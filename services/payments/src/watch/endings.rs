//! Finds money that was taken by cases which ended without delivering, refunding or earning it, and gives it back.

use std::time::Duration;

use api::ServiceDefinition;
use kernel::Failure;

use super::{BATCH, note};
use crate::{
    bus::Office,
    desk::Wish,
    domain::{
        intent::{Closing, Intent, State},
        served::{Earned, Ending as Served, may_keep},
    },
    store::{self, endings::Ending, findings::Finding},
};

/// When a case is judged again while a provider still holds money for it, or its definition cannot be had.
const LATER: Duration = Duration::from_secs(600);

pub async fn round(office: &Office) -> Result<(), Failure> {
    let mut tx = office.database.read().await?;
    let due = store::endings::due(&mut tx, office.desk.now(), BATCH).await?;
    drop(tx);
    for ending in due {
        note("ending", judge(office, &ending).await);
    }
    Ok(())
}

async fn judge(office: &Office, ending: &Ending) -> Result<(), Failure> {
    let now = office.desk.now();
    let mut tx = office.database.read().await?;
    let intents = store::intents::of_case(&mut tx, ending.case).await?;
    drop(tx);
    let definition = match intents.is_empty() {
        true => None,
        false => match office.revisions.find(ending.revision).await {
            Ok(definition) => Some(definition),
            Err(failure) => {
                let mut tx = office.database.begin().await?;
                store::endings::judge_at(&mut tx, ending.case, Some(now.plus(LATER))).await?;
                tx.commit().await?;
                return Err(failure);
            }
        },
    };
    let mut tx = office.database.begin().await?;
    let mut decided = true;
    for intent in &intents {
        // Nothing more is to be paid for a case that is over.
        let intent = office.desk.close(&mut tx, intent.id, Closing::Withdrawal).await?;
        decided &= intent.state != State::Open;
        if let Some(definition) = &definition {
            settle(office, &mut tx, definition, ending, &intent).await?;
        }
    }
    let again = (!decided).then(|| now.plus(LATER));
    store::endings::judge_at(&mut tx, ending.case, again).await?;
    tx.commit().await?;
    Ok(())
}

async fn settle(
    office: &Office,
    tx: &mut sql::Tx,
    definition: &ServiceDefinition,
    ending: &Ending,
    intent: &Intent,
) -> Result<(), Failure> {
    let left = office.desk.left(tx, intent.id).await?;
    let left: i64 = left.iter().map(|share| share.amount).sum();
    if left == 0 {
        return Ok(());
    }
    let promised = promised(definition, &ending.outcome);
    let served = Served { promised: &promised, delivered: &ending.delivered };
    if may_keep(earned(definition, &intent.fee), served) {
        return Ok(());
    }
    office.desk.refund(tx, intent.id, Wish::Everything, "not-delivered").await?;
    let finding = Finding {
        code: "payment.not-delivered",
        intent: intent.id,
        about: intent.id.to_vec(),
        amount: left,
        repaired: true,
        note: "the case ended without its result and without a refund; the money is being given back",
    };
    store::findings::record(tx, &finding, &intent.case, office.desk.now()).await?;
    Ok(())
}

fn promised(definition: &ServiceDefinition, outcome: &str) -> Vec<String> {
    let steps = definition.spec.process.iter().flat_map(|process| &process.steps);
    let ends = steps.filter_map(|step| step.end.as_ref());
    let delivers = ends.filter(|end| end.outcome == outcome).flat_map(|end| end.delivers.iter().cloned());
    delivers.collect()
}

fn earned(definition: &ServiceDefinition, fee: &str) -> Earned {
    let fee = definition.spec.fees.iter().find(|known| known.name == fee);
    match fee.map(|fee| fee.earned) {
        Some(api::Earned::OnReview | api::Earned::OnSubmission) => Earned::Earlier,
        Some(api::Earned::OnResult) | None => Earned::OnResult,
    }
}

//! `close-intent`: asks for a verdict. While a provider holds money the state stays `open` and the verdict follows as an event.

use kernel::{Failure, IntentId};
use proto::payments::v1::{CloseIntentRequest, Intent};

use super::{Office, action_of, asked_for, keep, recall, reply};
use crate::{desk::unknown_intent, domain::intent::Closing, store};

pub async fn handle(office: &Office, call: bus::Call<CloseIntentRequest>) -> Result<Intent, Failure> {
    let request = &call.request;
    let (case, action, _) = action_of(request.action.as_ref(), &call.agency)?;
    let id = IntentId::from_slice(&request.intent)?;
    let asked = asked_for(&case, &action);
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, asked, &call.body_hash).await? {
        return Ok(kept);
    }
    let intent = store::intents::find(&mut tx, id).await?;
    if !intent.is_some_and(|intent| intent.case == case) {
        return Err(unknown_intent());
    }
    let why = Closing::from_reason(&request.reason);
    let intent = office.desk.close(&mut tx, id, why).await?;
    let answer = reply(&intent);
    keep(&mut tx, asked, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

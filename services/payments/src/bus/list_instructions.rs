//! `list-instructions`: what waits for the second person.

use kernel::Failure;
use proto::payments::v1::{Instructions, ListInstructionsRequest};

use super::{
    Office,
    finance::{WAITING, admitted, cut, note_look, scope, shown},
    treasurer::noted,
};
use crate::{
    domain::instruction::{Verdict, WAITS},
    store,
};

const INSTRUCTIONS_MAX: i64 = 100;
const LAPSED_MAX: i64 = 25;

pub async fn handle(office: &Office, call: bus::Call<ListInstructionsRequest>) -> Result<Instructions, Failure> {
    let person = call.person()?;
    let allowed = admitted(office, person, &call.agency).await;
    noted(office, person, (&call.agency, &[]), allowed).await?;
    let mut tx = office.database.read().await?;
    let waiting = store::instructions::waiting(&mut tx, scope(&call.agency), INSTRUCTIONS_MAX + 1).await?;
    let (waiting, more) = cut(waiting, INSTRUCTIONS_MAX);
    let mut instructions = Vec::new();
    for given in &waiting {
        instructions.push(shown(&mut tx, given, person, WAITING).await?);
    }
    let since = office.desk.now().minus(WAITS);
    let mut lapsed = Vec::new();
    for given in store::instructions::lapsed(&mut tx, scope(&call.agency), since, LAPSED_MAX).await? {
        lapsed.push(shown(&mut tx, &given, person, Verdict::Lapsed.as_str()).await?);
    }
    drop(tx);
    let detail = serde_json::json!({"instructions": instructions.len()});
    note_look(office, person, (&call.agency, "payment.instructions-listed", &[]), &detail).await?;
    Ok(Instructions { instructions, more, lapsed })
}

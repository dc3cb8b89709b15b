//! `read-receipt`: the receipt of a payment or a refund, for its payer and for whoever looks after the agency's money.

use kernel::{Failure, Language, PersonId};
use proto::{
    payments::v1::{ReadReceiptRequest, ReceiptChunk},
    signing,
};
use serde_json::json;

use super::{
    Office,
    finance::{admitted, note_look, scope},
    receipts::order,
    standing::may_pay,
    treasurer::noted,
};
use crate::{
    domain::receipt::{Number, Receipt},
    store::{
        found::{self, Found},
        receipts,
    },
};

pub async fn handle(office: &Office, call: bus::Call<ReadReceiptRequest>) -> Result<ReceiptChunk, Failure> {
    let (request, person) = (&call.request, call.person()?);
    let language = Language::parse(&request.language)?;
    let found = asked_for(office, &call).await;
    let (receipt, found) = noted(office, person, (&call.agency, &[]), found).await?;
    let intent = &found.intent;
    if request.offset == 0 {
        let detail = json!({"case": intent.case.id, "receipt": receipt.number.to_string()});
        // Whoever reads for the payer is named beside them, also a director, whose session speaks as the company.
        let detail = match person.officer || intent.payer == person.actor {
            true => detail,
            false => json!({
                "case": intent.case.id, "receipt": receipt.number.to_string(), "applicant": intent.payer,
                "representative": person.actor,
            }),
        };
        let about = (intent.case.agency.as_str(), "payment.receipt-read", intent.id.as_bytes().as_slice());
        note_look(office, person, about, &detail).await?;
    }
    let order = order(intent, &receipt, found.telling(), language);
    let made = office.receipts.made(&intent.case.agency, &order).await?;
    let wanted = signing::v1::ReadReceiptRequest { document_id: made.document_id, offset: request.offset };
    let chunk = office.receipts.chunk(&intent.case.agency, &wanted).await?;
    Ok(ReceiptChunk { bytes: chunk.bytes, size: chunk.size, file_name: chunk.file_name })
}

/// Another's, an unknown one, one of an erased case and one that is not this person's to see look alike.
async fn asked_for(office: &Office, call: &bus::Call<ReadReceiptRequest>) -> Result<(Receipt, Found), Failure> {
    let person = call.person()?;
    if person.officer {
        admitted(office, person, &call.agency).await?;
    }
    let number = Number::parse(&call.request.number).ok_or_else(unknown)?;
    let mut tx = office.database.read().await?;
    let receipt = receipts::find(&mut tx, &number).await?.ok_or_else(unknown)?;
    let found = found::whole(&mut tx, receipt.intent).await?.ok_or_else(unknown)?;
    drop(tx);
    let intent = &found.intent;
    let allowed = match person.officer {
        true => scope(&call.agency).is_none_or(|agency| agency == intent.case.agency),
        false => may_pay(office, intent, person).await?,
    };
    if !allowed || intent.payer == PersonId::from_bytes([0; 16]) {
        return Err(unknown());
    }
    Ok((receipt, found))
}

fn unknown() -> Failure {
    Failure::not_found("payment.unknown-receipt", "There is no such receipt, or it is not yours to see.")
}

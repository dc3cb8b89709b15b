//! `read-till`: the counter as its cashier sees it, and the open payments of a number.

use bus::Call;
use kernel::Failure;
use proto::payments::v1::{DuePayment, OfficeCash, ReadTillRequest, Till};

use super::{
    Office,
    finance::{has_part, note_look, uzs},
    money,
    till::{seated, shown},
    treasurer::noted,
};
use crate::store::{intents, tills};

const TERM_CHARS_MAX: usize = 100;
const SHIFTS_MAX: i64 = 20;
const DUE_MAX: i64 = 20;

pub async fn handle(office: &Office, call: Call<ReadTillRequest>) -> Result<Till, Failure> {
    let person = call.person()?;
    let allowed = seated(office, person, &call.agency).await;
    let seat = noted(office, person, (&call.agency, &[]), allowed).await?;
    let term = call.request.term.trim();
    if term.chars().count() > TERM_CHARS_MAX {
        return Err(Failure::invalid("payment.search", "Write the number of a payment or an application."));
    }
    let mut tx = office.database.read().await?;
    let mut shifts = Vec::new();
    for shift in tills::open_ones(&mut tx, &call.agency, SHIFTS_MAX).await? {
        if seat.sees(&shift.office) {
            shifts.push(shown(&mut tx, &shift, (person, &seat)).await?);
        }
    }
    // Who only answers for an office takes no money.
    let looks = !term.is_empty() && (seat.treasurer || !seat.offices.is_empty());
    let open = match looks {
        true => intents::open_by(&mut tx, &call.agency, term, DUE_MAX).await?,
        false => Vec::new(),
    };
    let held = match seat.treasurer {
        true => tills::held(&mut tx, &call.agency).await?,
        false => Vec::new(),
    };
    drop(tx);
    let mut due = Vec::new();
    for intent in open {
        // Nobody takes their own money, and nobody is told that it is there to be taken.
        if has_part(office, (person, &seat.officer), &intent).await? {
            continue;
        }
        due.push(DuePayment {
            intent: intent.id.to_vec(),
            number: intent.number,
            service: intent.case.service,
            fee: intent.fee,
            amount: Some(money(intent.amount)),
        });
    }
    let detail = serde_json::json!({"number": !term.is_empty(), "found": due.len()});
    note_look(office, person, (&call.agency, "payment.till-read", &[]), &detail).await?;
    let cash = held.into_iter().map(|(office, amount)| OfficeCash { office, amount: uzs(amount) }).collect();
    Ok(Till { offices: seat.offices.into_iter().collect(), shifts, due, cash })
}

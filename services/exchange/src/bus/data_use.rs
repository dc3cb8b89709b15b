//! "Who looked at my data": the signed-in person's own rows.

use bus::Call;
use kernel::Failure;
use proto::exchange::v1::{DataUse, DataUseRow, ListDataUseRequest};

use crate::{Exchange, store};

const ROWS_MAX: i64 = 100;

pub async fn list(exchange: &Exchange, call: Call<ListDataUseRequest>) -> Result<DataUse, Failure> {
    let person = call.person()?.id;
    let before = match call.request.after.as_str() {
        "" => i64::MAX,
        text => text.parse().map_err(|_| Failure::invalid("exchange.page", "There is no such page."))?,
    };
    let limit = i64::from(call.request.limit).clamp(1, ROWS_MAX);
    let mut tx = exchange.database.read().await?;
    let used = store::data_use::of_person(&mut tx, person, before, limit).await?;
    let full = i64::try_from(used.len()).is_ok_and(|count| count == limit);
    let next = used.last().filter(|_| full).map(|(id, _)| id.to_string()).unwrap_or_default();
    let rows = used
        .into_iter()
        .map(|(_, used)| DataUseRow {
            time_us: used.time.micros(),
            asking_agency: used.asking_agency,
            owner: used.owner,
            registry: used.registry,
            operation: used.operation,
            purpose: used.purpose,
            legal_basis: used.legal_basis,
            case_id: used.case_id,
            outcome: used.outcome,
            fields: used.fields,
            actor: used.service,
        })
        .collect();
    Ok(DataUse { rows, next })
}

//! An auditor opens one act of a case: what was typed for it is told as long as the case has a key.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure};
use proto::eservice::v1::{Purpose, ReadPurposeRequest};
use sql::audit;

use super::stored;
use crate::{
    domain::{access, reason},
    host::Host,
};

/// The docket has judged the auditor and recorded what they do.
pub async fn read(host: Arc<Host>, call: Call<ReadPurposeRequest>) -> Result<Purpose, Failure> {
    let case = stored(&host, CaseId::from_slice(&call.request.case_id)?).await?;
    let mut tx = host.database.read().await?;
    let rows = audit::read(&mut tx, call.request.sequence.saturating_sub(1), 1).await?;
    drop(tx);
    let act = rows.into_iter().find(|row| row.sequence == call.request.sequence).map(|row| row.act);
    let act = act.filter(|act| act.subject == case.id.to_vec()).ok_or_else(access::not_found)?;
    let text = act.purpose.map(|kept| reason::open(&case.key, case.id, &kept)).transpose()?.unwrap_or_default();
    Ok(Purpose { text })
}

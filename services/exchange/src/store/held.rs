//! Cases on which a legal hold stands, as their hosts tell it.

use kernel::Time;
use proto::eservice::v1::CaseHeld;
use sql::{Error, Tx, args};

/// What was told last of a case counts.
pub async fn hear(tx: &mut Tx, told: &CaseHeld) -> Result<(), Error> {
    let case = told.case.clone().unwrap_or_default().case_id;
    forget(tx, &case).await?;
    if told.stands {
        let until = (told.until_us > 0).then(|| Time::from_micros(told.until_us));
        tx.execute("INSERT INTO held (case_id, until_us) VALUES ($1, $2)", args![&case, until]).await?;
    }
    Ok(())
}

/// Its case was erased: no hold stands on it any more.
pub async fn forget(tx: &mut Tx, case: &[u8]) -> Result<(), Error> {
    tx.execute("DELETE FROM held WHERE case_id = $1", args![case]).await?;
    Ok(())
}

//! Gives money its receipt in the transaction that moves it; what has one keeps it.

use kernel::{Failure, RefundId};
use process::calendar::civil_date;

use super::Desk;
use crate::{
    domain::{intent::Intent, receipt::Receipt},
    store,
};

impl Desk {
    /// `refund`: none for the payment itself.
    pub(super) async fn give_receipt(
        &self,
        tx: &mut sql::Tx,
        intent: &Intent,
        refund: Option<RefundId>,
        amount: i64,
    ) -> Result<(), Failure> {
        let now = self.now();
        let number = store::receipts::next(tx, &intent.case.agency, civil_date(now).year()).await?;
        store::receipts::insert(tx, &Receipt { number, intent: intent.id, refund, amount, time: now }).await
    }
}

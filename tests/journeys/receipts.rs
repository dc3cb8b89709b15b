//! What the payment provider's counterpart holds about a case.

use kernel::CaseId;
use serde_json::Value;
use tests::{platform::Platform, traces::Traces};

/// States of a receipt, as Payme numbers them.
pub const PAID: i64 = 4;
pub const CANCELLED: i64 = 50;

/// The receipts of a case: its payment intents are the orders that people pay for.
pub async fn of_case(platform: &Platform, traces: &Traces, case: CaseId) -> Vec<Value> {
    let intents = traces.texts("payments", case, "SELECT lower(hex(intent)) FROM intent WHERE case_id = $1").await;
    let told = platform.ask("payme/control").await;
    let receipts = told["receipts"].as_array().expect("the counterpart lists its receipts").clone();
    let ours = |receipt: &Value| intents.iter().any(|intent| receipt["account"]["order_id"] == intent.as_str());
    receipts.into_iter().filter(ours).collect()
}

/// Every call that was repeated got the same bytes.
pub fn repeats_are_identical(receipts: &[Value]) {
    for exchange in receipts.iter().flat_map(|receipt| receipt["exchanges"].as_array().cloned().unwrap_or_default()) {
        assert_ne!(exchange["identical"], false, "{exchange}");
    }
}

//! Has signing make a receipt of what stands in the books, and passes it on in chunks.

use async_trait::async_trait;
use kernel::{Failure, Language};
use proto::signing::v1::{
    DocumentChunk, IssueReceiptRequest, ReadReceiptRequest, Receipt as Made,
    operations::{ISSUE_RECEIPT, READ_RECEIPT},
};

use super::{OverBus, money};
use crate::{
    desk::case_ref,
    domain::{attempt::Attempt, intent::Intent, receipt::Receipt},
};

/// Who makes receipts: their form and their seal are not payments' own.
#[async_trait]
pub trait Receipts: Send + Sync {
    /// Made once in each language.
    async fn made(&self, agency: &str, request: &IssueReceiptRequest) -> Result<Made, Failure>;
    async fn chunk(&self, agency: &str, request: &ReadReceiptRequest) -> Result<DocumentChunk, Failure>;
}

#[async_trait]
impl Receipts for OverBus {
    async fn made(&self, agency: &str, request: &IssueReceiptRequest) -> Result<Made, Failure> {
        self.0.request(&ISSUE_RECEIPT, agency, request).await
    }

    async fn chunk(&self, agency: &str, request: &ReadReceiptRequest) -> Result<DocumentChunk, Failure> {
        self.0.request(&READ_RECEIPT, agency, request).await
    }
}

/// What signing is told: amounts from the books, nobody's name.
pub fn order(intent: &Intent, receipt: &Receipt, told: Option<&Attempt>, language: Language) -> IssueReceiptRequest {
    IssueReceiptRequest {
        case: Some(case_ref(intent)),
        number: receipt.number.to_string(),
        kind: receipt.kind().to_owned(),
        amount: Some(money(kernel::Money::uzs(receipt.amount))),
        time_us: receipt.time.micros(),
        fee: intent.fee.clone(),
        case_number: intent.number.clone(),
        provider: told.map(|attempt| attempt.provider.clone()).unwrap_or_default(),
        transaction: told.and_then(|attempt| attempt.transaction.clone()).unwrap_or_default(),
        language: language.tag().to_owned(),
        holder: intent.payer.to_vec(),
        representative: intent.representative.map_or_else(Vec::new, kernel::PersonId::to_vec),
    }
}

/// Answers with what it was asked.
#[cfg(test)]
pub struct Echo;

#[cfg(test)]
#[async_trait]
impl Receipts for Echo {
    async fn made(&self, _: &str, request: &IssueReceiptRequest) -> Result<Made, Failure> {
        let said = format!("{} {} {}", request.number, request.kind, request.language);
        Ok(Made { document_id: said.into_bytes(), size: 0 })
    }

    async fn chunk(&self, agency: &str, request: &ReadReceiptRequest) -> Result<DocumentChunk, Failure> {
        let bytes = request.document_id.clone();
        let (size, hash) = (i64::try_from(bytes.len()).unwrap_or(i64::MAX), kernel::Hash::of(&bytes).to_vec());
        Ok(DocumentChunk { bytes, size, file_name: format!("{agency}.pdf"), hash })
    }
}

//! Whether the other agencies that a fee is shared with have agreed to it: what their Grants in force give, as the exchange says.

use std::collections::BTreeSet;

use async_trait::async_trait;
use kernel::Failure;
use proto::exchange::v1::{JudgeQuestionsRequest, operations::JUDGE_QUESTIONS};

use super::{Office, OverBus};
use crate::{desk::Price, domain::intent::Case};

/// Who knows what agencies have agreed to.
#[async_trait]
pub trait Agreements: Send + Sync {
    /// Those of the agencies that take no share of what the case's service charges.
    async fn missing(&self, case: &Case, agencies: Vec<String>) -> Result<Vec<String>, Failure>;
}

#[async_trait]
impl Agreements for OverBus {
    async fn missing(&self, case: &Case, agencies: Vec<String>) -> Result<Vec<String>, Failure> {
        let request = JudgeQuestionsRequest {
            agency: case.agency.clone(),
            service: case.service.clone(),
            beneficiaries: agencies,
            ..JudgeQuestionsRequest::default()
        };
        let refusals = self.0.request(&JUDGE_QUESTIONS, case.agency.as_str(), &request).await?.refusals;
        Ok(refused(request.beneficiaries, &refusals))
    }
}

/// An exchange of the release before this one knows nothing of shares and answers nothing: nobody has agreed.
fn refused(agencies: Vec<String>, refusals: &[String]) -> Vec<String> {
    let agreed = |index: usize| refusals.get(index).is_some_and(String::is_empty);
    agencies.into_iter().enumerate().filter(|(index, _)| !agreed(*index)).map(|(_, agency)| agency).collect()
}

/// Agencies that have agreed; nobody else has.
#[cfg(test)]
#[derive(Default)]
pub struct Agreed(pub Vec<String>);

#[cfg(test)]
#[async_trait]
impl Agreements for Agreed {
    async fn missing(&self, _: &Case, mut agencies: Vec<String>) -> Result<Vec<String>, Failure> {
        agencies.retain(|agency| !self.0.contains(agency));
        Ok(agencies)
    }
}

/// Nobody pays for an agency that has not agreed. The case waits: the same request is right as soon as the agency's officers have
/// approved its Grant.
pub async fn judge(office: &Office, case: &Case, others: Vec<String>) -> Result<(), Failure> {
    let missing = office.agreements.missing(case, others).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let message = "An agency that gets a share of this fee has not agreed to it. Have its officers approve a Grant.";
    let (agency, service, missing) = (&case.agency, &case.service, missing.join(", "));
    let cause = format!("no Grant in force to {agency} for {service} gives `beneficiary`: {missing}");
    Err(Failure::unavailable("payment.not-agreed", message).because(cause))
}

/// Whoever gets something beside the case's own agency, each once. Of a fee that comes to nothing nobody gets a share.
pub fn others(agency: &str, price: &Price) -> Vec<String> {
    if price.amount.is_zero() {
        return Vec::new();
    }
    let named = price.shares.iter().filter(|(name, share)| name != agency && *share > 0);
    let others: BTreeSet<&String> = named.map(|(name, _)| name).collect();
    others.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use kernel::Money;

    use super::*;

    #[test]
    fn who_gets_nothing_is_asked_nothing_and_who_gets_two_parts_is_asked_once() {
        let named = |shares: &[(&str, u32)], tiyin: i64| {
            let shares = shares.iter().map(|(agency, share)| ((*agency).to_owned(), *share)).collect();
            let price = Price { amount: Money::uzs(tiyin), shares, arithmetic: serde_json::json!({}) };
            others("justice", &price)
        };
        let shares = [("justice", 70), ("land", 20), ("art", 0), ("land", 10), ("court", 1)];
        assert_eq!(named(&shares, 100), ["court", "land"]);
        assert!(named(&shares, 0).is_empty(), "waived");
        assert!(named(&[("justice", 100)], 100).is_empty());
    }

    #[test]
    fn what_the_exchange_does_not_say_is_no_agreement() {
        let asked = || vec!["court".to_owned(), "land".to_owned()];
        assert_eq!(refused(asked(), &[]), ["court", "land"]);
        assert_eq!(refused(asked(), &[String::new(), "exchange.no-grant".into()]), ["land"]);
        assert!(refused(asked(), &[String::new(), String::new()]).is_empty());
    }
}

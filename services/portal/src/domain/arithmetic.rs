//! How payments arrived at an amount: read from the evidence it keeps, so that a payer can follow it.

use std::collections::BTreeMap;

use kernel::Money;
use serde::Deserialize;

/// What is shown of the evidence; payments keeps more.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Arithmetic {
    /// The expression, as the definition writes it.
    #[serde(default)]
    pub formula: String,
    /// Reference values that were used.
    #[serde(default)]
    pub values: Vec<Used>,
    #[serde(default)]
    pub waiver: Option<Waiver>,
    /// What was paid before.
    #[serde(default)]
    pub credit: Option<Money>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Used {
    pub name: String,
    pub amount: Money,
    /// First day on which it holds (ISO 8601).
    #[serde(default)]
    pub from: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Waiver {
    /// By language.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
}

/// What cannot be read is not shown: the amount itself stands apart from it.
pub fn read(evidence: &[u8]) -> Arithmetic {
    serde_json::from_slice(evidence).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_and_its_values_are_read_and_nonsense_is_nothing() {
        let evidence = br#"{"fee": "duty", "formula": "percent(ref.bhm, '10')", "due": {"minor": 1, "currency": "UZS"},
            "values": [{"name": "bhm", "amount": {"minor": 41200000, "currency": "UZS"}, "from": "2026-08-01", "source": "s", "verified": false}]}"#;
        let shown = read(evidence);
        assert_eq!(shown.formula, "percent(ref.bhm, '10')");
        assert_eq!(shown.values[0].amount, Money::uzs(41_200_000));
        assert_eq!(read(b"not json"), Arithmetic::default());
    }
}

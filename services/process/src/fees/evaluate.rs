//! Evaluates one fee of a revision: used by the e-service to show it and by payments to ask for it, so both say the same.

use std::collections::BTreeMap;

use api::Fee;
use jiff::civil::Date;
use kernel::{Money, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Inputs;
use crate::{
    calendar::Calendar,
    expr::{self, Expr, Fault, Fields, Scope, Type, TypeEnv},
    process::{Process, office},
    reference::Reference,
};

/// A fee with everything that explains it: shown to people and kept as evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    pub fee: String,
    /// By language; empty when the definition gives none.
    pub title: BTreeMap<String, String>,
    /// What is due in all, before what was paid already.
    pub amount: Money,
    /// The expression that gave the amount, as the definition writes it.
    pub formula: String,
    /// What it would cost without the waiver.
    pub full: Money,
    pub values: Vec<Used>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<WaiverUsed>,
    /// Exact parts (largest remainder); they sum up to the amount.
    pub split: Vec<Part>,
    /// It rests on what the applicant declared, not on a registry.
    pub declared: bool,
}

/// A reference value that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    pub name: String,
    pub amount: Money,
    /// First day on which it holds (ISO 8601).
    pub from: String,
    pub source: String,
    pub verified: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaiverUsed {
    pub index: usize,
    pub title: BTreeMap<String, String>,
    /// The condition that held.
    pub when: String,
    /// `registry/operation`, when the facts must come from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    pub declared: bool,
    pub legal_basis: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub agency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    pub share: u32,
    pub amount: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct FeeFault {
    pub code: &'static str,
    pub message: String,
}

impl From<Fault> for FeeFault {
    fn from(fault: Fault) -> Self {
        Self { code: fault.code, message: fault.message }
    }
}

fn fault(code: &'static str, message: impl Into<String>) -> FeeFault {
    FeeFault { code, message: message.into() }
}

/// What the fee of this name costs for these inputs. The first waiver whose condition holds applies; one whose facts are not
/// there, or do not come from where the law wants them, does not.
pub fn charge(
    process: &Process,
    fee: &str,
    inputs: &Inputs,
    reference: &Reference,
    calendar: &Calendar,
) -> Result<Charge, FeeFault> {
    let known = process.definition().fee(fee);
    let fee = known.ok_or_else(|| fault("fee.unknown", format!("the revision has no fee `{fee}`")))?;
    let case = inputs.office.as_ref().map_or_else(|| json!({}), |office| json!({"office": office}));
    let applicant = Value::Object(inputs.applicant.clone());
    let scope = scope_of(inputs, &case, &applicant, reference, calendar);
    let judge = Judge { process, inputs, scope: &scope };
    let (full, mut values, mut declared) = judge.amount(&fee.amount)?;
    let waiver = judge.waiver(fee)?;
    let (amount, formula) = match &waiver {
        None => (full, fee.amount.clone()),
        Some(applied) => {
            declared |= applied.declared;
            match fee.waivers.get(applied.index).and_then(|waiver| waiver.amount.as_ref()) {
                None => (Money::ZERO, "money('0')".to_owned()),
                Some(source) => {
                    let (reduced, more, more_declared) = judge.amount(source)?;
                    values.extend(more);
                    declared |= more_declared;
                    (reduced, source.clone())
                }
            }
        }
    };
    if amount.minor < 0 {
        return Err(fault("fee.negative", format!("the fee `{}` comes out below zero", fee.name)));
    }
    values.sort_by(|a, b| (&a.name, &a.from).cmp(&(&b.name, &b.from)));
    values.dedup();
    Ok(Charge {
        fee: fee.name.clone(),
        title: texts(fee.title.as_ref()),
        amount,
        formula,
        full,
        values,
        waiver,
        split: split(fee, amount)?,
        declared,
    })
}

fn scope_of<'a>(
    inputs: &'a Inputs,
    case: &'a Value,
    applicant: &'a Value,
    reference: &'a Reference,
    calendar: &'a Calendar,
) -> Scope<'a> {
    let at: Time = inputs.as_of;
    Scope {
        data: &inputs.data,
        facts: &inputs.facts,
        case,
        applicant,
        now: at,
        as_of: at,
        reference,
        calendar,
        offices: &[],
    }
}

struct Judge<'a> {
    process: &'a Process,
    inputs: &'a Inputs,
    scope: &'a Scope<'a>,
}

impl<'a> Judge<'a> {
    fn expression(&self, source: &str) -> Result<&'a Expr, FeeFault> {
        let expression = self.process.expression(source);
        expression.ok_or_else(|| fault("fee.expression", "the expression is not part of the revision"))
    }

    fn amount(&self, source: &str) -> Result<(Money, Vec<Used>, bool), FeeFault> {
        let expression = self.expression(source)?;
        let evaluated = expression.eval_traced(self.scope)?;
        let used = evaluated.references.iter().map(|value| Used {
            name: value.name.clone(),
            amount: value.amount,
            from: Date::to_string(&value.from),
            source: value.source.clone(),
            verified: value.verified,
        });
        Ok((evaluated.value.as_money()?, used.collect(), self.is_declared(expression)))
    }

    /// Whether it rests on anything of the data that no registry gave, be it through the office that is responsible for it.
    fn is_declared(&self, expression: &Expr) -> bool {
        let by_office = expression.reads().iter().any(|path| path.starts_with("case.office"));
        let office =
            office::source(self.process).filter(|_| by_office).and_then(|source| self.process.expression(source));
        self.reads_declared(expression) || office.is_some_and(|office| self.reads_declared(office))
    }

    fn reads_declared(&self, expression: &Expr) -> bool {
        let sourced = |path: &str| {
            let sources = self.inputs.sources.keys();
            sources.into_iter().any(|source| path == source || path.starts_with(&format!("{source}.")))
        };
        let leaf = |path: &&String| {
            let beneath = format!("{path}.");
            !expression.reads().iter().any(|other| other.starts_with(&beneath))
        };
        expression.reads().iter().filter(leaf).any(|path| path.starts_with("data") && !sourced(path))
    }

    fn waiver(&self, fee: &Fee) -> Result<Option<WaiverUsed>, FeeFault> {
        for (index, waiver) in fee.waivers.iter().enumerate() {
            let expression = self.expression(&waiver.when)?;
            let sourced =
                waiver.from.as_ref().is_none_or(|from| self.inputs.sources.values().any(|source| source == from));
            if !sourced || expression.holds(self.scope) != Ok(true) {
                continue;
            }
            let legal_basis = waiver.legal_basis.as_ref().map(|basis| &basis.title);
            return Ok(Some(WaiverUsed {
                index,
                title: texts(waiver.title.as_ref()),
                when: waiver.when.clone(),
                from: waiver.from.clone(),
                declared: self.is_declared(expression),
                legal_basis: texts(legal_basis),
            }));
        }
        Ok(None)
    }
}

fn texts(text: Option<&api::Text>) -> BTreeMap<String, String> {
    let texts = text.into_iter().flat_map(api::Text::iter);
    texts.map(|(tag, text)| (tag.to_owned(), text.to_owned())).collect()
}

fn split(fee: &Fee, amount: Money) -> Result<Vec<Part>, FeeFault> {
    let shares: Vec<u32> = fee.to.iter().map(|to| to.share).collect();
    let parts = amount.split_by_shares(&shares);
    if parts.len() != fee.to.len() || parts.is_empty() {
        return Err(fault("fee.no-beneficiary", format!("the fee `{}` says nobody who gets it", fee.name)));
    }
    let parts = fee.to.iter().zip(parts).map(|(to, amount)| Part {
        agency: to.agency.clone(),
        account: to.account.clone(),
        share: to.share,
        amount,
    });
    Ok(parts.collect())
}

/// What everybody pays whom nothing spares; nothing when it depends on the answers.
pub fn standard_amount(fee: &Fee, at: Time) -> Option<Money> {
    let (reference, calendar) = (Reference::standard(), Calendar::standard());
    let names = reference.names().into_iter().map(|name| (name.to_owned(), Type::Money)).collect();
    let mut env = TypeEnv::default();
    env.variables.insert("ref".to_owned(), Type::Object(Fields { fields: names, open: false }.into()));
    let expression = expr::compile(&fee.amount, &env).ok()?;
    let nothing = json!({});
    let scope = Scope {
        data: &nothing,
        facts: &nothing,
        case: &nothing,
        applicant: &nothing,
        now: at,
        as_of: at,
        reference: &reference,
        calendar: &calendar,
        offices: &[],
    };
    expression.eval(&scope).ok()?.as_money().ok()
}

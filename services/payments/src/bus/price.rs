//! What a fee costs in this case: the revision's own formula over the sourced inputs, evaluated here and nowhere else.

use api::ServiceDefinition;
use kernel::Failure;
use process::{
    calendar::Calendar,
    fees::{self, FeeFault, Inputs},
    process::Process,
    reference::Reference,
};

use crate::desk::Price;

/// Effective-dated values and the calendar that formulas may read.
pub struct Law {
    pub reference: Reference,
    pub calendar: Calendar,
}

impl Law {
    pub fn standard() -> Self {
        Self { reference: Reference::standard(), calendar: Calendar::standard() }
    }
}

pub fn inputs(bytes: &[u8]) -> Result<Inputs, Failure> {
    // The error's text could repeat a value: it stays out, because inputs are personal data.
    serde_json::from_slice(bytes)
        .map_err(|_| Failure::invalid("payment.inputs", "The inputs of the fee cannot be read."))
}

pub fn of(definition: &ServiceDefinition, fee: &str, inputs: &Inputs, law: &Law) -> Result<Price, Failure> {
    let process = Process::compile(definition).map_err(|problems| {
        Failure::internal("payment.revision-unreadable", "The service's definition cannot be evaluated.")
            .with_detail(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    let charge = fees::charge(&process, fee, inputs, &law.reference, &law.calendar).map_err(|fault| refused(&fault))?;
    let shares = charge.split.iter().map(|part| (part.agency.clone(), part.share));
    Ok(Price { amount: charge.amount, shares: shares.collect(), arithmetic: serde_json::json!(charge) })
}

fn refused(fault: &FeeFault) -> Failure {
    Failure::invalid("payment.fee", "The fee cannot be worked out from what is known.").with_detail(fault.code)
}

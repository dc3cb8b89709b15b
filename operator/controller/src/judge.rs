//! The check of a resource as it is applied, with the code that `xizmat check` runs: at admission and at each look.

use process::check::{self, Options, Report};
use serde_json::Value;

use crate::outcome::{Stopped, unsound};

/// What the API server may be kept waiting for: a hundred milliseconds' worth of states. Past it the definition is let through, and the
/// controller proves it.
const STATES_AT_ADMISSION: usize = 20_000;

/// Everything that is to be said about it at once. Templates are compiled later, by the register.
pub fn report(resource: &Value) -> Report {
    let options = Options { states_max: Some(STATES_AT_ADMISSION), ..Options::default() };
    check::check_json(resource.to_string().as_bytes(), &options)
}

/// The resource's bytes, when nothing stands against it: for resources that are not services.
pub fn sound(resource: &Value) -> Result<Vec<u8>, Stopped> {
    let bytes = resource.to_string().into_bytes();
    let report = check::check_json(&bytes, &Options::default());
    if report.publishes() { Ok(bytes) } else { Err(unsound(&report.problems)) }
}

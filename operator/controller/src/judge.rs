//! The check of a resource as it is applied, with the code that `xizmat check` runs: at admission and at each look.

use process::check::{self, Options, Report};
use serde_json::Value;

use crate::outcome::{Stopped, unsound};

/// Everything that is to be said about it. Templates are compiled later, by the register.
pub fn report(resource: &Value) -> Report {
    check::check_json(resource.to_string().as_bytes(), &Options::default())
}

/// The resource's bytes, when nothing stands against it: for resources that are not services.
pub fn sound(resource: &Value) -> Result<Vec<u8>, Stopped> {
    let bytes = resource.to_string().into_bytes();
    let report = check::check_json(&bytes, &Options::default());
    if report.publishes() { Ok(bytes) } else { Err(unsound(&report.problems)) }
}

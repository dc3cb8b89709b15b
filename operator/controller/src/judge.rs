//! The check of resources that are not services, with the code that `xizmat check` runs.

use process::check::{self, Options};
use serde_json::Value;

use crate::outcome::{Stopped, unsound};

/// The resource's bytes, when nothing stands against it.
pub fn sound(resource: &Value) -> Result<Vec<u8>, Stopped> {
    let bytes = resource.to_string().into_bytes();
    let report = check::check_json(&bytes, &Options::default());
    if report.publishes() { Ok(bytes) } else { Err(unsound(&report.problems)) }
}

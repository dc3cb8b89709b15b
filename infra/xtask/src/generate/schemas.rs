//! JSON Schemas for editors, from the resource types.

use super::{Generated, Outcome};

pub fn generate() -> Outcome<Vec<Generated>> {
    Ok(Vec::new())
}

//! What the agency's resource says afterwards.

use super::validate::Sound;
use crate::outcome::{Done, Outcome};

pub fn done(agency: &Sound) -> Outcome {
    let message = format!("Services, registries and grants in the namespace `{}` are this agency's.", agency.name);
    Outcome::Done(Done { message, ..Done::default() })
}

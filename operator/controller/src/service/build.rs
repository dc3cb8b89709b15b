//! What a definition becomes. Nothing is asked here.

use super::validate::Sound;
use crate::{platform::Definition, rollout::EVERYBODY};

pub struct Wanted {
    pub definition: Vec<u8>,
    pub draft: bool,
    /// Whom a changed presentation is offered to at first, in percent.
    pub share: u32,
    /// First day on which submissions follow it (ISO 8601); empty: at once.
    pub from: String,
    /// Where citizens find it.
    pub url: String,
}

pub fn build(sound: Sound, agency: &str, portal: &str) -> Wanted {
    let url = format!("{}/services/{agency}/{}", portal.trim_end_matches('/'), sound.name);
    let share = sound.plan.map_or(EVERYBODY, |plan| plan.first());
    Wanted { definition: sound.definition, draft: sound.draft, share, from: sound.from, url }
}

impl Wanted {
    /// As it is told to the register.
    pub fn definition(&self) -> Definition {
        Definition { bytes: self.definition.clone(), draft: self.draft, share: self.share }
    }
}

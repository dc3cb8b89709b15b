//! What a definition becomes. Nothing is asked here.

use super::validate::Sound;

pub struct Wanted {
    pub definition: Vec<u8>,
    pub draft: bool,
    /// First day on which submissions follow it (ISO 8601); empty: at once.
    pub from: String,
    /// Where citizens find it.
    pub url: String,
}

pub fn build(sound: Sound, agency: &str, portal: &str) -> Wanted {
    let url = format!("{}/services/{agency}/{}", portal.trim_end_matches('/'), sound.name);
    Wanted { definition: sound.definition, draft: sound.draft, from: sound.from, url }
}

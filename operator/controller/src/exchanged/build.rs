//! What the exchange is told. Nothing is asked here.

use super::validate::Sound;

pub struct Wanted {
    pub resource: Vec<u8>,
}

pub fn build(sound: Sound) -> Wanted {
    Wanted { resource: sound.resource }
}

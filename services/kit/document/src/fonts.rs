//! The embedded fonts, read once: documents look the same on every machine.

use std::sync::LazyLock;

use typst::{
    foundations::Bytes,
    text::{Font, FontBook},
    utils::LazyHash,
};

pub struct Fonts {
    pub book: LazyHash<FontBook>,
    pub faces: Vec<Font>,
}

/// One embedded face (the bold italic) has Russian letters but not those of Uzbek and Karakalpak: a name set in it
/// would be patched together from two fonts. Without it, bold italics are set in the semibold.
fn has_our_letters(face: &Font) -> bool {
    let has = |letter: char| face.info().coverage.contains(u32::from(letter));
    !has('Ж') || (has('Қ') && has('ǵ'))
}

/// Covers Latin and Cyrillic with the letters of Uzbek and Karakalpak (a test reads each of them).
#[cfg(test)]
pub const TEXT_FAMILY: &str = "Libertinus Serif";

pub static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let every = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data)));
    let faces: Vec<Font> = every.filter(has_our_letters).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&faces)), faces }
});

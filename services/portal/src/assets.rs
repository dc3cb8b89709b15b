//! The style sheet and the script, built from `assets/` and kept in the binary.

include!("../assets/dist/assets.rs");

/// The two files by their hashed names.
pub const ALL: [&web::Asset; 2] = [&CSS_FILE, &JS_FILE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_holds_nothing_of_the_uk_state_and_the_script_stays_tiny() {
        let css = std::str::from_utf8(CSS_FILE.plain).unwrap();
        for foreign in ["GDS Transport", "@font-face", "url(", "crown"] {
            assert!(!css.contains(foreign), "{foreign}");
        }
        assert!(CSS_FILE.gzip.len() < 11_000, "{}", CSS_FILE.gzip.len());
        assert!(JS_FILE.plain.len() <= 2_000, "{}", JS_FILE.plain.len());
    }
}

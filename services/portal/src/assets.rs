//! The style sheet and the scripts, built from `assets/` and kept in the binary.

include!("../assets/dist/assets.rs");

/// All of them, by their hashed names.
pub const ALL: [&web::Asset; 3] = [&CSS_FILE, &JS_FILE, &UPLOAD_FILE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_holds_nothing_of_the_uk_state_and_the_scripts_stay_tiny() {
        let css = std::str::from_utf8(CSS_FILE.plain).unwrap();
        for foreign in ["GDS Transport", "@font-face", "url(", "crown"] {
            assert!(!css.contains(foreign), "{foreign}");
        }
        assert!(CSS_FILE.gzip.len() < 11_000, "{}", CSS_FILE.gzip.len());
        assert!(JS_FILE.plain.len() <= 2_000, "{}", JS_FILE.plain.len());
        assert!(UPLOAD_FILE.plain.len() <= 4_000, "{}", UPLOAD_FILE.plain.len());
    }
}

//! What the sign-in pages say, in five languages.

use std::sync::LazyLock;

use kernel::{Failure, Language};

const SOURCES: [(Language, &str); 5] = [
    (Language::Uz, include_str!("../locales/uz.ftl")),
    (Language::UzCyrl, include_str!("../locales/uz-Cyrl.ftl")),
    (Language::Kaa, include_str!("../locales/kaa.ftl")),
    (Language::Ru, include_str!("../locales/ru.ftl")),
    (Language::En, include_str!("../locales/en.ftl")),
];

static TEXTS: LazyLock<web::Texts> = LazyLock::new(|| web::Texts::new(&SOURCES));

/// The texts of one language, as a page uses them.
#[derive(Clone, Copy)]
pub struct Say(pub Language);

impl Say {
    pub fn get(&self, key: &str) -> String {
        TEXTS.get(self.0, key)
    }

    pub fn number(&self, key: &str, name: &str, number: i64) -> String {
        TEXTS.with(self.0, key, &[(name, number.into())])
    }

    pub fn text(&self, key: &str, name: &str, text: &str) -> String {
        TEXTS.with(self.0, key, &[(name, text.into())])
    }

    /// A refusal in the person's language; what has no sentence of its own gets the general one.
    pub fn failure(&self, failure: &Failure) -> String {
        let key = format!("error-{}", failure.code.replace('.', "-"));
        TEXTS.find(self.0, &key, &[]).unwrap_or_else(|| self.get("error-general"))
    }

    pub fn lang(&self) -> &'static str {
        self.0.html_tag()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn read_all(folder: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, into);
            } else {
                into.push(fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_text_exists_in_five_languages_and_is_used() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut code = Vec::new();
        read_all(&root.join("src"), &mut code);
        read_all(&root.join("templates"), &mut code);
        let wrong = web::audit(&SOURCES, &code, &["error-"]);
        assert_eq!(wrong, Vec::<String>::new());
    }
}

//! Letters as booklets show them, each read once: that takes longer than everything else in a booklet.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use kernel::Hash;
use process::check::{TemplateChecker, TemplateProblem};
use serde_json::Value;

/// Of a few services that wait, in five languages.
const LETTERS_MAX: usize = 2_000;

pub struct Letters {
    templates: Arc<dyn TemplateChecker>,
    /// By template and inputs, which say all that a letter depends on.
    known: Mutex<HashMap<Hash, Option<String>>>,
}

impl Letters {
    pub fn new(templates: Arc<dyn TemplateChecker>) -> Self {
        Self { templates, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Hash, Option<String>>> {
        self.known.lock().expect("no holder of this lock panics")
    }
}

impl TemplateChecker for Letters {
    fn check(&self, template: &str, inputs: &Value) -> Result<(), Vec<TemplateProblem>> {
        self.templates.check(template, inputs)
    }

    fn read(&self, template: &str, inputs: &Value) -> Result<Option<String>, String> {
        let key = Hash::of_parts(&[template.as_bytes(), inputs.to_string().as_bytes()]);
        let known = self.known().get(&key).cloned();
        if let Some(letter) = known {
            return Ok(letter);
        }
        let letter = self.templates.read(template, inputs)?;
        let mut known = self.known();
        if known.len() >= LETTERS_MAX {
            let half: Vec<Hash> = known.keys().take(LETTERS_MAX / 2).copied().collect();
            half.iter().for_each(|key| drop(known.remove(key)));
        }
        known.insert(key, letter.clone());
        Ok(letter)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;

    #[derive(Default)]
    struct Counts(AtomicUsize);

    impl TemplateChecker for Counts {
        fn check(&self, _: &str, _: &Value) -> Result<(), Vec<TemplateProblem>> {
            Ok(())
        }

        fn read(&self, template: &str, inputs: &Value) -> Result<Option<String>, String> {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            if template == "busy" && count == 0 {
                return Err("later".into());
            }
            Ok(Some(format!("{template} {inputs}")))
        }
    }

    #[test]
    fn a_letter_is_read_once_of_each_input_and_again_after_it_could_not_be_read() {
        let counts = Arc::new(Counts::default());
        let letters = Letters::new(counts.clone());
        let (ru, en) = (json!({"language": "ru"}), json!({"language": "en"}));
        assert!(letters.read("busy", &ru).is_err());
        for inputs in [&ru, &ru, &en, &en] {
            assert_eq!(letters.read("busy", inputs), Ok(Some(format!("busy {inputs}"))));
        }
        assert_eq!(counts.0.load(Ordering::Relaxed), 3);
    }
}

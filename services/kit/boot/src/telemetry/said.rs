//! What a span or a log line says, as a collector is told it: fields by their names, none longer than is worth sending.

use std::{fmt, time::SystemTime};

use opentelemetry::KeyValue;
use tracing::field::{Field, Visit};

/// Of one field; a log line may say more.
const CHARS_MAX: usize = 512;

/// Real time, also in a rehearsal: a collector compares it with everybody else's.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where civil time enters the house; telemetry's is nobody's deadline"
)]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// Fields as they were said.
#[derive(Default)]
pub struct Said {
    pub fields: Vec<KeyValue>,
}

impl Said {
    fn keep(&mut self, field: &Field, value: impl Into<opentelemetry::Value>) {
        self.fields.push(KeyValue::new(field.name().trim_start_matches("r#"), value));
    }

    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.fields.iter().position(|field| field.key.as_str() == name)?;
        Some(self.fields.remove(at).value.to_string())
    }

    /// What is said now takes the place of what was said before.
    pub fn put(&mut self, later: impl IntoIterator<Item = KeyValue>) {
        for field in later {
            self.fields.retain(|earlier| earlier.key != field.key);
            self.fields.push(field);
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field, format!("{value:?}").chars().take(CHARS_MAX).collect::<String>());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, value.chars().take(CHARS_MAX).collect::<String>());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, value);
    }
}

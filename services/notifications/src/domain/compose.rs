//! A notification's texts, filled in for one recipient. Templates are an agency's input: bounded and without any reach.

use api::{Notification, ServiceDefinition};
use kernel::Failure;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Value;

/// Instructions one text may cost; an endless loop ends here.
const FUEL: u64 = 20_000;
const TEXT_CHARS_MAX: usize = 8_000;
/// What a gateway sends as at most five segments.
const SHORT_CHARS_MAX: usize = 320;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub title: String,
    pub body: String,
    /// For SMS: never longer than a few segments.
    pub short: String,
}

pub fn notification<'a>(definition: &'a ServiceDefinition, name: &str) -> Result<&'a Notification, Failure> {
    let found = definition.spec.notifications.iter().find(|one| one.name == name);
    found.ok_or_else(|| Failure::invalid("notification.unknown", "The revision has no notification of this name."))
}

/// Fills the texts in. What the service and the agency are called comes from the definition, never from the request.
pub fn compose(
    definition: &ServiceDefinition,
    notification: &Notification,
    language: &str,
    mut inputs: Value,
) -> Result<Composed, Failure> {
    let service_title = definition.spec.title.in_language(language).to_owned();
    if let Some(inputs) = inputs.as_object_mut() {
        inputs.insert("service".into(), serde_json::json!({ "title": service_title }));
    }
    let title = notification.title.as_ref().map_or(service_title.as_str(), |title| title.in_language(language));
    let body = notification.text.in_language(language);
    let short = notification.short.as_ref().unwrap_or(&notification.text).in_language(language);
    Ok(Composed {
        title: fill(title, &inputs)?,
        body: fill(body, &inputs)?,
        short: fill(short, &inputs)?.chars().take(SHORT_CHARS_MAX).collect(),
    })
}

/// Plain text for every channel: pages escape when they show it, mails are text/plain.
fn fill(template: &str, inputs: &Value) -> Result<String, Failure> {
    let refused = |error: minijinja::Error| {
        Failure::invalid("notification.template", "The text of this notification cannot be filled in.")
            .with_detail(error.kind())
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    let value = minijinja::Value::from(minijinja::value::Serde(inputs));
    let filled = environment.render_str(template, value).map_err(refused)?;
    // Control characters have no business in a message; line breaks do.
    Ok(filled.chars().filter(|one| !one.is_control() || *one == '\n').take(TEXT_CHARS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_text_and_an_unknown_value_are_refused() {
        let inputs = serde_json::json!({ "case": { "number": "JUS-2026-000001" } });
        assert_eq!(fill("Ariza {{ case.number }}", &inputs).unwrap(), "Ariza JUS-2026-000001");
        assert!(
            fill("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}", &inputs).is_err()
        );
        assert!(fill("{{ applicant.name }}", &inputs).is_err());
        assert_eq!(fill("a\u{0}b", &inputs).unwrap(), "ab");
    }
}

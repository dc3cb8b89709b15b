//! Turns a revision's text into what one person reads. The template is hostile input: no loader, strict, with a fuel and
//! size limit; what comes out is plain text, and each channel escapes all of it.

use api::{Channel, Notification, ServiceDefinition};
use kernel::{Failure, Language};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::own;

const FUEL: u64 = 20_000;
const TEMPLATE_BYTES_MAX: usize = 16 * 1024;
const BODY_CHARS_MAX: usize = 8_000;
const TITLE_CHARS_MAX: usize = 150;
const WHY_CHARS_MAX: usize = 1_000;
/// Six segments of Cyrillic.
const SHORT_CHARS_MAX: usize = 400;

/// What one person reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub title: String,
    pub body: String,
    /// For a text message.
    pub short: String,
    /// Of the case; empty where it has none, or an older release wrote the letter.
    #[serde(default)]
    pub number: String,
}

pub struct Writer<'a> {
    pub definition: &'a ServiceDefinition,
    pub language: Language,
    /// Title of the agency, in that language.
    pub agency: &'a str,
    /// What the case gives to read.
    pub inputs: &'a Value,
}

pub fn find<'a>(definition: &'a ServiceDefinition, name: &str) -> Result<&'a Notification, Failure> {
    let known = definition.spec.notifications.iter().find(|known| known.name == name);
    let known = known.or_else(|| own::all().iter().find(|own| own.name == name));
    known.ok_or_else(|| Failure::invalid("notification.unknown", "The revision has no such notification."))
}

/// Channels in the order they are tried; the inbox always comes first.
pub fn channels(notification: &Notification) -> Vec<Channel> {
    let others = notification.channels.iter().copied().filter(|channel| *channel != Channel::Inbox);
    let mut channels = vec![Channel::Inbox];
    for channel in others {
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    channels
}

impl Writer<'_> {
    pub fn write(&self, notification: &Notification) -> Result<Letter, Failure> {
        let tag = self.language.tag();
        let title = notification.title.as_ref().unwrap_or(&self.definition.spec.title);
        let title = one_line(&self.render(title.in_language(tag))?);
        let body = plain(&self.render(notification.text.in_language(tag))?);
        let short = match &notification.short {
            Some(short) => plain(&self.render(short.in_language(tag))?),
            None => body.clone(),
        };
        Ok(Letter {
            title: cut(&title, TITLE_CHARS_MAX),
            body: cut(&body, BODY_CHARS_MAX),
            short: cut(&short, SHORT_CHARS_MAX),
            number: self.inputs["case"]["number"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// Why the person gets it, where the definition says it.
    pub fn why(&self, notification: &Notification) -> Result<String, Failure> {
        let Some(why) = &notification.why else { return Ok(String::new()) };
        Ok(cut(&plain(&self.render(why.in_language(self.language.tag()))?), WHY_CHARS_MAX))
    }

    fn render(&self, template: &str) -> Result<String, Failure> {
        if template.len() > TEMPLATE_BYTES_MAX {
            return Err(refused("it is too long"));
        }
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_recursion_limit(16);
        let mut context = self.inputs.as_object().cloned().unwrap_or_default();
        context.insert("service".into(), json!({"title": self.definition.spec.title.in_language(self.language.tag())}));
        context.insert("agency".into(), json!({"title": self.agency}));
        // Only the kind of error leaves: its text could repeat a value.
        let context = minijinja::value::Serde(Value::Object(context));
        environment.render_str(template, context).map_err(|error| refused(&format!("{:?}", error.kind())))
    }
}

fn refused(why: &str) -> Failure {
    Failure::invalid("notification.text", "The text of the notification cannot be written.").with_detail(why)
}

/// Control characters other than line ends have no place in a message.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|letter| *letter == '\n' || !letter.is_control());
    kept.collect::<String>().trim().to_owned()
}

fn one_line(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With full stops: the one sign for all three is outside of a text message's cheaper alphabet.
fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", text[..end].trim_end()),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn definition(text: &str) -> ServiceDefinition {
        let title = json!({"uz": "Nusxa", "en": "Copy"});
        serde_json::from_value(json!({
            "apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceDefinition", "metadata": {"name": "copy"},
            "spec": {
                "title": title, "agency": "justice",
                "legalBasis": [{"title": {"uz": "Oila kodeksi, 15-modda"}, "uri": "https://lex.uz/docs/104720"}],
                "notifications": [{
                    "name": "issued", "channels": ["sms", "inbox", "email"],
                    "title": {"uz": "{{ service.title }}\r\nBcc: x", "en": "Done"},
                    "text": {"uz": text},
                    "short": {"uz": "Ariza {{ case.number }} tayyor."},
                    "why": {"uz": "{{ case.number }} arizangiz hal qilindi."},
                }, {
                    "name": "news", "class": "informative", "channels": ["inbox", "sms", "email"],
                    "text": {"uz": "Yangi bino", "ru": "Новое здание"},
                }, {
                    "name": "alarm", "urgent": true, "channels": ["inbox", "sms"],
                    "text": {"uz": "Bugun oxirgi kun"},
                }, {
                    "name": "code", "urgent": true, "channels": ["inbox", "sms", "email"],
                    "text": {"uz": "Kod 1234"},
                }, {
                    "name": "letter", "channels": ["inbox", "email", "sms"],
                    "text": {"uz": "Xat"},
                }, {
                    "name": "only-letter", "channels": ["inbox", "email"],
                    "text": {"uz": "Xat"},
                }],
            },
        }))
        .unwrap()
    }

    fn write(text: &str) -> Result<Letter, Failure> {
        let definition = definition(text);
        let inputs = json!({"case": {"number": "<b>7</b>"}});
        let writer = Writer { definition: &definition, language: Language::Uz, agency: "Adliya", inputs: &inputs };
        writer.write(find(&definition, "issued").unwrap())
    }

    #[test]
    fn a_letter_is_plain_text_in_the_persons_language() {
        let letter = write("{{ agency.title }}: ariza {{ case.number }}\u{7}").unwrap();
        assert_eq!(letter.title, "Nusxa Bcc: x");
        assert_eq!(letter.body, "Adliya: ariza <b>7</b>");
        assert_eq!(letter.short, "Ariza <b>7</b> tayyor.");
        assert_eq!(letter.number, "<b>7</b>");
    }

    #[test]
    fn a_hostile_template_is_stopped() {
        for hostile in [
            "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}",
            "{% include 'secret' %}",
            "{{ data.pinfl }}",
            "{{ case.number",
            &"x".repeat(TEMPLATE_BYTES_MAX + 1),
        ] {
            assert_eq!(write(hostile).unwrap_err().code, "notification.text");
        }
        assert!(write(&"x".repeat(TEMPLATE_BYTES_MAX)).unwrap().body.chars().count() <= BODY_CHARS_MAX + 3);
    }

    #[test]
    fn the_inbox_comes_first_and_once() {
        let definition = definition("x");
        let channels = channels(find(&definition, "issued").unwrap());
        assert_eq!(channels, [Channel::Inbox, Channel::Sms, Channel::Email]);
    }
}

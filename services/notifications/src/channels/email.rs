//! E-mail over SMTP (RFC 5321), plain text with an HTML twin whose every word is escaped.

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use boot::Stage;
use kernel::{Failure, MessageId};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::authentication::Credentials,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Carrier;
use crate::{
    bus::Reach,
    domain::{
        delivery::{Fate, Outcome},
        text::Letter,
    },
};

const PATIENCE: Duration = Duration::from_secs(20);

/// The mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether mail to this server reaches real people; must equal the platform's own stage.
    pub stage: Stage,
    /// Host of the mail server.
    pub host: String,
    /// Port of the mail server; 465: TLS from the start, else STARTTLS.
    pub port: u16,
    /// Without TLS; only on the machine itself or in a trial.
    pub plain: bool,
    /// Sender, such as `Xizmat <no-reply@example.uz>`.
    pub from: String,
    /// User name; empty: none is needed.
    pub login: String,
    /// File with the password; only with a user name.
    pub password_file: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stage: Stage::Trial,
            host: "localhost".into(),
            port: 587,
            plain: false,
            from: "Xizmat <no-reply@localhost>".into(),
            login: String::new(),
            password_file: PathBuf::new(),
        }
    }
}

pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    pub fn new(settings: &Settings) -> Result<Self, Failure> {
        let refused = |what: String| {
            Failure::invalid("notification.email-settings", "The mail server's settings do not fit.").with_detail(what)
        };
        if settings.plain && settings.stage == Stage::Production {
            return Err(Failure::invalid("notification.email-plain", "Production sends mail over TLS only."));
        }
        let from: Mailbox = settings.from.parse().map_err(|error| refused(format!("{error}")))?;
        let builder = match (settings.plain, settings.port) {
            (true, _) => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)),
            (false, 465) => AsyncSmtpTransport::<Tokio1Executor>::relay(&settings.host),
            (false, _) => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&settings.host),
        };
        let mut builder =
            builder.map_err(|error| refused(error.to_string()))?.port(settings.port).timeout(Some(PATIENCE));
        if !settings.login.is_empty() {
            let password = boot::secrets::read(&settings.password_file)?;
            builder = builder.credentials(Credentials::new(settings.login.clone(), password));
        }
        Ok(Self { transport: builder.build(), from })
    }

    fn message(&self, id: MessageId, letter: &Letter, to: Mailbox) -> Option<Message> {
        // The same id on every try: mail programs show a doubled message once.
        let id = format!("<{id}@{}>", self.from.email.domain());
        let html = format!(
            "<!doctype html><html><head><meta charset=\"utf-8\"><title>{}</title></head><body><p>{}</p></body></html>",
            escaped(&letter.title),
            escaped(&letter.body).replace("\n\n", "</p><p>").replace('\n', "<br>"),
        );
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.title.clone())
            .message_id(Some(id))
            .multipart(MultiPart::alternative_plain_html(letter.body.clone(), html))
            .ok()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[async_trait]
impl Carrier for Smtp {
    async fn send(&self, id: MessageId, letter: &Letter, reach: &Reach) -> Outcome {
        let Ok(address) = reach.email.reveal().parse() else { return Outcome::Refused };
        let Some(message) = self.message(id, letter, Mailbox::new(None, address)) else { return Outcome::Refused };
        match self.transport.send(message).await {
            Ok(_) => Outcome::Accepted(None),
            Err(error) if error.is_permanent() => Outcome::Refused,
            // The server said no for now, or was never reached: it has nothing.
            Err(error) if error.is_transient() || error.is_tls() => Outcome::Postponed,
            Err(error) => {
                tracing::info!(message = %id, timeout = error.is_timeout(), "the mail server did not answer");
                Outcome::Lost
            }
        }
    }

    /// SMTP tells nothing afterwards; bounces come as messages of their own.
    async fn fate(&self, _gateway_id: &str) -> Result<Fate, Failure> {
        Ok(Fate::Pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_letter_holds_is_text_in_both_forms() {
        let smtp = Smtp::new(&Settings { plain: true, ..Settings::default() }).unwrap();
        let letter = Letter { title: "Salom <b>".into(), body: "1 < 2\n<script>".into(), ..Letter::default() };
        let id = MessageId::from_bytes([1; 16]);
        let to = Mailbox::new(None, "a@example.uz".parse().unwrap());
        let raw = String::from_utf8(smtp.message(id, &letter, to).unwrap().formatted()).unwrap();
        assert!(raw.contains("&lt;script&gt;") && raw.contains(&format!("<{id}@localhost>")), "{raw}");
        assert_eq!(raw.matches("<script>").count(), 1);
    }

    #[test]
    fn production_sends_no_mail_in_the_clear() {
        let plain = Settings { plain: true, stage: Stage::Production, ..Settings::default() };
        assert_eq!(Smtp::new(&plain).err().unwrap().code, "notification.email-plain");
    }
}

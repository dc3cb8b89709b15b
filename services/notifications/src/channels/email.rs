//! E-mail over SMTP (RFC 5321), plain text with an HTML twin whose every word is escaped. Where letters come back, each leaves
//! with a return address of its own and asks for reports (RFC 3461).

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use boot::Stage;
use kernel::{Failure, MessageId};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Ehlo, Mail, Rcpt},
        extension::{ClientId, MailBodyParameter, MailParameter, RcptParameter},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Carrier;
use crate::{
    bus::Reach,
    domain::{
        delivery::{Fate, Outcome},
        returns::Returns,
        text::Letter,
    },
};

const PATIENCE: Duration = Duration::from_secs(20);
/// For the good-bye: the letter is taken by then.
const PARTING: Duration = Duration::from_secs(2);
/// TLS from the start (RFC 8314).
const SUBMISSIONS: u16 = 465;
/// No machine answers a letter that says so (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

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
    host: String,
    port: u16,
    /// `None`: in plain.
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Mailbox,
    returns: Option<Arc<Returns>>,
}

/// A letter and where its envelope says that it comes from and goes.
struct Sent<'a> {
    id: MessageId,
    from: Address,
    to: Address,
    raw: &'a [u8],
}

impl Smtp {
    pub fn new(settings: &Settings, returns: Option<Arc<Returns>>) -> Result<Self, Failure> {
        let refused = |what: String| {
            Failure::invalid("notification.email-settings", "The mail server's settings do not fit.").with_detail(what)
        };
        if settings.plain && settings.stage == Stage::Production {
            return Err(Failure::invalid("notification.email-plain", "Production sends mail over TLS only."));
        }
        let from: Mailbox = settings.from.parse().map_err(|error| refused(format!("{error}")))?;
        let tls = match settings.plain {
            true => None,
            false => Some(TlsParameters::new(settings.host.clone()).map_err(|error| refused(error.to_string()))?),
        };
        let credentials = match settings.login.is_empty() {
            true => None,
            false => Some(Credentials::new(settings.login.clone(), boot::secrets::read(&settings.password_file)?)),
        };
        Ok(Self { host: settings.host.clone(), port: settings.port, tls, credentials, from, returns })
    }

    /// Where a letter comes back to; `None`: the return address does not make one.
    fn comes_from(&self, id: MessageId) -> Option<Address> {
        match &self.returns {
            Some(returns) => returns.path.address(id).parse().ok(),
            None => Some(self.from.email.clone()),
        }
    }

    /// A conversation that has begun, and whether the server takes questions about what becomes of a letter.
    async fn connect(&self) -> Result<(AsyncSmtpConnection, bool), Error> {
        let (place, hello) = ((self.host.as_str(), self.port), ClientId::default());
        let from_the_start = self.tls.clone().filter(|_| self.port == SUBMISSIONS);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, Some(PATIENCE), &hello, from_the_start, None).await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.port != SUBMISSIONS) {
            connection.starttls(tls, &hello).await?;
        }
        // The library keeps nothing of a greeting that it does not use itself: it is asked for once more.
        let reports = match self.returns {
            Some(_) => {
                let greeting = connection.command(Ehlo::new(hello)).await?;
                greeting.message().any(|line| line.trim().eq_ignore_ascii_case("DSN"))
            }
            None => false,
        };
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok((connection, reports))
    }

    /// Returns once the server took the letter.
    async fn hand_over(&self, sent: Sent<'_>) -> Result<AsyncSmtpConnection, Error> {
        let (mut connection, reports) = self.connect().await?;
        let mut of_letter = Vec::new();
        if !sent.to.to_string().is_ascii() {
            of_letter.push(MailParameter::SmtpUtfEight);
        }
        if !sent.raw.is_ascii() {
            of_letter.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let mut of_recipient = Vec::new();
        if reports {
            let id = sent.id.to_string();
            of_letter.push(MailParameter::Other { keyword: "RET".into(), value: Some("HDRS".into()) });
            of_letter.push(MailParameter::Other { keyword: "ENVID".into(), value: Some(id) });
            let wanted = Some("FAILURE,DELAY".into());
            of_recipient.push(RcptParameter::Other { keyword: "NOTIFY".into(), value: wanted });
        }
        connection.command(Mail::new(Some(sent.from), of_letter)).await?;
        connection.command(Rcpt::new(sent.to, of_recipient)).await?;
        connection.command(Data).await?;
        connection.message(sent.raw).await?;
        Ok(connection)
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
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".into()))
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
        let Ok(to) = reach.email.reveal().parse::<Address>() else { return Outcome::Refused };
        let Some(message) = self.message(id, letter, Mailbox::new(None, to.clone())) else { return Outcome::Refused };
        let Some(from) = self.comes_from(id) else { return Outcome::Refused };
        let raw = message.formatted();
        match tokio::time::timeout(PATIENCE, self.hand_over(Sent { id, from, to, raw: &raw })).await {
            Ok(Ok(mut connection)) => {
                // However it ends: the letter was taken.
                let _ = tokio::time::timeout(PARTING, connection.quit()).await;
                Outcome::Accepted(None)
            }
            Ok(Err(error)) if error.is_permanent() => Outcome::Refused,
            // The server said no for now, or was never reached: it has nothing.
            Ok(Err(error)) if error.is_transient() || error.is_tls() => Outcome::Postponed,
            Err(_) => {
                tracing::info!(message = %id, "the mail server took too long");
                Outcome::Lost
            }
            Ok(Err(error)) => {
                tracing::info!(message = %id, timeout = error.is_timeout(), "the mail server did not answer");
                Outcome::Lost
            }
        }
    }

    /// SMTP tells nothing afterwards; what failed comes back as a letter of its own (`returns`).
    async fn fate(&self, _gateway_id: &str) -> Result<Fate, Failure> {
        Ok(Fate::Pending)
    }
}

#[cfg(test)]
mod tests;

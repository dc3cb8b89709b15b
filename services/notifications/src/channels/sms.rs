//! Text messages through a gateway of Eskiz's form: a token by e-mail and password, a message, its status by id.

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use boot::Stage;
use kernel::{Failure, MessageId, Personal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::Carrier;
use crate::{
    bus::Reach,
    domain::{
        delivery::{Fate, Outcome},
        text::Letter,
    },
};

const PATIENCE: Duration = Duration::from_secs(15);

/// The SMS gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether this is the gateway's test or working account; must equal the platform's own stage.
    pub stage: Stage,
    /// Address of the gateway's API.
    pub url: String,
    /// The account's e-mail address.
    pub login: String,
    /// File with the account's password.
    pub password_file: PathBuf,
    /// Sender that people see: a number or an agreed name.
    pub from: String,
    /// Text messages that one number gets within any hour; more wait.
    pub per_hour: u32,
    /// Text messages that one number gets within any day; more wait.
    pub per_day: u32,
    /// What the gateway bills for one part of a message (160 letters in Latin, 70 in Cyrillic), in tiyin. Left out: parts are
    /// counted, not what they cost.
    pub segment_tiyin: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stage: Stage::Trial,
            url: "https://notify.eskiz.uz/api".into(),
            login: String::new(),
            password_file: PathBuf::new(),
            from: "4546".into(),
            per_hour: 5,
            per_day: 20,
            segment_tiyin: None,
        }
    }
}

pub struct Eskiz {
    settings: Settings,
    http: reqwest::Client,
    token: Mutex<Option<Personal<String>>>,
}

/// Why a call came to nothing.
enum Trouble {
    /// Certainly not taken.
    Refused(u16),
    /// No answer, or one that cannot be read.
    Lost,
    /// Not even reached.
    Unreached,
}

impl Eskiz {
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        if settings.stage == Stage::Production && !settings.url.starts_with("https://") {
            return Err(Failure::invalid(
                "notification.sms-plain",
                "Production reaches the SMS gateway by https only.",
            ));
        }
        let http =
            reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build().map_err(
                |error| Failure::internal("notification.client", "The SMS client cannot be made.").with_detail(error),
            )?;
        Ok(Self { settings, http, token: Mutex::default() })
    }

    async fn token(&self) -> Result<Personal<String>, Trouble> {
        let mut token = self.token.lock().await;
        if let Some(token) = &*token {
            return Ok(token.clone());
        }
        let password = boot::secrets::read(&self.settings.password_file).map_err(|_| Trouble::Unreached)?;
        let form = [("email", self.settings.login.as_str()), ("password", password.as_str())];
        let request = self.http.post(self.address("auth/login")).form(&form);
        let mut answer = answer(request).await?;
        let fresh = match answer["data"]["token"].take() {
            Value::String(fresh) => Personal::new(fresh),
            _ => return Err(Trouble::Lost),
        };
        *token = Some(fresh.clone());
        Ok(fresh)
    }

    fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.settings.url.trim_end_matches('/'))
    }

    /// With a token that has run out replaced once.
    async fn call(&self, build: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder) -> Result<Value, Trouble> {
        // Without a token nothing was handed over, whatever went wrong.
        let token = self.token().await.map_err(|_| Trouble::Unreached)?;
        match answer(build(&self.http).bearer_auth(token.reveal())).await {
            Err(Trouble::Refused(401)) => {
                *self.token.lock().await = None;
                let token = self.token().await.map_err(|_| Trouble::Unreached)?;
                answer(build(&self.http).bearer_auth(token.reveal())).await
            }
            other => other,
        }
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Value, Trouble> {
    let response =
        request.send().await.map_err(|error| if error.is_connect() { Trouble::Unreached } else { Trouble::Lost })?;
    let status = response.status();
    if !status.is_success() {
        return Err(Trouble::Refused(status.as_u16()));
    }
    response.json().await.map_err(|_| Trouble::Lost)
}

/// `998901234567`: what the gateway takes; anything else is no Uzbek number.
pub fn number(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == 12 && digits.starts_with("998")).then_some(digits)
}

#[async_trait]
impl Carrier for Eskiz {
    async fn send(&self, id: MessageId, letter: &Letter, reach: &Reach) -> Outcome {
        let Some(phone) = number(reach.phone.reveal()) else { return Outcome::Refused };
        let body = json!({
            "mobile_phone": phone,
            "message": letter.short,
            "from": self.settings.from,
            "user_sms_id": id.to_string(),
        });
        let address = self.address("message/sms/send");
        match self.call(|http| http.post(&address).json(&body)).await {
            Ok(answer) => match &answer["id"] {
                Value::String(id) => Outcome::Accepted(Some(id.clone())),
                Value::Number(id) => Outcome::Accepted(Some(id.to_string())),
                _ => Outcome::Lost,
            },
            // The request itself is wrong (400, 422): it will not get better by repeating.
            Err(Trouble::Refused(400 | 404 | 422)) => Outcome::Refused,
            Err(Trouble::Refused(401 | 403 | 429)) | Err(Trouble::Unreached) => Outcome::Postponed,
            Err(Trouble::Refused(_) | Trouble::Lost) => Outcome::Lost,
        }
    }

    async fn fate(&self, gateway_id: &str) -> Result<Fate, Failure> {
        let address = self.address(&format!("message/sms/status_by_id/{gateway_id}"));
        let answer = self.call(|http| http.get(&address)).await.map_err(|_| {
            Failure::unavailable(
                "notification.gateway-unavailable",
                "The SMS gateway does not answer. It will be asked again.",
            )
        })?;
        Ok(fate_of(answer["data"]["status"].as_str().or(answer["status"].as_str()).unwrap_or_default()))
    }
}

/// The gateway mixes its own words with SMPP's (3.4, 5.2.28).
fn fate_of(status: &str) -> Fate {
    match status.to_ascii_uppercase().as_str() {
        "DELIVRD" | "DELIVERED" | "PARTDELIVERED" => Fate::Delivered,
        "UNDELIV" | "UNDELIVERABLE" | "REJECTD" | "REJECTED" | "EXPIRED" | "DELETED" | "FAILED" | "NOTDELIVERED" => {
            Fate::Undelivered
        }
        _ => Fate::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uzbek_numbers_are_sent_to() {
        assert_eq!(number("+998 90 123-45-67").as_deref(), Some("998901234567"));
        assert_eq!(number("+7 901 234 56 78"), None);
        assert_eq!(number(""), None);
    }

    #[test]
    fn the_gateways_words_become_a_fate() {
        assert_eq!(fate_of("DELIVRD"), Fate::Delivered);
        assert_eq!(fate_of("undeliv"), Fate::Undelivered);
        assert_eq!(fate_of("waiting"), Fate::Pending);
    }
}

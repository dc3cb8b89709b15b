//! OneID's protocol (`sso.egov.uz`): like OAuth, with grant types and an endpoint of its own.

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use kernel::{
    Failure, Personal,
    pinfl::{Pinfl, Sex},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Upstream;
use crate::domain::person::{Company, Facts};

/// How citizens are proofed through OneID.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `trial` or `production`; a production platform refuses a trial endpoint.
    pub stage: boot::Stage,
    /// Where a citizen's browser is sent: `…/sso/oauth/Authorization.do`.
    pub authorize_url: String,
    /// Where codes and tokens are exchanged; with OneID the same address.
    pub token_url: String,
    /// The client id OneID gave this platform.
    pub client_id: String,
    /// File with the secret OneID gave this platform.
    pub client_secret_file: PathBuf,
    /// The scope OneID gave this platform; the client id when empty.
    #[serde(default)]
    pub scope: String,
}

impl Settings {
    pub fn is_https(&self) -> bool {
        [&self.authorize_url, &self.token_url].iter().all(|address| address.starts_with("https://"))
    }
}

pub struct OneId {
    http: reqwest::Client,
    settings: Settings,
    authorize_url: Url,
    secret: String,
    redirect_uri: String,
}

/// One call; OneID answers within a second or not at all.
const PATIENCE: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
}

/// Fields as OneID sends them; most are missing for some people.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Identified {
    ret_cd: Option<serde_json::Value>,
    pin: Option<String>,
    first_name: Option<String>,
    sur_name: Option<String>,
    mid_name: Option<String>,
    pport_no: Option<String>,
    mob_phone_no: Option<String>,
    email: Option<String>,
    per_adr: Option<String>,
    legal_info: Option<Vec<Legal>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Legal {
    is_basic: Option<bool>,
    le_tin: Option<String>,
    tin: Option<String>,
    le_name: Option<String>,
}

impl OneId {
    pub fn new(settings: Settings, redirect_uri: String) -> Result<Self, Failure> {
        let authorize_url = Url::parse(&settings.authorize_url).map_err(|error| {
            Failure::invalid("identity.oneid-address", "oneid.authorize_url is not an address.").with_detail(error)
        })?;
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(unavailable)?;
        let secret = boot::secrets::read(&settings.client_secret_file)?;
        Ok(Self { http, settings, authorize_url, secret, redirect_uri })
    }

    fn scope(&self) -> &str {
        match self.settings.scope.as_str() {
            "" => &self.settings.client_id,
            scope => scope,
        }
    }

    async fn ask(&self, grant_type: &str, fields: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let mut form =
            vec![("grant_type", grant_type), ("client_id", &self.settings.client_id), ("client_secret", &self.secret)];
        form.extend_from_slice(fields);
        let asked = self.http.post(&self.settings.token_url).form(&form).send();
        // The address is ours and says nothing of the person; the body may, so it is never kept.
        let mut answer = asked.await.map_err(unavailable)?;
        if answer.status().is_client_error() {
            return Err(refused());
        }
        if !answer.status().is_success() {
            return Err(unavailable(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unavailable)? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(unavailable("the answer is too long"));
            }
        }
        Ok(body)
    }
}

#[async_trait]
impl Upstream for OneId {
    fn address(&self, state: &str) -> Url {
        let mut address = self.authorize_url.clone();
        address
            .query_pairs_mut()
            .append_pair("response_type", "one_code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", self.scope())
            .append_pair("state", state);
        address
    }

    async fn identify(&self, code: &str) -> Result<Facts, Failure> {
        let fields = [("redirect_uri", self.redirect_uri.as_str()), ("code", code)];
        let tokens = self.ask("one_authorization_code", &fields).await?;
        let tokens: Tokens = serde_json::from_slice(&tokens).map_err(|_| refused())?;
        let fields = [("access_token", tokens.access_token.as_str()), ("scope", self.scope())];
        let identified = self.ask("one_access_token_identify", &fields).await?;
        let identified = serde_json::from_slice(&identified).map_err(|_| garbled())?;
        // Our session is our own: OneID's is ended at once, and the sign-in stands even if that fails.
        if self.ask("one_log_out", &fields).await.is_err() {
            tracing::info!("OneID did not confirm the end of its session");
        }
        facts(identified)
    }
}

fn facts(answer: Identified) -> Result<Facts, Failure> {
    let succeeded = match &answer.ret_cd {
        None => true,
        Some(serde_json::Value::String(code)) => code == "0",
        Some(code) => code.as_i64() == Some(0),
    };
    if !succeeded {
        return Err(refused());
    }
    let pinfl = Pinfl::parse(answer.pin.as_deref().unwrap_or_default()).map_err(|_| garbled())?;
    let text = |field: Option<String>| Personal::new(field.unwrap_or_default().trim().to_owned());
    let companies = answer.legal_info.unwrap_or_default().into_iter().map(|company| Company {
        tin: text(company.le_tin.or(company.tin)),
        name: text(company.le_name),
        basic: company.is_basic.unwrap_or_default(),
    });
    Ok(Facts {
        birth_date: pinfl.birth_date().into(),
        sex: match pinfl.sex() {
            Sex::Male => "male",
            Sex::Female => "female",
        }
        .to_owned(),
        pinfl: pinfl.reveal().to_owned().into(),
        given_name: text(answer.first_name),
        family_name: text(answer.sur_name),
        patronymic: text(answer.mid_name),
        passport: text(answer.pport_no),
        address: text(answer.per_adr),
        phone: text(answer.mob_phone_no),
        email: text(answer.email),
        companies: companies.collect(),
        ..Facts::default()
    })
}

fn refused() -> Failure {
    Failure::forbidden("identity.oneid-refused", "OneID did not confirm who you are. Try again.")
}

fn garbled() -> Failure {
    Failure::unavailable("identity.oneid-garbled", "OneID's answer could not be understood. Try again later.")
}

fn unavailable(error: impl std::fmt::Display) -> Failure {
    Failure::unavailable("identity.oneid-down", "OneID does not answer. Try again in a few minutes.").with_detail(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(json: &str) -> Result<Facts, Failure> {
        facts(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_wrong_check_digit_is_not_a_person() {
        let failure = answer(r#"{"ret_cd":"0","pin":"31505992012341"}"#).unwrap_err();
        assert_eq!(failure.code, "identity.oneid-garbled");
    }

    #[test]
    fn a_refusal_inside_a_successful_answer_is_a_refusal() {
        let failure = answer(r#"{"ret_cd":"1","pin":null}"#).unwrap_err();
        assert_eq!(failure.code, "identity.oneid-refused");
    }
}

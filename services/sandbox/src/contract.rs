//! What contracts with outside parties bring: secrets made once, and a configuration that names the endpoints.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use boot::OsRandom;
use kernel::Failure;
use serde::Deserialize;

pub const ONEID_CLIENT: &str = "xizmat-trial";
pub const PAYME_MERCHANT: &str = "xizmat-trial";
pub const SMS_LOGIN: &str = "trial@xizmat.example";

pub struct Contract {
    pub url: String,
    pub smtp: String,
    pub config: PathBuf,
    pub oneid_secret: String,
    pub payme_key_file: PathBuf,
    pub payme_api_key_file: PathBuf,
}

impl Contract {
    pub fn write(
        folder: &Path,
        http: SocketAddr,
        smtp: SocketAddr,
        clamd: SocketAddr,
        bounces: SocketAddr,
    ) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::invalid("sandbox.contract", format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        let secret = |name: &str| -> Result<(PathBuf, String), Failure> {
            let path = folder.join(name);
            boot::secrets::read_or_make_key(&path, &OsRandom)?;
            let text = boot::secrets::read(&path)?;
            Ok((path, text))
        };
        let (oneid_file, oneid_secret) = secret("oneid-client-secret")?;
        let (sms_file, _) = secret("sms-password")?;
        let (payme_key_file, _) = secret("payme-key")?;
        let (payme_api_key_file, _) = secret("payme-api-key")?;
        let url = format!("http://localhost:{}", http.port());
        let config = folder.join("endpoints.toml");
        let text = format!(
            r#"# Endpoints of outside parties for a trial, as their contracts name them.

[identity.oneid]
stage = "trial"
authorize_url = "{url}/oneid/sso/oauth/Authorization.do"
token_url = "{url}/oneid/sso/oauth/Authorization.do"
client_id = "{ONEID_CLIENT}"
client_secret_file = "{oneid}"

[payments.payme]
stage = "trial"
title = "Payme"
merchant_id = "{PAYME_MERCHANT}"
checkout_url = "{url}/payme/checkout"
api_url = "{url}/payme/api"
key_file = "{payme}"
api_key_file = "{payme_api}"

[notifications.sms]
stage = "trial"
url = "{url}/eskiz/api"
login = "{SMS_LOGIN}"
password_file = "{sms}"
from = "4546"

[notifications.email]
stage = "trial"
host = "127.0.0.1"
port = {smtp_port}
plain = true
from = "Xizmat <no-reply@xizmat.example>"

[eservice.scanner]
stage = "trial"
address = "{clamd}"

[notifications.bounces]
domain = "bounces.xizmat.example"
listen = "{bounces}"

[portal]
checkout_origins = ["{url}"]
"#,
            oneid = oneid_file.display(),
            payme = payme_key_file.display(),
            payme_api = payme_api_key_file.display(),
            sms = sms_file.display(),
            smtp_port = smtp.port(),
        );
        std::fs::write(&config, text).map_err(failed)?;
        Ok(Self { url, smtp: smtp.to_string(), config, oneid_secret, payme_key_file, payme_api_key_file })
    }
}

/// Where the platform says it is, while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Addresses {
    pub identity: String,
    pub callback: String,
    pub nats: String,
    pub agents: PathBuf,
    /// Who signs the certificate of its NATS servers, where they speak TLS.
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

impl Addresses {
    pub fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(data.join("run/addresses.json")).ok()?).ok()
    }
}

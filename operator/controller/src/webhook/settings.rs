//! What the webhook is told at its start.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the webhook that the API server asks before it keeps a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address at which the API server asks. When left out there is no webhook, and what is applied is judged afterwards.
    pub listen: Option<SocketAddr>,
    /// Names and addresses under which the API server asks; the certificate bears them.
    pub names: Vec<String>,
    /// ValidatingWebhookConfiguration that is told whose certificates to believe.
    pub configuration: String,
    /// Secret of the platform's namespace that keeps the certificate. It has to be there, empty at first.
    pub secret: String,
    /// Folder with `tls.crt` and `tls.key`, read again when they change. The operator then makes no certificate, and who
    /// fills the folder tells the API server whom to believe.
    pub certificate_folder: Option<PathBuf>,
    /// Resource definitions whose conversion asks this webhook, and which are told whose certificates to believe.
    pub conversion_of: Vec<String>,
    /// How long a certificate counts. Another takes its place when a third of that is left.
    pub valid_days: u32,
    /// How long API servers and other copies of the operator get to learn of a new certificate.
    pub settle_s: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: None,
            names: Vec::new(),
            configuration: "xizmat-operator".to_owned(),
            secret: "xizmat-webhook".to_owned(),
            certificate_folder: None,
            conversion_of: Vec::new(),
            valid_days: 90,
            settle_s: 30,
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Settings {
    /// Whether the webhook could ever be believed.
    pub fn judge(&self) -> Result<(), Failure> {
        let refused = |message: &str| Err(Failure::invalid("operator.webhook", message));
        if self.listen.is_none() {
            return Ok(());
        }
        if self.certificate_folder.is_none() && self.names.is_empty() {
            return refused(
                "A certificate needs names: write under which the API server asks into `operator.webhook.names`, for \
                 example `[\"xizmat-operator-webhook.xizmat.svc\"]`.",
            );
        }
        if self.valid_days == 0 || self.settle_s == 0 {
            return refused("`operator.webhook.valid_days` and `operator.webhook.settle_s` are 1 at least.");
        }
        Ok(())
    }

    pub fn valid(&self) -> Duration {
        DAY * self.valid_days
    }

    pub fn settle(&self) -> Duration {
        Duration::from_secs(self.settle_s)
    }

    /// Each copy has looked several times before anybody relies on it.
    pub fn look_every(&self) -> Duration {
        self.settle() / 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_that_nobody_could_believe_is_refused_at_start() {
        let listening = Settings { listen: Some(([127, 0, 0, 1], 0).into()), ..Settings::default() };
        assert!(Settings::default().judge().is_ok(), "whoever serves no webhook needs no names");
        assert_eq!(listening.judge().unwrap_err().code, "operator.webhook");
        let named = Settings { names: vec!["localhost".into()], ..listening.clone() };
        assert!(named.judge().is_ok());
        assert!(Settings { valid_days: 0, ..named }.judge().is_err());
        let given = Settings { certificate_folder: Some("/run/certificate".into()), ..listening };
        assert!(given.judge().is_ok(), "a certificate that somebody else makes has its names already");
    }
}

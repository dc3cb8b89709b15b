//! The certificate in its Secret, and the authorities that the API server is told to believe.

use k8s_openapi::{
    ByteString,
    api::{admissionregistration::v1::ValidatingWebhookConfiguration, core::v1::Secret},
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kernel::{Failure, Random, Time};
use kube::{
    Api, Client, ResourceExt,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

use super::{
    kept::Kept,
    made::make,
    rotation::{Rotation, Seen},
    served::{Served, Shown},
};
use crate::{certificate::counts, run::MANAGER, webhook::settings::Settings};

/// A person who wants another certificate, for its key leaked perhaps, writes `true`.
const ROTATE: &str = "xizmat.dev/rotate";

/// Where things lie, and whether they may be written.
pub struct Place {
    pub namespace: String,
    pub read_only: bool,
}

pub struct Cluster {
    client: Client,
    secrets: Api<Secret>,
    read_only: bool,
    rotation: Rotation,
    shown: Option<String>,
}

impl Cluster {
    pub fn new(client: Client, place: Place, settings: &Settings) -> Self {
        let secrets = Api::namespaced(client.clone(), &place.namespace);
        Self { client, secrets, read_only: place.read_only, rotation: Rotation::new(settings.settle()), shown: None }
    }

    /// Shows what serves now, tells the API server whom to believe, and takes the next step when it is time. Answers until
    /// when the certificate counts.
    pub async fn look(
        &mut self,
        settings: &Settings,
        served: &Served,
        now: Time,
        random: &dyn Random,
    ) -> Result<Option<Time>, Failure> {
        // A step makes the next one due at most once: a first certificate, or a change that another copy made meanwhile.
        for _ in 0..3 {
            let secret = self.secret(&settings.secret).await?;
            let kept = Kept::read(secret.data.as_ref().unwrap_or(&Default::default()));
            self.show(&kept, served)?;
            let until = kept.current.as_ref().and_then(|pair| counts(&pair.certificate)).map(|(_, until)| until);
            if self.read_only {
                return Ok(until);
            }
            let told = kept.current.is_some() && self.tell(settings, &kept.bundle()).await?;
            let asked = secret.annotations().get(ROTATE).is_some_and(|wish| wish == "true");
            let seen = Seen { told, asked, names: &settings.names, now };
            let make = || make(&settings.names, settings.valid(), now, random);
            let Some(change) = self.rotation.step(&kept, seen, make)? else { return Ok(until) };
            self.keep(secret, &change).await?;
        }
        Ok(None)
    }

    async fn secret(&self, name: &str) -> Result<Secret, Failure> {
        let found = self.secrets.get_opt(name).await.map_err(away)?;
        found.ok_or_else(|| {
            let message = "The Secret that `operator.webhook.secret` names is not there. The chart makes it; without the chart: \
                `kubectl create secret generic NAME`. It may be empty.";
            Failure::unavailable("operator.webhook-secret", message)
        })
    }

    fn show(&mut self, kept: &Kept, served: &Served) -> Result<(), Failure> {
        let Some(pair) = &kept.current else { return Ok(()) };
        if self.shown.as_ref() != Some(&pair.certificate) {
            served.show(Shown { chain: &pair.certificate, key: &pair.key })?;
            self.shown = Some(pair.certificate.clone());
            tracing::info!("the webhook shows another certificate");
        }
        Ok(())
    }

    /// Another copy may have been faster; then its step counts.
    async fn keep(&self, mut secret: Secret, kept: &Kept) -> Result<(), Failure> {
        secret.data = Some(kept.write());
        if kept.next.is_some() {
            secret.annotations_mut().remove(ROTATE);
        }
        match self.secrets.replace(&secret.name_any(), &PostParams::default(), &secret).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(refusal)) if refusal.code == 409 => Ok(()),
            Err(error) => Err(away(error)),
        }
    }

    /// Whether the API server was told before this look; else it is told now.
    async fn tell(&self, settings: &Settings, bundle: &str) -> Result<bool, Failure> {
        let mut told = self.tell_configuration(&settings.configuration, bundle).await?;
        for definition in &settings.conversion_of {
            told &= self.tell_definition(definition, bundle).await?;
        }
        Ok(told)
    }

    async fn tell_configuration(&self, name: &str, bundle: &str) -> Result<bool, Failure> {
        let all: Api<ValidatingWebhookConfiguration> = Api::all(self.client.clone());
        let found = all.get(name).await.map_err(away)?;
        let webhooks = found.webhooks.unwrap_or_default();
        let wanted = ByteString(bundle.as_bytes().to_vec());
        if webhooks.iter().all(|webhook| webhook.client_config.ca_bundle.as_ref() == Some(&wanted)) {
            return Ok(true);
        }
        let webhooks: Vec<Value> = webhooks
            .iter()
            .map(|webhook| json!({"name": webhook.name, "clientConfig": {"caBundle": wanted}}))
            .collect();
        let patch = json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name},
            "webhooks": webhooks,
        });
        all.patch(name, &believed(), &Patch::Apply(patch)).await.map_err(away)?;
        Ok(false)
    }

    async fn tell_definition(&self, name: &str, bundle: &str) -> Result<bool, Failure> {
        let all: Api<CustomResourceDefinition> = Api::all(self.client.clone());
        let found = all.get(name).await.map_err(away)?;
        let wanted = ByteString(bundle.as_bytes().to_vec());
        let asks =
            found.spec.conversion.and_then(|conversion| conversion.webhook).and_then(|webhook| webhook.client_config);
        match asks {
            Some(asks) if asks.ca_bundle.as_ref() != Some(&wanted) => {}
            _ => return Ok(true),
        }
        let patch = json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": name},
            "spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": wanted}}}},
        });
        all.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.map_err(away)?;
        Ok(false)
    }
}

/// A manager of its own: it owns whom to believe, and nothing else of what the chart applies.
fn believed() -> PatchParams {
    PatchParams::apply(MANAGER).force()
}

fn away(error: kube::Error) -> Failure {
    let message = "The webhook's Secret or its configuration cannot be read or written; it is tried again.";
    Failure::unavailable("operator.webhook-away", message).with_detail(error)
}

//! The webhook's certificate: made by the operator and kept in a Secret, or taken from a folder that somebody else fills.

mod cluster;
mod folder;
mod kept;
mod made;
mod rotation;
mod served;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use boot::metrics;
use kernel::{Clock, Failure, Random};
use tokio_util::sync::CancellationToken;

pub use cluster::{Cluster, Place};
pub use served::Served;

use super::settings::Settings;

/// Until the first certificate is there.
const SOON: Duration = Duration::from_millis(250);

/// Who fills the Secret, the folder or nothing.
pub enum Source {
    Cluster(Box<Cluster>),
    Folder(folder::Folder),
}

/// What every copy of the operator does about the certificate for as long as it lives. No leader is needed: a change of the
/// Secret counts only on top of the version that was read, and what the API server is told follows from the Secret alone.
pub struct Keeper {
    pub settings: Settings,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub served: Arc<Served>,
    pub source: Source,
}

impl Source {
    pub fn of(settings: &Settings, client: kube::Client, place: Place) -> Self {
        match &settings.certificate_folder {
            Some(folder) => Self::Folder(folder::Folder::new(folder.clone())),
            None => Self::Cluster(Box::new(Cluster::new(client, place, settings))),
        }
    }
}

impl Keeper {
    pub async fn keep(mut self, shutdown: CancellationToken) -> Result<(), Failure> {
        let mut trouble = None;
        let mut pause = SOON;
        loop {
            match self.look().await {
                Ok(()) => {
                    pause = self.settings.look_every();
                    trouble = None;
                }
                Err(failure) => {
                    // The same trouble is told once.
                    let said = format!("{failure:?}");
                    if trouble.as_ref() != Some(&said) {
                        tracing::warn!(code = %failure.code, ?failure, "the webhook's certificate");
                    }
                    trouble = Some(said);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.cancelled() => return Ok(()),
            }
        }
    }

    async fn look(&mut self) -> Result<(), Failure> {
        let now = self.clock.now();
        let until = match &mut self.source {
            Source::Folder(folder) => folder.look(&self.served).await?,
            Source::Cluster(cluster) => cluster.look(&self.settings, &self.served, now, self.random.as_ref()).await?,
        };
        let left = until.map_or(0.0, |until| until.since(now).as_secs_f64());
        metrics::WEBHOOK_CERTIFICATE.set(&[], left);
        Ok(())
    }
}

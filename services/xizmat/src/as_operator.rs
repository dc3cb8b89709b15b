//! Commands of whoever runs the platform: they act with the operator's keys, which nobody else can read.

use std::{path::PathBuf, time::Duration};

use boot::Kit;
use bus::Bus;
use clap::Args;
use kernel::Failure;

use crate::{Sources, serve, settings::Settings};

/// A person waits.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Args)]
pub struct AsOperator {
    /// The data folder of a platform that `xizmat up` runs; elsewhere name the operator's --config.
    #[arg(long, env = "XIZMAT_DATA", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    sources: Sources,
}

impl AsOperator {
    /// A platform that is not there is refused after a while.
    pub async fn connect(self) -> Result<(Kit, Bus), Failure> {
        let mut sources = self.sources;
        // A rehearsal's time is not this machine's.
        let shift = Some(self.data.join("run/clock-shift")).filter(|file| sources.config.is_none() && file.exists());
        sources.config.get_or_insert_with(|| self.data.join("run/settings.toml"));
        let settings = serve::load(&Settings::default(), &sources)?;
        serve::install_crypto();
        let kit = serve::kit(settings.stage, shift)?;
        let connecting = Bus::connect(&settings.operator.bus, kit.clock.clone(), kit.random.clone());
        let bus = tokio::time::timeout(PATIENCE, connecting).await.map_err(|_| {
            let url = &settings.operator.bus.url;
            let message = format!("The platform's bus at {url} does not answer. Start the platform first.");
            Failure::unavailable("cli.not-running", message)
        })??;
        Ok((kit, bus))
    }
}

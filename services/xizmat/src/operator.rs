//! `xizmat operator`: reconciles the resources of a Kubernetes cluster with the platform.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use boot::config;
use clap::Args;
use kernel::Failure;

use crate::{
    Sources, databases, health,
    serve::{install_crypto, interrupted, kit, load, tell_health, unless},
    settings::Settings,
};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// Address of the health checks and metrics; left out: none.
    #[arg(long)]
    health: Option<SocketAddr>,
    /// Civil time follows this file, as that of the platform does; for trials.
    #[arg(long, hide = true)]
    rehearsal: Option<PathBuf>,
}

pub async fn run(options: Options) -> Result<(), Failure> {
    let mut settings = load(&Settings::default(), &options.sources)?;
    if options.sources.dump_config {
        print!("{}", config::dump(&settings));
        return Ok(());
    }
    let interrupted = interrupted();
    tokio::pin!(interrupted);
    let told = boot::telemetry::Manner { name: controller::ROLE, json: true };
    let telling = boot::telemetry::start(told, &settings.telemetry)?;
    install_crypto();
    let kit = kit(settings.stage, options.rehearsal.clone())?.of(controller::ROLE);
    // The API server asks it also while it waits for something: it is ready, and says for what.
    let waits = controller::Waits::default();
    let running = health::Running::waiting(waits.clone());
    tell_health(options.health, &running, &kit).await?;
    if settings.operator.host_otlp_endpoint.is_none() {
        settings.operator.host_otlp_endpoint.clone_from(&settings.telemetry.otlp_endpoint);
    }
    settings.operator.host_recovery.get_or_insert_with(|| settings.recovery.clone());
    let started = async {
        let databases = databases::of(&settings.operator).await?;
        controller::start(&kit, settings.operator, databases, &waits).await
    };
    if unless(interrupted.as_mut(), started).await?.is_some() {
        running.start();
        interrupted.await;
    }
    kit.stop(Duration::from_secs(5)).await;
    telling.stop().await;
    Ok(())
}

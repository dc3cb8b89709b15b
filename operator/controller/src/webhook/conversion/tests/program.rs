//! Answers the API server as the operator does, and knows a version that no release serves: `tests/cluster/conversion.sh` proves with
//! it what a further version will meet. No other program holds that version.

mod next;

use std::{process::ExitCode, time::Duration};

use boot::{Kit, Stage, config, telemetry};
use controller::{Config, Version};
use kernel::Failure;
use tokio::signal::unix::{SignalKind, signal};

const VERSIONS: &[Version] = &[Version { name: next::NAME, to_kept: next::to_kept, from_kept: next::from_kept }];

/// Its arguments are settings of the operator, such as `webhook.listen=127.0.0.1:9643`.
#[tokio::main]
async fn main() -> ExitCode {
    match answer(std::env::args().skip(1).collect()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("next-version: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn answer(flags: Vec<String>) -> Result<(), Failure> {
    let mut terminated = signal(SignalKind::terminate()).expect("signals can be listened to");
    let settings: Config = config::load(&config::Sources { flags, ..config::Sources::default() })?;
    let manner = telemetry::Manner { name: controller::ROLE, json: true };
    let telling = telemetry::start(manner, &telemetry::Settings::default())?;
    let kit = Kit::system(Stage::Trial).of(controller::ROLE);
    controller::answer(&kit, &settings, VERSIONS).await?;
    terminated.recv().await;
    kit.stop(Duration::from_secs(5)).await;
    telling.stop().await;
    Ok(())
}

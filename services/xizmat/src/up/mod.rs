//! `xizmat up`: the whole platform in one process, with its NATS server and the sealing process as children.

mod children;
mod demo;
mod instance;
mod layout;
mod publish;
mod watch;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use axum::Router;
use boot::{Kit, Stage, config};
use clap::Args;
use kernel::Failure;
use tokio::net::TcpListener;

use crate::{
    Sources, health,
    serve::{self, Role, in_use, serve_http},
    settings::Settings,
};
use children::Kept;
use instance::{Addresses, Instance};
use layout::Layout;

pub use demo::{Account, on_behalf};
pub use layout::{CLI_CLIENT, CLI_REDIRECT};

#[derive(Args)]
pub struct Options {
    /// Folder that holds all state.
    #[arg(long, env = "XIZMAT_DATA", default_value = "data")]
    data: PathBuf,
    /// Folder of agencies' folders with their definitions.
    #[arg(long)]
    definitions: Option<PathBuf>,
    /// Publishes a changed definition as a new revision.
    #[arg(long, requires = "definitions")]
    watch: bool,
    /// Address of the portal, identity and providers' callbacks.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address of the health checks and metrics.
    #[arg(long, default_value = "127.0.0.1:8081")]
    health: SocketAddr,
    /// Port of the NATS server on the loopback address; 0 takes a free one.
    #[arg(long, default_value_t = 4222)]
    nats_port: u16,
    /// The NATS server's program.
    #[arg(long, env = "XIZMAT_NATS_SERVER", default_value = "nats-server")]
    nats_server: PathBuf,
    /// Prints addresses and accounts as one line of JSON when ready.
    #[arg(long)]
    json: bool,
    /// Civil time follows `run/clock-shift` in the data folder (seconds): a trial is led through days in a minute.
    #[arg(long, hide = true)]
    rehearsal: bool,
    #[command(flatten)]
    sources: Sources,
}

pub async fn run(options: Options) -> Result<(), Failure> {
    serve::install_crypto();
    loopback_only(&[options.listen, options.health])?;
    let told = serve::load(&Settings::default(), &options.sources)?;
    let json = options.json || std::env::var_os("XIZMAT_LOG_JSON").is_some();
    let telling = boot::telemetry::start(boot::telemetry::Manner { name: "xizmat", json }, &told.telemetry)?;
    let instance = Instance::open(&options.data, told.stage)?;
    let listener = bind(options.listen).await?;
    let health = bind(options.health).await?;
    let layout = Layout::prepare(&instance, &listener, options.nats_port)?;
    let settings = serve::load(&layout.settings(&told), &options.sources)?;
    if options.sources.dump_config {
        print!("{}", config::dump(&settings));
        return Ok(());
    }
    let platform = Platform::start(&options, &instance, &layout, &settings, listener, health).await?;
    serve::interrupted().await;
    platform.stop(&instance).await;
    telling.stop().await;
    Ok(())
}

fn loopback_only(addresses: &[SocketAddr]) -> Result<(), Failure> {
    match addresses.iter().find(|address| !address.ip().is_loopback()) {
        None => Ok(()),
        Some(address) => {
            let message = format!(
                "{address} is not a loopback address. `xizmat up` has no TLS; put a server that has it in front."
            );
            Err(Failure::invalid("up.loopback-only", message))
        }
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| in_use(address, &error))
}

struct Platform {
    nats: Kept,
    sealing: Kept,
    /// In the order in which they were started.
    services: Vec<Kit>,
    edge: Kit,
}

impl Platform {
    async fn start(
        options: &Options,
        instance: &Instance,
        layout: &Layout,
        settings: &Settings,
        listener: TcpListener,
        health: TcpListener,
    ) -> Result<Self, Failure> {
        let rehearsal = options.rehearsal.then(|| layout.clock_shift());
        let kit = serve::kit(settings.stage, rehearsal.clone())?;
        let addresses = layout.addresses(&health)?;
        let server = layout.nats_server(&options.nats_server);
        let mut child = server.start()?;
        children::nats_ready(&layout.nats_address, &mut child, &server.log).await?;
        let nats = Kept::keep(server, child);
        let sealing = layout.sealing(settings, rehearsal.as_deref())?;
        let child = sealing.start()?;
        let sealing = Kept::keep(sealing, child);
        let mut services = Vec::new();
        let (mut router, mut recovering) = (Router::new(), false);
        for role in [
            Role::Exchange,
            Role::Identity,
            Role::Register,
            Role::Notifications,
            Role::Payments,
            Role::Eservice,
            Role::Docket,
            Role::Portal,
        ] {
            let service = kit.child();
            let started = serve::start(role, &service, settings).await?;
            services.push(service);
            router = serve::mount(router, role, started.edge);
            recovering |= started.recovering;
        }
        let edge = kit.child();
        tokio::spawn(serve_http(listener, router, edge.shutdown.clone()));
        let operator = publish::Operator::connect(layout, &kit).await?;
        let mut waits = false;
        if let Some(folder) = options.definitions.as_ref().filter(|_| !recovering) {
            waits = operator.publish(folder, settings.stage, publish::Telling::Everything).await?;
        }
        let accounts = match settings.stage {
            Stage::Trial if !recovering => {
                demo::prepare(&operator, layout, options.definitions.as_deref(), &kit).await?
            }
            Stage::Trial | Stage::Production => Vec::new(),
        };
        tokio::spawn(serve_http(health, health::router(health::Running::started()), edge.shutdown.clone()));
        let watch = options.watch;
        if let Some(folder) = options.definitions.clone().filter(|_| (watch || waits) && !recovering) {
            watch::run(&edge, operator, watch::Followed { folder, stage: settings.stage, watch, waits });
        }
        health::settled().await;
        instance.publish(&addresses)?;
        announce(options.json, &addresses, &accounts, instance.first);
        if recovering && !options.json {
            println!(
                "The data is being recovered: nobody is served. `xizmat recovery check` lists what the databases disagree about,"
            );
            println!("`xizmat recovery end {}` puts it right; then start again.\n", settings.recovery);
        }
        Ok(Self { nats, sealing, services, edge })
    }

    /// What listens stops first, what others need stops last.
    async fn stop(self, instance: &Instance) {
        instance.withdraw();
        let limit = Duration::from_secs(5);
        self.edge.stop(limit).await;
        for service in self.services.iter().rev() {
            if !service.stop(limit).await {
                tracing::warn!("a service took too long to stop and is left behind");
            }
        }
        self.sealing.stop().await;
        self.nats.stop().await;
    }
}

fn announce(json: bool, addresses: &Addresses, accounts: &[demo::Account], first: bool) {
    if json {
        let line = serde_json::json!({
            "portal": addresses.portal,
            "health": addresses.health,
            "nats": addresses.nats,
            "accounts": accounts,
        });
        println!("{line}");
        return;
    }
    println!("\nXizmat is running{}.\n", if first { " for the first time in this folder" } else { "" });
    println!("  Portal      {}", addresses.portal);
    println!("  Officers    {}/officer", addresses.portal);
    println!("  Health      {}", addresses.health);
    println!("  Event bus   {}  (credentials in {})", addresses.nats, addresses.agents.display());
    if !accounts.is_empty() {
        println!("\nDemo officers (trial only):");
        for account in accounts {
            println!(
                "  {:<28} password {:<20} TOTP secret {}  ({} in {})",
                account.login, account.password, account.totp_secret, account.role, account.agency
            );
        }
        println!(
            "  The code for the second step: xizmat demo-code LOGIN (or put the secret into an authenticator app)."
        );
    }
    println!("\nCtrl-C stops everything.\n");
}

/// A person trying the platform out has no authenticator app set up for a demo officer.
pub fn demo_code(login: &str, data: &std::path::Path) -> std::process::ExitCode {
    match demo::code(login, data) {
        Ok(code) => {
            println!("{code}");
            std::process::ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("xizmat: {failure}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_no_tls_listens_on_this_machine_only() {
        let judged = |listen: &str, health: &str| {
            let addresses = [listen, health].map(|address| address.parse::<SocketAddr>().unwrap());
            loopback_only(&addresses).map_err(|failure| failure.code.into_owned())
        };
        assert_eq!(judged("127.0.0.1:8080", "[::1]:8081"), Ok(()));
        for open in ["0.0.0.0:80", "[::]:80", "10.0.0.7:80"] {
            assert_eq!(judged(open, "127.0.0.1:8081"), Err("up.loopback-only".to_owned()), "{open}");
            assert_eq!(judged("127.0.0.1:8080", open), Err("up.loopback-only".to_owned()), "{open}");
        }
    }
}

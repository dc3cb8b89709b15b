//! Counterparts of outside parties, each speaking its real protocol over a real connection, with failures on demand.
//!
//! A program of its own, never part of the product. What a contract with the real party would bring (addresses and
//! secrets) is written into one folder, from which the platform is configured as it would be for the real one.

mod clamd;
mod contract;
mod mail;
mod oneid;
mod payme;
mod registry;
mod sms;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use axum::{Router, extract::Request, http::StatusCode, response::IntoResponse};
use boot::{OsRandom, SystemClock};
use clap::Parser;
use kernel::Failure;
use tokio::{net::TcpListener, sync::RwLock};
use tower::ServiceExt;

use contract::{Addresses, Contract};

#[derive(Parser)]
#[command(name = "xizmat-sandbox", version, about = "Counterparts of outside parties for trials and tests")]
struct Options {
    /// Address of every HTTP counterpart.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Address of the mail server.
    #[arg(long, default_value = "127.0.0.1:8025")]
    smtp: SocketAddr,
    /// Address of the scanner of files; port 0: any free one, as the contract tells.
    #[arg(long, default_value = "127.0.0.1:0")]
    clamd: SocketAddr,
    /// Where the platform takes returned mail.
    #[arg(long, default_value = "127.0.0.1:8026")]
    bounces: SocketAddr,
    /// Folder for what contracts with outside parties bring: `endpoints.toml` and secrets.
    #[arg(long, default_value = "data/sandbox")]
    contract: PathBuf,
    /// The platform's data folder, where it tells its addresses while it runs.
    #[arg(long, default_value = "data")]
    platform_data: PathBuf,
    /// Payme calls the merchant once instead of twice.
    #[arg(long)]
    once: bool,
    /// Prints the addresses as one line of JSON when ready.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xizmat-sandbox: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Failure> {
    // One provider for every TLS connection of the process; a second call does nothing.
    let _ = async_nats::rustls::crypto::ring::default_provider().install_default();
    let told = boot::telemetry::Manner { name: "xizmat-sandbox", json: false };
    boot::telemetry::start(told, &boot::telemetry::Settings::default())?;
    let listener = bind(options.listen).await?;
    let mail = mail::Settings { listen: options.smtp, reports: options.bounces.to_string() };
    let mail = mail::start(mail).await.map_err(in_use(options.smtp))?;
    let clamd = clamd::start(options.clamd).await.map_err(in_use(options.clamd))?;
    let http = address(&listener)?;
    let contract = Contract::write(&options.contract, http, mail.address, clamd.address, options.bounces)?;
    let fixed = Router::new().nest("/eskiz", sms::router()).nest("/mail", mail.router).nest("/clamd", clamd.router);
    // Who calls back must know where: these counterparts begin once the platform has told its addresses.
    let calling: Arc<RwLock<Option<Router>>> = Arc::default();
    let awaited = calling.clone();
    let fallback = move |request: Request| {
        let calling = awaited.clone();
        async move {
            let router = calling.read().await.clone();
            match router {
                Some(router) => router.oneshot(request).await.unwrap_or_else(|never| match never {}),
                None => (StatusCode::SERVICE_UNAVAILABLE, "The platform is not running yet.\n").into_response(),
            }
        }
    };
    if options.json {
        println!("{}", serde_json::json!({"url": contract.url, "smtp": contract.smtp, "config": contract.config}));
    } else {
        println!(
            "Counterparts of outside parties listen on {}; their contract is {}.",
            contract.url,
            contract.config.display()
        );
    }
    tokio::spawn(follow(options, contract, calling));
    axum::serve(listener, fixed.fallback(fallback))
        .await
        .map_err(|error| Failure::internal("sandbox.listen", error.to_string()))
}

/// Builds the calling counterparts anew whenever the platform has moved.
async fn follow(options: Options, contract: Contract, calling: Arc<RwLock<Option<Router>>>) {
    let mut known: Option<Addresses> = None;
    loop {
        // A platform that went away is awaited: nobody forgets what it was paid because a merchant restarts.
        let told = Addresses::read(&options.platform_data).filter(|told| known.as_ref() != Some(told));
        if let Some(addresses) = told {
            match counterparts(&options, &contract, &addresses) {
                Ok(router) => *calling.write().await = Some(router),
                Err(failure) => tracing::error!(?failure, "a counterpart could not begin"),
            }
            known = Some(addresses);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

fn counterparts(options: &Options, contract: &Contract, platform: &Addresses) -> Result<Router, Failure> {
    let oneid = oneid::Settings {
        client_id: contract::ONEID_CLIENT.into(),
        client_secret: contract.oneid_secret.clone(),
        redirect_uris: vec![format!("{}/oneid/callback", platform.identity)],
        clock: Arc::new(SystemClock::default()),
        random: Arc::new(OsRandom),
    };
    let payme = payme::Settings {
        merchant_url: format!("{}/payme", platform.callback),
        merchant_id: contract::PAYME_MERCHANT.into(),
        key_file: contract.payme_key_file.clone(),
        api_key_file: contract.payme_api_key_file.clone(),
        twice: !options.once,
        ..payme::Settings::default()
    };
    let agency = |name: &str| registry::Settings {
        nats_url: platform.nats.clone(),
        ca_file: platform.ca.clone(),
        credentials_file: platform.agents.join(format!("{name}.creds")),
    };
    let (archive, notary) = (Arc::new(registry::Archive::read()?), Arc::new(registry::Notary::read()?));
    let court = Arc::new(registry::Court::read()?);
    Ok(Router::new()
        .nest("/oneid", oneid::router(oneid))
        .nest("/payme", payme::router(payme))
        .nest("/registry/control", registry::start(agency("civil-status"), archive))
        .nest("/court/control", registry::start(agency("court"), court))
        .nest("/notary/records/control", notary.records())
        .nest("/notary/control", registry::start(agency("notary"), notary)))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(in_use(address))
}

fn in_use(address: SocketAddr) -> impl FnOnce(std::io::Error) -> Failure {
    move |error| Failure::conflict("sandbox.port-in-use", format!("Cannot listen on {address}: {error}."))
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::internal("sandbox.address", error.to_string()))
}

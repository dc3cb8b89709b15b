//! Says at apply what is wrong with a resource: the API server asks before it keeps one. Every copy of the operator answers,
//! leader or not, with the code of `xizmat check`; what is let through unjudged, the controller and the register judge anyway.

mod certificate;
mod conversion;
mod deletion;
mod desk;
mod listen;
mod measure;
mod refusal;
mod review;
mod settings;
mod verdict;

use std::sync::Arc;

use boot::{Kit, Stage};
use kernel::Failure;
use kube::Client;
use tokio::net::TcpListener;

use crate::Config;
use certificate::{Keeper, Place, Served, Source};
pub use conversion::{OTHERS, Version};
pub use settings::Settings;
use verdict::Site;

/// Before anything else of the operator is there: the API server may ask while the bus is away. `others` are the versions that are
/// served besides the one that is kept.
pub async fn start(kit: &Kit, client: &Client, config: &Config, others: &'static [Version]) -> Result<(), Failure> {
    let Some(address) = config.webhook.listen else { return Ok(()) };
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let message = "The webhook's address cannot be taken. Choose another: `operator.webhook.listen`.";
        Failure::invalid("operator.webhook-address", message).with_detail(error)
    })?;
    let served = Served::nothing_yet();
    let tls = served.configuration().map_err(|error| {
        Failure::internal("operator.certificate", "TLS cannot be set up for the webhook.").with_detail(error)
    })?;
    let site = Site { trial: kit.stage == Stage::Trial, hosts: config.host_image.is_some() };
    let router = desk::router(site, others);
    let (listener, shutdown) = (Arc::new(listener), kit.shutdown.clone());
    kit.spawn("webhook", move || listen::listen(listener.clone(), tls.clone(), router.clone(), shutdown.clone()));

    let (config, client, shutdown) = (config.clone(), client.clone(), kit.shutdown.clone());
    let (clock, random) = (kit.clock.clone(), kit.random.clone());
    kit.spawn("webhook-certificate", move || {
        let place = Place { namespace: config.namespace.clone(), read_only: config.read_only };
        let source = Source::of(&config.webhook, client.clone(), place);
        let (settings, clock, random) = (config.webhook.clone(), clock.clone(), random.clone());
        Keeper { settings, clock, random, served: served.clone(), source }.keep(shutdown.clone())
    });
    Ok(())
}

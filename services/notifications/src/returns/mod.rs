//! Where letters that could not be delivered come back: a door for mail servers that takes reports about letters of ours and
//! nothing else, and never answers with a letter.

mod dialogue;
mod take;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;

use crate::{
    bus::Office,
    domain::{return_path::ReturnPath, returns::Returns},
};

/// Mail servers that are heard at once; others try again.
const CONNECTIONS_MAX: usize = 32;
/// Whoever has not said everything by then tries again.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where letters come back that could not be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Domain to which letters come back, such as `bounces.example.uz`; each has an address of its own there.
    pub domain: String,
    /// Address at which a mail server of yours hands over what comes for that domain, by SMTP or LMTP in plain: on the machine
    /// itself or inside the cluster, never on the Internet.
    pub listen: SocketAddr,
    /// An e-mail address is passed over after so many letters to it came back, for a month or until the person has another one.
    pub unreachable_after: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { domain: String::new(), listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 2525)), unreachable_after: 3 }
    }
}

impl Settings {
    pub fn returns(&self, key: [u8; 32]) -> Result<Returns, Failure> {
        Returns::new(ReturnPath::new(key, &self.domain)?, self.unreachable_after)
    }
}

/// The open door.
pub struct Door {
    listener: TcpListener,
    office: Office,
    returns: Arc<Returns>,
    places: Arc<Semaphore>,
}

impl Door {
    pub async fn open(listen: SocketAddr, office: Office, returns: Arc<Returns>) -> Result<Self, Failure> {
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            Failure::conflict(
                "notification.bounce-port",
                format!(
                    "Cannot listen on {listen} for returned mail: {error}. Stop what uses it, or choose another address."
                ),
            )
        })?;
        Ok(Self { listener, office, returns, places: Arc::new(Semaphore::new(CONNECTIONS_MAX)) })
    }

    pub async fn run(&self, shutdown: CancellationToken) -> Result<(), Failure> {
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = shutdown.cancelled() => return Ok(()),
            };
            let (stream, _) = accepted.map_err(|error| {
                Failure::internal("notification.bounce-listener", "Returned mail cannot be taken.").because(error)
            })?;
            if let Ok(place) = self.places.clone().try_acquire_owned() {
                let (office, returns, shutdown) = (self.office.clone(), self.returns.clone(), shutdown.clone());
                tokio::spawn(async move {
                    let _place = place;
                    tokio::select! {
                        () = hear(stream, &office, &returns) => {}
                        () = shutdown.cancelled() => {}
                    }
                });
            }
        }
    }
}

async fn hear(stream: TcpStream, office: &Office, returns: &Returns) {
    match tokio::time::timeout(PATIENCE, dialogue::hold(stream, office, returns)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a mail server went away"),
        Err(_) => tracing::debug!("a mail server took too long"),
    }
}

#[cfg(test)]
pub mod tests;

//! Until when the certificates count that the bus's servers show: they say so to the system account alone.

use std::time::Duration;

use async_nats::Client;
use boot::metrics;
use futures::StreamExt;
use kernel::{Failure, Time};
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout_at};

use crate::permissions;

/// What changes with a restart of the servers is known soon after it.
const ASK_EVERY: Duration = Duration::from_secs(60);
/// For as long everybody's answer is awaited.
const ANSWERS: Duration = Duration::from_secs(2);

/// What one server answers, as far as it is read.
#[derive(Deserialize)]
struct Answer {
    data: About,
}

#[derive(Deserialize)]
struct About {
    /// None where it speaks in plain.
    tls_cert_not_after: Option<Time>,
}

/// Asks again and again for as long as the exchange runs.
pub(crate) fn watch(kit: &boot::Kit, client: &Client) {
    let (client, clock, shutdown) = (client.clone(), kit.clock.clone(), kit.shutdown.clone());
    kit.spawn_always("servers", move || {
        let (client, clock, shutdown) = (client.clone(), clock.clone(), shutdown.clone());
        async move {
            loop {
                if let Some(until) = first_end(&client).await? {
                    metrics::BUS_CERTIFICATE.set(&[], until.since(clock.now()).as_secs_f64());
                }
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = sleep(ASK_EVERY) => {}
                }
            }
        }
    });
}

/// The end of the certificate that ends first.
async fn first_end(client: &Client) -> Result<Option<Time>, Failure> {
    let away = |error: &dyn std::fmt::Display| {
        Failure::unavailable("exchange.servers", "The bus's servers cannot be asked now.").with_detail(error)
    };
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.map_err(|error| away(&error))?;
    let asked = client.publish_with_reply(permissions::SERVERS, inbox, Default::default()).await;
    asked.map_err(|error| away(&error))?;
    let (mut first, until) = (None, Instant::now() + ANSWERS);
    while let Ok(Some(answer)) = timeout_at(until, answers.next()).await {
        first = first.into_iter().chain(end(&answer.payload)).min();
    }
    Ok(first)
}

fn end(answer: &[u8]) -> Option<Time> {
    serde_json::from_slice::<Answer>(answer).ok()?.data.tls_cert_not_after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_until_when_its_certificate_counts_and_one_in_plain_says_nothing() {
        let encrypted =
            br#"{"server":{"name":"x-nats-0"},"data":{"port":4222,"tls_cert_not_after":"2028-11-28T22:54:11Z"}}"#;
        assert_eq!(end(encrypted), Some("2028-11-28T22:54:11Z".parse().unwrap()));
        assert_eq!(end(br#"{"server":{"name":"x-nats-0"},"data":{"port":4222}}"#), None);
        assert_eq!(end(b"no answer"), None);
    }
}

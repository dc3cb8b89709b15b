//! Who leads, by a lease whose age each operator measures itself: clocks that differ let nobody take what another holds.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease as Record, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kernel::{Clock, Hash, Random, bytes};
use kube::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::{run::MANAGER, waits::Waits};

/// A holder that was not seen to renew for so long is gone.
const LASTS: Duration = Duration::from_secs(15);
/// A holder that could not renew for so long stops by itself, well before another may begin.
const GIVES_UP: Duration = Duration::from_secs(10);
const RENEWED: Duration = Duration::from_secs(3);
const LOOKS: Duration = Duration::from_secs(1);

pub struct Lease {
    api: Api<Record>,
    identity: String,
    clock: Arc<dyn Clock>,
    waits: Waits,
    seen: Seen,
}

const LEASE: &str = "the lease of the leader";

/// Which version of the lease was seen, and since when by this machine's own steady clock.
#[derive(Default)]
struct Seen(Option<(String, Instant)>);

impl Seen {
    /// Whether nobody was seen to renew it for as long as it lasts. What it says about time is not believed.
    fn is_over(&mut self, record: &Record, now: Instant) -> bool {
        let version = record.metadata.resource_version.clone().unwrap_or_default();
        match &self.0 {
            Some((seen, since)) if *seen == version => now.duration_since(*since) >= LASTS,
            _ => {
                self.0 = Some((version, now));
                false
            }
        }
    }
}

impl Lease {
    pub fn new(client: Client, namespace: &str, clock: Arc<dyn Clock>, random: &dyn Random, waits: Waits) -> Self {
        let identity = format!("{MANAGER}-{}", &Hash::from_bytes(bytes(random)).to_string()[..16]);
        Self { api: Api::namespaced(client, namespace), identity, clock, waits, seen: Seen::default() }
    }

    /// Waits until this operator holds it.
    pub async fn acquire(&mut self) {
        loop {
            match self.take().await {
                Ok(taken) => {
                    self.waits.came(LEASE);
                    if taken {
                        return;
                    }
                }
                Err(error) => self.waits.wait(LEASE, error.to_string()),
            }
            sleep(LOOKS).await;
        }
    }

    /// Renews it until that fails for too long, or another holds it.
    pub async fn keep(&mut self) {
        let mut renewed = Instant::now();
        loop {
            sleep(RENEWED).await;
            let left = GIVES_UP.saturating_sub(renewed.elapsed());
            match timeout(left, self.renew()).await {
                Ok(Ok(true)) => renewed = Instant::now(),
                Ok(Ok(false)) => return,
                Ok(Err(error)) => tracing::warn!(%error, "the lease of the leader cannot be renewed"),
                Err(_) => return,
            }
            if renewed.elapsed() >= GIVES_UP {
                return;
            }
        }
    }

    /// Lets the next one in at once, if it is still held.
    pub async fn release(&mut self) {
        let given_back = async {
            match self.api.get_opt(MANAGER).await? {
                Some(record) if holder(&record) == self.identity => self.write(&record, "", false).await,
                _ => Ok(false),
            }
        };
        if let Err(error) = given_back.await {
            tracing::debug!(%error, "the lease is not given back; it runs out");
        }
    }

    async fn take(&mut self) -> kube::Result<bool> {
        let Some(record) = self.api.get_opt(MANAGER).await? else { return self.create().await };
        let holder = holder(&record);
        let free = holder.is_empty() || holder == self.identity || self.seen.is_over(&record, Instant::now());
        Ok(free && self.write(&record, &self.identity, holder != self.identity).await?)
    }

    async fn renew(&mut self) -> kube::Result<bool> {
        match self.api.get_opt(MANAGER).await? {
            Some(record) if holder(&record) == self.identity => self.write(&record, &self.identity, false).await,
            _ => Ok(false),
        }
    }

    async fn create(&self) -> kube::Result<bool> {
        let metadata = ObjectMeta { name: Some(MANAGER.to_owned()), ..ObjectMeta::default() };
        let spec = LeaseSpec {
            acquire_time: Some(self.now()),
            renew_time: Some(self.now()),
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(LASTS.as_secs()).ok(),
            lease_transitions: Some(0),
            ..LeaseSpec::default()
        };
        let as_manager = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
        let made = self.api.create(&as_manager, &Record { metadata, spec: Some(spec) }).await;
        won(made)
    }

    /// Only over the version that was read: of two who try at once one succeeds.
    async fn write(&self, record: &Record, holder: &str, taken: bool) -> kube::Result<bool> {
        let mut spec = json!({
            "holderIdentity": holder,
            "leaseDurationSeconds": LASTS.as_secs(),
            "renewTime": self.now(),
        });
        if taken {
            let before = record.spec.as_ref().and_then(|spec| spec.lease_transitions).unwrap_or_default();
            spec["acquireTime"] = json!(self.now());
            spec["leaseTransitions"] = json!(before + 1);
        }
        let patch = json!({"metadata": {"resourceVersion": record.metadata.resource_version}, "spec": spec});
        let as_manager = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        won(self.api.patch(MANAGER, &as_manager, &Patch::Merge(patch)).await)
    }

    fn now(&self) -> MicroTime {
        MicroTime(Timestamp::from_microsecond(self.clock.now().micros()).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

fn holder(record: &Record) -> String {
    record.spec.as_ref().and_then(|spec| spec.holder_identity.clone()).unwrap_or_default()
}

/// False when another was faster.
fn won(written: kube::Result<Record>) -> kube::Result<bool> {
    match written {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 || status.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(version: &str, renewed: i64) -> Record {
        let metadata = ObjectMeta { resource_version: Some(version.to_owned()), ..ObjectMeta::default() };
        let renew_time = Some(MicroTime(Timestamp::from_second(renewed).unwrap()));
        let spec = LeaseSpec { holder_identity: Some("another".to_owned()), renew_time, ..LeaseSpec::default() };
        Record { metadata, spec: Some(spec) }
    }

    #[test]
    fn a_lease_is_over_when_it_was_not_seen_to_change_for_its_time_whatever_its_holder_s_clock_says() {
        let (mut seen, begun) = (Seen::default(), Instant::now());
        // A holder whose clock stands in 1970, another in 2100: neither is older or younger for it.
        assert!(!seen.is_over(&record("1", 0), begun));
        assert!(!seen.is_over(&record("1", 0), begun + LASTS - Duration::from_millis(1)));
        assert!(!seen.is_over(&record("2", 0), begun + LASTS), "it was renewed");
        assert!(!seen.is_over(&record("2", 4_102_444_800), begun + LASTS * 2 - Duration::from_millis(1)));
        assert!(seen.is_over(&record("2", 4_102_444_800), begun + LASTS * 2));
    }
}

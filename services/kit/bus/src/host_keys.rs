//! Learns from the exchange which hosts of e-services there are, when a message comes from one that is not known.

use async_nats::HeaderMap;
use futures::FutureExt;
use kernel::{BoxFuture, Failure, Time};
use proto::{
    Empty,
    exchange::v1::{HostKey, HostKeys, operations::READ_HOST_KEYS},
};

use crate::{
    Bus, header,
    keys::{Scope, TrustedKey},
    signature, subject,
};

impl Bus {
    /// Asks for the hosts' keys where the message's may be among them. What cannot be learned now leaves the message to be
    /// judged by what is known.
    pub(crate) async fn know_signer(&self, headers: Option<&HeaderMap>) {
        let kid = headers.and_then(|headers| signature::kid(header::text(headers, header::SIGNATURE)));
        let may_ask = READ_HOST_KEYS.callers.contains(&self.role());
        if kid.is_none_or(|kid| !may_ask || !self.trusted().should_ask(&kid)) {
            return;
        }
        if let Err(failure) = self.learn_hosts().await {
            tracing::info!(role = self.role(), ?failure, "the hosts' keys wait");
        }
    }

    /// Boxed, because the answer is itself a message whose signature is judged.
    fn learn_hosts(&self) -> BoxFuture<'_, Result<(), Failure>> {
        async move {
            let told: HostKeys = self.request(&READ_HOST_KEYS, subject::PLATFORM, &Empty {}).await?;
            self.trusted().trust_hosts(&told.keys.into_iter().map(trusted).collect::<Vec<_>>())
        }
        .boxed()
    }
}

/// A host's key as the keeper tells it.
pub fn trusted(key: HostKey) -> TrustedKey {
    TrustedKey {
        service: key.role,
        kid: key.kid,
        public: key.public,
        not_before: Time::from_micros(key.not_before_us),
        not_after: (key.not_after_us != 0).then(|| Time::from_micros(key.not_after_us)),
        scope: Some(Scope { agency: key.agency, services: key.services }),
    }
}

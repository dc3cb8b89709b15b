//! Learns from the exchange which hosts of e-services there are, when a message comes from one that is not known.

use async_nats::HeaderMap;
use futures::FutureExt;
use kernel::{BoxFuture, Failure, Time};
use proto::exchange::v1::{HostKey, HostKeys, ReadHostKeysRequest, operations::READ_HOST_KEYS};

use crate::{
    Bus, header,
    keys::{Scope, TrustedKey},
    signature, subject,
};

/// Keys of one answer.
const PAGE: i32 = 500;

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
            let (mut request, mut keys) = (ReadHostKeysRequest { limit: PAGE, ..Default::default() }, Vec::new());
            loop {
                let HostKeys { keys: told, more } = self.request(&READ_HOST_KEYS, subject::PLATFORM, &request).await?;
                // A page without keys is the last.
                let last = told.last().map(|last| (last.since_us, last.public.clone()));
                keys.extend(told.into_iter().map(trusted));
                match last.filter(|_| more) {
                    Some(last) => (request.after_us, request.after_public) = last,
                    None => return self.trusted().trust_hosts(&keys),
                }
            }
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

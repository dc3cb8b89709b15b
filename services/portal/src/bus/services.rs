//! Every command of a person carries an assertion of identity, made for exactly this operation, command and payload.

use std::{sync::Arc, time::Duration};

use bus::{
    Bus, OnBehalf,
    subject::{Address, PLATFORM},
};
use kernel::{Clock, CommandId, Failure, Hash, Random};
use prost::Message;
use proto::Operation;

use crate::{
    domain::acting::Principal,
    http::{Asserted, Provider},
    store::{Opened, Session, Sessions},
};

/// An access token with less than this left is refreshed first.
const LEFT_MIN: Duration = Duration::from_secs(20);
/// What a page may wait for a host that it can do without.
const HOST_PATIENCE: Duration = Duration::from_millis(800);
const REFRESH_POLLS: u32 = 40;
const REFRESH_POLL: Duration = Duration::from_millis(100);

pub struct Services {
    bus: Bus,
    provider: Provider,
    sessions: Sessions,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Services {
    pub fn new(
        bus: Bus,
        provider: Provider,
        sessions: Sessions,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { bus, provider, sessions, clock, random }
    }

    /// A question of the portal's own.
    pub async fn ask<Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        request: &Q,
    ) -> Result<R, Failure> {
        self.bus.request(operation, PLATFORM, request).await
    }

    /// A question of the portal's own to whoever hosts a service: a page would rather lack the answer than wait for it.
    pub async fn ask_host<'a, Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        to: impl Into<Address<'a>>,
        request: &Q,
    ) -> Result<R, Failure> {
        self.bus.request_within(operation, to, request, HOST_PATIENCE).await
    }

    /// A question of the person's: read as often as they like.
    pub async fn read<'a, Q: Message, R: Message + Default>(
        &self,
        session: &Session,
        operation: &Operation<Q, R>,
        to: impl Into<Address<'a>>,
        request: &Q,
    ) -> Result<R, Failure> {
        let command = CommandId::new(self.clock.as_ref(), self.random.as_ref());
        self.send(session, operation, to.into(), request, command).await
    }

    /// A command of the person's. `issued` came with the form: the same form sent twice is one command, and a form
    /// that was changed before it was sent again is another.
    pub async fn command<'a, Q: Message, R: Message + Default>(
        &self,
        session: &Session,
        operation: &Operation<Q, R>,
        to: impl Into<Address<'a>>,
        request: &Q,
        issued: CommandId,
    ) -> Result<R, Failure> {
        let body = Hash::of(&request.encode_to_vec());
        let parts: [&[u8]; 3] = [issued.as_bytes(), operation.name.as_bytes(), body.as_bytes()];
        self.send(session, operation, to.into(), request, CommandId::derived(Hash::of_parts(&parts))).await
    }

    /// For whom the person may act in their session, as identity says now.
    pub async fn principals(&self, session: &Session) -> Result<Vec<Principal>, Failure> {
        let opened = self.fresh(session).await?;
        self.provider.principals(&opened.access_token).await
    }

    async fn send<Q: Message, R: Message + Default>(
        &self,
        session: &Session,
        operation: &Operation<Q, R>,
        to: Address<'_>,
        request: &Q,
        command_id: CommandId,
    ) -> Result<R, Failure> {
        let body = Hash::of(&request.encode_to_vec());
        let opened = self.fresh(session).await?;
        let asserted = Asserted {
            principal: opened.acting.as_ref().map(|acting| acting.principal.clone()),
            audience: operation.callee,
            operation: operation.name,
            command_id,
            payload: body,
        };
        let assertion = self.provider.assertion(&opened.access_token, &asserted).await?;
        let person = OnBehalf { assertion, command_id };
        self.bus.request_for(operation, to, request, &person).await
    }

    /// Tokens with some life left. One request refreshes, the others wait for it.
    async fn fresh(&self, session: &Session) -> Result<Opened, Failure> {
        let soon = self.clock.now().plus(LEFT_MIN);
        if session.opened.access_ends > soon {
            return Ok(session.opened.clone());
        }
        for _ in 0..REFRESH_POLLS {
            let current = self.sessions.read(session.id_hash).await?.ok_or_else(signed_out)?;
            self.sessions.see(&current).await?;
            if current.opened.access_ends > soon {
                return Ok(current.opened);
            }
            if self.sessions.claim_refresh(&current).await? {
                return self.refresh(&current).await;
            }
            tokio::time::sleep(REFRESH_POLL).await;
        }
        Err(Failure::unavailable("portal.refresh", "Your session could not be renewed. Try again in a minute."))
    }

    async fn refresh(&self, session: &Session) -> Result<Opened, Failure> {
        let Some(token) = &session.opened.refresh_token else {
            self.sessions.end(session).await?;
            return Err(signed_out());
        };
        match self.provider.refresh(token, &session.opened).await {
            Ok(opened) => {
                self.sessions.keep_refreshed(session, &opened).await?;
                Ok(opened)
            }
            Err(failure) if failure.kind.retry() => Err(failure),
            // Identity ended it: so do we.
            Err(failure) => {
                tracing::info!(code = %failure.code, "identity ended a session");
                self.sessions.end(session).await?;
                Err(signed_out())
            }
        }
    }
}

fn signed_out() -> Failure {
    Failure::unauthenticated("portal.signed-out", "You have been signed out. Sign in again.")
}

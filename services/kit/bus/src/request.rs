//! Asks another service: signed both ways, with a deadline, for oneself or on behalf of a person.

use std::time::Duration;

use async_nats::{HeaderMap, RequestErrorKind};
use bytes::Bytes;
use kernel::{
    Failure, Hash, Time, Trace,
    id::{CommandId, MessageId},
};
use prost::Message;
use proto::Operation;

use crate::{
    Bus, header, keys, refusal, replay,
    signature::{self, Signed},
    subject::{self, Address},
};

pub const DEADLINE: Duration = Duration::from_secs(5);
/// Nobody listens at that address; said at once, while a service that hangs is only noticed at the deadline.
pub const NOT_RUNNING: &str = "bus.not-running";

/// The person's assertion for one command.
#[derive(Clone)]
pub struct OnBehalf {
    pub assertion: String,
    pub command_id: CommandId,
}

impl Bus {
    /// Asks with the usual deadline; the callee's refusal comes back as it was made.
    pub async fn request<'a, Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        to: impl Into<Address<'a>>,
        request: &Q,
    ) -> Result<R, Failure> {
        self.ask(operation, to.into(), request, "", DEADLINE).await
    }

    /// Asks on behalf of a person.
    pub async fn request_for<'a, Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        to: impl Into<Address<'a>>,
        request: &Q,
        person: &OnBehalf,
    ) -> Result<R, Failure> {
        self.ask(operation, to.into(), request, &person.assertion, DEADLINE).await
    }

    /// Asks for what may take longer than usual.
    pub async fn request_within<'a, Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        to: impl Into<Address<'a>>,
        request: &Q,
        patience: Duration,
    ) -> Result<R, Failure> {
        self.ask(operation, to.into(), request, "", patience).await
    }

    async fn ask<Q: Message, R: Message + Default>(
        &self,
        operation: &Operation<Q, R>,
        to: Address<'_>,
        request: &Q,
        assertion: &str,
        patience: Duration,
    ) -> Result<R, Failure> {
        let subject = self.request_subject(operation, to)?;
        let body = Bytes::from(request.encode_to_vec());
        let message_id = self.new_message_id();
        let headers = self.request_headers(&subject, message_id, &body, assertion, patience);
        let message = async_nats::Request::new().payload(body).headers(headers).timeout(Some(patience));
        let reply = self
            .client()
            .send_request(subject.clone(), message)
            .await
            .map_err(|error| unanswered(operation.callee, operation.name, &error))?;
        // The exchange tells everybody's keys; its own are known from the start.
        if operation.callee != keys::KEEPER {
            self.know_signer(reply.headers.as_ref()).await;
        }
        self.check_reply(operation.callee, to, &subject, message_id, &reply)?;
        R::decode(reply.payload).map_err(|error| {
            Failure::internal("bus.malformed-reply", "A service gave an answer that cannot be read.").with_detail(error)
        })
    }

    fn request_subject<Q, R>(&self, operation: &Operation<Q, R>, to: Address<'_>) -> Result<String, Failure> {
        if operation.hosted != to.service.is_some() {
            let message = format!("{} is asked at the wrong kind of address.", operation.name);
            return Err(Failure::internal("bus.address", message));
        }
        let service = to.service.map(subject::token).transpose()?;
        Ok(operation.subject(subject::token(to.agency)?, service, self.role()))
    }

    /// Headers of a message to somebody outside of the platform account, signed in the same form.
    pub fn sign(&self, subject: &str, body: &[u8], patience: Duration) -> HeaderMap {
        self.request_headers(subject, self.new_message_id(), body, "", patience)
    }

    fn request_headers(
        &self,
        subject: &str,
        message_id: MessageId,
        body: &[u8],
        assertion: &str,
        patience: Duration,
    ) -> HeaderMap {
        let time = self.now();
        let deadline = time.plus(patience).micros().to_string();
        let signature = signature::sign(
            self.key(),
            &Signed {
                subject,
                message_id,
                time,
                body_hash: Hash::of(body),
                bound: &[deadline.as_bytes(), assertion.as_bytes()],
            },
        );
        let mut headers = HeaderMap::new();
        headers.insert(header::MESSAGE_ID, message_id.to_string());
        headers.insert(header::TIME, time.micros().to_string());
        headers.insert(header::DEADLINE, deadline);
        headers.insert(header::SIGNATURE, signature);
        if !assertion.is_empty() {
            headers.insert(header::ASSERTION, assertion);
        }
        if let Some(trace) = Trace::current() {
            headers.insert(header::TRACE_PARENT, trace.to_string());
        }
        headers
    }

    /// A reply counts only when the callee signed it for exactly this request.
    fn check_reply(
        &self,
        callee: &str,
        to: Address<'_>,
        subject: &str,
        request: MessageId,
        reply: &async_nats::Message,
    ) -> Result<(), Failure> {
        let forged = |why: &str| {
            Failure::internal("bus.forged-reply", "An answer did not come from the service that was asked.")
                .with_detail(why)
        };
        let headers = reply.headers.as_ref().ok_or_else(|| forged("it is not signed"))?;
        let (message_id, time) = stamp(headers).ok_or_else(|| forged("it is not stamped"))?;
        let signed = Signed {
            subject,
            message_id,
            time,
            body_hash: Hash::of(&reply.payload),
            bound: &[request.as_bytes(), header::text(headers, header::ERROR).as_bytes()],
        };
        let text = header::text(headers, header::SIGNATURE);
        let signer = signature::verify(self.trusted(), text, &signed)?;
        if signer.role != callee || !signer.answers_for(to) {
            return Err(forged("another service signed it"));
        }
        let now = self.now();
        if time > now.plus(replay::WINDOW) || time < now.minus(replay::WINDOW) {
            return Err(forged("its time is too far from ours"));
        }
        match refusal::read(headers) {
            // Whose log says more.
            Some(refused) if refused.kind.retry() => Err(refused.because(format!("{callee} says so"))),
            Some(refused) => Err(refused),
            None => Ok(()),
        }
    }
}

/// Message id and time of a message, when both can be read.
pub fn stamp(headers: &HeaderMap) -> Option<(MessageId, Time)> {
    let id = header::text(headers, header::MESSAGE_ID).parse().ok()?;
    let micros = header::text(headers, header::TIME).parse().ok()?;
    Some((id, Time::from_micros(micros)))
}

fn unanswered(callee: &str, operation: &str, error: &async_nats::RequestError) -> Failure {
    let what = match error.kind() {
        RequestErrorKind::NoResponders => {
            let message = "A part of the platform does not run now. Try again in a minute.";
            return Failure::unavailable("bus.not-running", message).because(format!("{callee} ({operation})"));
        }
        RequestErrorKind::TimedOut => "did not answer in time",
        RequestErrorKind::MaxPayloadExceeded => {
            return Failure::invalid("bus.too-large", "The message is too large.");
        }
        _ => "cannot be reached",
    };
    let cause = format!("{callee} {what} ({operation})");
    Failure::unavailable("bus.unavailable", "A part of the platform does not answer now. Try again in a minute.")
        .with_detail(format!("{cause}: {error}"))
        .because(cause)
}

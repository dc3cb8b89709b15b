//! An event of a producer's log, and its form on the wire: CloudEvents 1.0, binary mode.

use async_nats::HeaderMap;
use bytes::Bytes;
use kernel::{
    Failure, Hash, Time, Trace,
    id::{CaseId, MessageId},
};

use crate::{
    Bus, header,
    keys::{Scope, refused},
    signature::{self, Signed},
    subject,
};

/// One event, whether it came over JetStream or was pulled from its producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub producer: String,
    /// Which of the producer's databases: an agency's, or `platform` where all share one.
    pub log: String,
    /// Empty when the row is not for us or its content was destroyed: only its place in the log is left.
    pub name: String,
    pub agency: String,
    pub message_id: MessageId,
    /// Grows when the producer's database was restored.
    pub epoch: i64,
    /// Dense within the producer's database.
    pub sequence: i64,
    pub case: Option<(CaseId, i64)>,
    pub time: Time,
    pub body: Bytes,
    /// What it belongs to, when its producer knew.
    pub trace: Option<Trace>,
}

/// Where an event stands in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub message_id: MessageId,
    pub epoch: i64,
    pub sequence: i64,
}

impl Event {
    pub fn place(&self) -> Place {
        Place { message_id: self.message_id, epoch: self.epoch, sequence: self.sequence }
    }

    /// Whether this is an `E`.
    pub fn is<E: proto::Event>(&self) -> bool {
        self.producer == E::PRODUCER && self.name == E::NAME
    }

    /// The event's content, after `is` said so. It may speak of no other case than its envelope, whose owner was judged.
    pub fn decode<E: proto::Event>(&self) -> Result<E, Failure> {
        let malformed = || Failure::internal("bus.malformed-event", "An event cannot be read.");
        let content = E::decode(self.body.clone()).map_err(|error| malformed().with_detail(error))?;
        let fits = content.case().is_none_or(|of| {
            self.case.is_some_and(|(case, _)| case.as_bytes().as_slice() == of.case_id) && of.agency == self.agency
        });
        if fits { Ok(content) } else { Err(malformed().with_detail("it speaks of another case than its envelope")) }
    }

    /// By which the stream knows a repetition. Several logs share the e-services' stream: each has ids of its own.
    fn stream_id(&self) -> String {
        if self.log == subject::PLATFORM {
            self.message_id.to_string()
        } else {
            format!("{}.{}", self.log, self.message_id)
        }
    }

    pub(crate) fn subject(&self) -> String {
        subject::event(&self.producer, &self.name, &self.agency)
    }

    pub(crate) fn to_headers(&self, bus: &Bus) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, self.stream_id());
        headers.insert(header::CE_SPECVERSION, "1.0");
        headers.insert(header::CE_ID, self.message_id.to_string());
        headers.insert(header::CE_SOURCE, format!("/xizmat/{}", self.producer));
        headers.insert(header::CE_TYPE, format!("uz.xizmat.{}.v1.{}", self.producer, self.name));
        headers.insert(header::CE_TIME, self.time.to_string());
        headers.insert(header::CE_DATA_CONTENT_TYPE, "application/protobuf");
        headers.insert(header::MESSAGE_ID, self.message_id.to_string());
        headers.insert(header::TIME, self.time.micros().to_string());
        headers.insert(header::PRODUCER, self.producer.as_str());
        if self.log != subject::PLATFORM {
            headers.insert(header::LOG, self.log.as_str());
        }
        headers.insert(header::EPOCH, self.epoch.to_string());
        headers.insert(header::SEQUENCE, self.sequence.to_string());
        if let Some((case, case_sequence)) = self.case {
            headers.insert(header::CE_SUBJECT, case.to_string());
            headers.insert(header::CASE, case.to_string());
            headers.insert(header::CASE_SEQUENCE, case_sequence.to_string());
        }
        if let Some(trace) = self.trace {
            headers.insert(header::TRACE_PARENT, trace.to_string());
        }
        let signature = self.signed(&self.subject(), |signed| signature::sign(bus.key(), signed));
        headers.insert(header::SIGNATURE, signature);
        headers
    }

    /// Reads a message and refuses it unless `producer` signed exactly this.
    pub(crate) async fn from_message(
        bus: &Bus,
        producer: &str,
        message: &async_nats::Message,
    ) -> Result<Self, Failure> {
        let headers = message.headers.as_ref().ok_or_else(|| refused("it has no headers"))?;
        bus.know_signer(Some(headers)).await;
        let event = Self::read(producer, message, headers).ok_or_else(|| refused("its headers are malformed"))?;
        let text = header::text(headers, header::SIGNATURE);
        let signer = event.signed(message.subject.as_str(), |signed| signature::verify(bus.trusted(), text, signed))?;
        if signer.role != producer {
            return Err(refused("its sender is not its producer"));
        }
        let whole = |scope: &Scope| event.agency == scope.agency && event.log == scope.agency;
        if !signer.scope.as_ref().is_none_or(whole) {
            return Err(refused("its sender does not speak for that agency"));
        }
        Ok(event)
    }

    fn read(producer: &str, message: &async_nats::Message, headers: &HeaderMap) -> Option<Self> {
        let number = |name| header::text(headers, name).parse::<i64>().ok();
        let mut tokens = message.subject.as_str().split('.').skip(3);
        let (name, agency) = (tokens.next()?.to_owned(), tokens.next()?.to_owned());
        let case = match header::text(headers, header::CASE) {
            "" => None,
            text => Some((text.parse().ok()?, number(header::CASE_SEQUENCE)?)),
        };
        let log = match header::text(headers, header::LOG) {
            "" => subject::PLATFORM,
            log => log,
        };
        let event = Self {
            producer: producer.to_owned(),
            log: log.to_owned(),
            name,
            agency,
            message_id: header::text(headers, header::MESSAGE_ID).parse().ok()?,
            epoch: number(header::EPOCH)?,
            sequence: number(header::SEQUENCE)?,
            case,
            time: Time::from_micros(number(header::TIME)?),
            body: message.payload.clone(),
            trace: header::trace(headers),
        };
        (event.subject() == message.subject.as_str()).then_some(event)
    }

    fn signed<T>(&self, subject: &str, work: impl FnOnce(&Signed<'_>) -> T) -> T {
        let (case, case_sequence) = self.case.unwrap_or((CaseId::from_bytes([0; 16]), 0));
        let (epoch, sequence) = (self.epoch.to_be_bytes(), self.sequence.to_be_bytes());
        let case_sequence = case_sequence.to_be_bytes();
        let place: [&[u8]; 5] = [&epoch, &sequence, case.as_bytes(), &case_sequence, self.log.as_bytes()];
        // A log that is its producer's only one is not named, as in releases that knew no other.
        let bound = if self.log == subject::PLATFORM { &place[..4] } else { &place[..] };
        let (message_id, time, body_hash) = (self.message_id, self.time, Hash::of(&self.body));
        work(&Signed { subject, message_id, time, body_hash, bound })
    }
}

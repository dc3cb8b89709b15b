//! Pieces of work as OpenTelemetry spans: the ids are the log's, the attributes are what the log says and nothing else.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{Event as SpanEvent, SpanContext, SpanKind, Status, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks, SpanProcessor};
use tracing::{
    Event, Level, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::said::{Said, now};

/// Lines that one span keeps; a loop that logs must not grow it without bound.
const EVENTS_MAX: usize = 32;
const SERVER_ERROR: i64 = 500;

/// Hands finished pieces of work to whoever sends them.
pub struct Pieces {
    pub processor: Arc<dyn SpanProcessor>,
    pub scope: InstrumentationScope,
}

/// What the log will call a piece of work, as it is known so far.
struct Piece {
    begun: SystemTime,
    kind: SpanKind,
    name: String,
    context: SpanContext,
    parent: SpanId,
    attributes: Vec<KeyValue>,
    events: SpanEvents,
    failed: bool,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Pieces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut said = Said::default();
        attributes.record(&mut said);
        if let (Some(piece), Some(span)) = (Piece::begin(attributes.metadata().name(), said), context.span(id)) {
            span.extensions_mut().insert(piece);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(piece) = span.extensions_mut().get_mut::<Piece>() {
            let mut said = Said::default();
            values.record(&mut said);
            piece.failed |= said.fields.iter().any(is_server_error);
            piece.attributes.append(&mut said.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        for span in context.event_scope(event).into_iter().flatten() {
            let mut extensions = span.extensions_mut();
            if let Some(piece) = extensions.get_mut::<Piece>() {
                return piece.tell(event);
            }
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let piece = context.span(&id).and_then(|span| span.extensions_mut().remove::<Piece>());
        if let Some(piece) = piece {
            self.processor.on_end(piece.end(self.scope.clone()));
        }
    }
}

fn is_server_error(field: &KeyValue) -> bool {
    field.key.as_str() == "status" && matches!(field.value, opentelemetry::Value::I64(code) if code >= SERVER_ERROR)
}

impl Piece {
    /// Only what bears a trace's ids is a piece of work.
    fn begin(kind: &str, mut said: Said) -> Option<Self> {
        let (trace, span) = (said.take("trace_id")?, said.take("span_id")?);
        let parent = said.take("parent_id").and_then(|id| SpanId::from_hex(&id).ok()).unwrap_or(SpanId::INVALID);
        let (trace, span) = (TraceId::from_hex(&trace).ok()?, SpanId::from_hex(&span).ok()?);
        let kind = match kind {
            "server" => SpanKind::Server,
            "consumer" => SpanKind::Consumer,
            _ => SpanKind::Internal,
        };
        Some(Self {
            begun: now(),
            kind,
            name: said.take("work").unwrap_or_default(),
            context: SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::NONE),
            parent,
            attributes: said.fields,
            events: SpanEvents::default(),
            failed: false,
        })
    }

    fn tell(&mut self, event: &Event<'_>) {
        let level = *event.metadata().level();
        self.failed |= level == Level::ERROR;
        if self.events.events.len() == EVENTS_MAX {
            self.events.dropped_count += 1;
            return;
        }
        let mut said = Said::default();
        event.record(&mut said);
        let name = said.take("message").unwrap_or_default();
        said.fields.push(KeyValue::new("level", level.as_str()));
        self.events.events.push(SpanEvent::new(name, now(), said.fields, 0));
    }

    fn end(self, instrumentation_scope: InstrumentationScope) -> SpanData {
        SpanData {
            span_context: self.context,
            parent_span_id: self.parent,
            parent_span_is_remote: self.parent != SpanId::INVALID,
            span_kind: self.kind,
            name: Cow::Owned(self.name),
            start_time: self.begun,
            end_time: now(),
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events: self.events,
            links: SpanLinks::default(),
            status: if self.failed { Status::error("") } else { Status::Unset },
            instrumentation_scope,
        }
    }
}

//! Log lines as OpenTelemetry log records: what the JSON line says and nothing else, under the same ids.

use opentelemetry::{
    SpanId, TraceFlags, TraceId, Value,
    logs::{AnyValue, LogRecord, Logger, Severity},
};
use opentelemetry_sdk::logs::SdkLogger;
use tracing::{
    Event, Level, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::said::{Said, now};

/// Hands log lines to whoever sends them.
pub struct Records {
    pub logger: SdkLogger,
}

/// What a line inside of a span says of it.
struct Around(Said);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Records {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut said = Said::default();
        attributes.record(&mut said);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Around(said));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut said = Said::default();
        values.record(&mut said);
        if let Some(span) = context.span(id)
            && let Some(Around(around)) = span.extensions_mut().get_mut()
        {
            around.put(said.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut said = Said::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(Around(around)) = span.extensions().get() {
                // The innermost work is what a line belongs to.
                said.put(around.fields.iter().cloned());
            }
        }
        let mut own = Said::default();
        event.record(&mut own);
        said.put(own.fields);
        self.tell(event, said);
    }
}

impl Records {
    fn tell(&self, event: &Event<'_>, mut said: Said) {
        let mut record = self.logger.create_log_record();
        let (level, at) = (*event.metadata().level(), now());
        record.set_timestamp(at);
        record.set_observed_timestamp(at);
        record.set_severity_text(level.as_str());
        record.set_severity_number(severity(level));
        record.set_target(event.metadata().target());
        record.set_body(said.take("message").unwrap_or_default().into());
        let (trace, span) = (said.take("trace_id"), said.take("span_id"));
        if let (Some(trace), Some(span)) = (trace, span)
            && let (Ok(trace), Ok(span)) = (TraceId::from_hex(&trace), SpanId::from_hex(&span))
        {
            record.set_trace_context(trace, span, Some(TraceFlags::SAMPLED));
        }
        record.add_attributes(said.fields.into_iter().map(|field| (field.key, any(field.value))));
        self.logger.emit(record);
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::TRACE => Severity::Trace,
        Level::DEBUG => Severity::Debug,
        Level::INFO => Severity::Info,
        Level::WARN => Severity::Warn,
        Level::ERROR => Severity::Error,
    }
}

fn any(value: Value) -> AnyValue {
    match value {
        Value::Bool(truth) => AnyValue::Boolean(truth),
        Value::I64(number) => AnyValue::Int(number),
        Value::F64(number) => AnyValue::Double(number),
        Value::String(text) => AnyValue::String(text),
        other => other.to_string().into(),
    }
}

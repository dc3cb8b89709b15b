//! A piece of work of a trace: what begins with a click, a request, an event or a timer.

use std::future::Future;

use kernel::{Random, Trace};
use tracing::{Instrument, Span, field::Empty};

/// How a piece of work came about, in OpenTelemetry's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody asked and waits.
    Server,
    /// An event was heard.
    Consumer,
    /// Our own moment: a timer, an action that is due.
    Internal,
}

/// What is done, by whom and because of what. Its name says nothing about anybody: a route's pattern, an operation.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    role: &'a str,
    name: &'a str,
    kind: Kind,
    cause: Option<Trace>,
    object: Option<Object<'a>>,
}

/// What a piece of work is about: something that has a name of its own in the cluster, and is no person's.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    pub kind: &'a str,
    /// None where it belongs to the whole cluster.
    pub namespace: Option<&'a str>,
    pub name: &'a str,
}

impl<'a> Work<'a> {
    pub fn new(kind: Kind, role: &'a str, name: &'a str) -> Self {
        Self { role, name, kind, cause: None, object: None }
    }

    pub fn on(self, object: Object<'a>) -> Self {
        Self { object: Some(object), ..self }
    }

    /// Goes on with the trace of what caused it; without a cause it is the first of a new trace.
    pub fn because_of(self, cause: Option<Trace>) -> Self {
        Self { cause, ..self }
    }

    /// Does it: its log lines, requests and messages carry the trace.
    pub async fn run<T>(self, random: &dyn Random, work: impl Future<Output = T>) -> T {
        let trace = Trace::go_on(self.cause, random);
        trace.run(work).instrument(self.span(trace)).await
    }

    /// At the level of errors, so that no filter for lines takes away the ids of those that are left.
    fn span(self, trace: Trace) -> Span {
        let Self { role, name: work, kind: _, cause, object } = self;
        let (kind, namespace) = (object.map(|object| object.kind), object.and_then(|object| object.namespace));
        let name = object.map(|object| object.name);
        let (trace_id, span_id, parent_id) = (trace.trace_id(), trace.span_id(), cause.map(|cause| cause.span_id()));
        macro_rules! span {
            ($kind:literal) => {
                tracing::error_span!(
                    $kind,
                    role,
                    work,
                    trace_id,
                    span_id,
                    parent_id,
                    kind,
                    namespace,
                    name,
                    status = Empty
                )
            };
        }
        match self.kind {
            Kind::Server => span!("server"),
            Kind::Consumer => span!("consumer"),
            Kind::Internal => span!("internal"),
        }
    }
}

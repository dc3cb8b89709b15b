//! To which click something belongs: a W3C trace context, handed on from a cause to everything that it causes.

use std::{
    cell::Cell,
    fmt,
    future::{Future, poll_fn},
    pin::pin,
};

use crate::{Random, bytes};

thread_local! {
    static CURRENT: Cell<Option<Trace>> = const { Cell::new(None) };
}

/// One piece of work of a trace. As text it is a `traceparent` (<https://www.w3.org/TR/trace-context/>).
///
/// Random, so it says nothing about anybody; what came from outside of the platform is never made one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    trace: [u8; 16],
    span: [u8; 8],
}

impl Trace {
    /// The first piece of work of a new trace.
    pub fn start(random: &dyn Random) -> Self {
        Self { trace: not_zero(random), span: not_zero(random) }
    }

    /// Another piece of work of the same trace.
    pub fn child(self, random: &dyn Random) -> Self {
        Self { span: not_zero(random), ..self }
    }

    /// Goes on with what caused this, or starts anew where the cause is not known.
    pub fn go_on(cause: Option<Self>, random: &dyn Random) -> Self {
        cause.map_or_else(|| Self::start(random), |cause| cause.child(random))
    }

    /// Only what `Display` writes; anything else is as good as nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let parsed = Self { trace: lower_hex(trace)?, span: lower_hex(span)? };
        (version == "00" && lower_hex::<1>(flags).is_some() && parts.next().is_none()).then_some(parsed)
    }

    pub fn trace_id(&self) -> String {
        hex::encode(self.trace)
    }

    pub fn span_id(&self) -> String {
        hex::encode(self.span)
    }

    /// What the work at hand belongs to.
    pub fn current() -> Option<Self> {
        CURRENT.get()
    }

    /// Does `work` as this piece of the trace; `current` is it for as long as `work` runs.
    pub async fn run<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            let _before = Restored(CURRENT.replace(Some(self)));
            work.as_mut().poll(context)
        })
        .await
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The flag says "sampled": every trace is kept.
        write!(f, "00-{}-{}-01", self.trace_id(), self.span_id())
    }
}

/// Puts back what was current, also when the work panics.
struct Restored(Option<Trace>);

impl Drop for Restored {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// All zeros mean "none" to everybody who reads a trace.
fn not_zero<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut id = bytes(random);
    if id == [0; N] {
        id[N - 1] = 1;
    }
    id
}

fn lower_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut id = [0; N];
    let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (lower && hex::decode_to_slice(text, &mut id).is_ok() && (N == 1 || id != [0; N])).then_some(id)
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_traceparent_is_read_as_it_is_written_and_nothing_else_is() {
        let random = SeededRandom::new(1);
        let trace = Trace::start(&random);
        assert_eq!(Trace::parse(&trace.to_string()), Some(trace));
        let child = Trace::go_on(Some(trace), &random);
        assert_eq!(child.trace_id(), trace.trace_id());
        assert_ne!(child.span_id(), trace.span_id());
        assert_ne!(Trace::go_on(None, &random).trace_id(), trace.trace_id());
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(Trace::parse(good).is_some());
        for bad in [
            "",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-\"x\n-01",
        ] {
            assert_eq!(Trace::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn work_knows_its_trace_between_its_pauses_and_nobody_elses() {
        let random = SeededRandom::new(1);
        let (first, second) = (Trace::start(&random), Trace::start(&random));
        let work = |trace: Trace| {
            let mut paused = false;
            trace.run(poll_fn(move |_| {
                assert_eq!(Trace::current(), Some(trace));
                if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }
            }))
        };
        let (mut one, mut two) = (pin!(work(first)), pin!(work(second)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(one.as_mut().poll(&mut context).is_pending());
        assert_eq!(Trace::current(), None);
        assert!(two.as_mut().poll(&mut context).is_pending());
        assert!(one.as_mut().poll(&mut context).is_ready() && two.as_mut().poll(&mut context).is_ready());
        assert_eq!(Trace::current(), None);
    }
}

//! Contracts between services, generated from the `.proto` files beside this crate, with who may use each of them.

#![expect(clippy::all, reason = "the messages are generated; proto/xizmat has their prose")]

use std::marker::PhantomData;

include!("gen/xizmat.rs");
pub mod permissions {
    include!("gen/permissions.rs");
}

macro_rules! services {
    ($($name:ident),*) => {$(
        pub mod $name {
            pub mod v1 {
                include!(concat!("gen/xizmat.", stringify!($name), ".v1.rs"));
                include!(concat!("gen/", stringify!($name), ".constants.rs"));
            }
        }
    )*};
}

services!(docket, eservice, exchange, identity, notifications, payments, register, signing);

/// It has no messages of its own.
pub mod portal {
    pub mod v1 {
        include!("gen/portal.constants.rs");
    }
}

/// One operation of one service: subject `<callee>.v1.<name>.<agency>.<caller>`, or
/// `<callee>.v1.<name>.<agency>.<service>.<caller>` where the callee runs in hosts of their own services.
pub struct Operation<Q, R> {
    pub callee: &'static str,
    pub name: &'static str,
    pub callers: &'static [&'static str],
    /// A person's assertion is required.
    pub person: bool,
    /// Asked of the host of one service.
    pub hosted: bool,
    /// Also answered while the callee's data is being recovered.
    pub recovering: bool,
    pub effect: Effect,
    messages: PhantomData<fn(Q) -> R>,
}

impl<Q, R> Operation<Q, R> {
    pub const fn new(
        callee: &'static str,
        name: &'static str,
        callers: &'static [&'static str],
        person: bool,
        effect: Effect,
    ) -> Self {
        Self { callee, name, callers, person, hosted: false, recovering: false, effect, messages: PhantomData }
    }

    pub const fn hosted(self) -> Self {
        Self { hosted: true, ..self }
    }

    pub const fn recovering(self) -> Self {
        Self { recovering: true, ..self }
    }

    /// Each part is one token already; `service` where the operation is hosted, and only there.
    pub fn subject(&self, agency: &str, service: Option<&str>, caller: &str) -> String {
        match service {
            Some(service) => format!("{}.v1.{}.{agency}.{service}.{caller}", self.callee, self.name),
            None => format!("{}.v1.{}.{agency}.{caller}", self.callee, self.name),
        }
    }
}

/// An event on a producer's log: subject `<producer>.v1.event.<name>.<agency>`.
pub trait Event: prost::Message + Default {
    const PRODUCER: &'static str;
    const NAME: &'static str;
    const CONSUMERS: &'static [&'static str];

    /// The case that it is about, where it is about one.
    fn case(&self) -> Option<&CaseRef> {
        None
    }
}

//! The exchange's operations on the bus.

mod call_registry;
mod data_use;
mod grants;
mod publish;

use std::sync::Arc;

use bus::Service;
use proto::exchange::v1::operations;

use crate::Exchange;

pub fn service(exchange: &Arc<Exchange>) -> Service {
    macro_rules! with {
        ($handler:path) => {{
            let exchange = exchange.clone();
            move |call| {
                let exchange = exchange.clone();
                async move { $handler(&exchange, call).await }
            }
        }};
    }
    Service::new("exchange")
        .on(&operations::CALL_REGISTRY, with!(call_registry::handle))
        .on(&operations::LIST_DATA_USE, with!(data_use::list))
        .on(&operations::PUBLISH_RESOURCE, with!(publish::handle))
        .on(&operations::LIST_GRANTS, with!(grants::list))
        .on(&operations::APPROVE_GRANT, with!(grants::approve))
}

//! The exchange's operations on the bus.

mod agents;
pub mod announced;
mod begun;
mod call_registry;
mod data_use;
pub mod deliver_event;
mod enforced;
mod erase;
mod found;
mod grants;
pub mod hosts;
mod opened;
mod publish;
mod questions;
mod read_events;
mod read_registry;
mod withdraw;

use std::sync::Arc;

use bus::Service;
use proto::exchange::v1::operations;

use crate::Exchange;

/// Takes what e-services and the docket tell.
pub fn follow(exchange: &Arc<Exchange>, kit: &boot::Kit) {
    erase::follow(exchange, kit);
    found::follow(exchange, kit);
}

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
    let service = Service::new("exchange")
        .recording(&exchange.database)
        .on(&operations::CALL_REGISTRY, with!(call_registry::handle))
        .on(&operations::DELIVER_EVENT, with!(deliver_event::handle))
        .on(&operations::READ_EVENTS, with!(read_events::handle))
        .on(&operations::READ_REGISTRY, with!(read_registry::handle))
        .on(&operations::LIST_DATA_USE, with!(data_use::list))
        .on(&operations::PUBLISH_RESOURCE, with!(publish::handle))
        .on(&operations::LIST_GRANTS, with!(grants::list))
        .on(&operations::WITHDRAW_RESOURCE, with!(withdraw::handle))
        .on(&operations::APPROVE_GRANT, with!(grants::approve))
        .on(&operations::REVOKE_GRANT, with!(grants::revoke))
        .on(&operations::ISSUE_HOST, with!(hosts::issue))
        .on(&operations::WITHDRAW_HOST, with!(hosts::withdraw))
        .on(&operations::ISSUE_AGENT, with!(agents::issue))
        .on(&operations::READ_ENFORCED_GRANT, with!(enforced::read))
        .on(&operations::LIST_GRANT_CHANGES, with!(enforced::changes))
        .on(&operations::JUDGE_QUESTIONS, with!(questions::judge))
        .on(&operations::READ_HOST_KEYS, with!(hosts::read_keys));
    let recovering = (&operations::READ_RECOVERY, &operations::END_RECOVERY);
    let service = bus::audit::answering(service, &operations::AUDIT_READ, &exchange.database);
    bus::recovery::answering(service, recovering, &exchange.database, &exchange.clock, Arc::new(bus::recovery::Nothing))
}

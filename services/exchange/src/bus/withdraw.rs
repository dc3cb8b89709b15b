//! Ends what an agency had recorded: nobody asks its registry any more; an agency that ended has nobody on the bus.

use api::Kind;
use bus::Call;
use kernel::{Failure, Time};
use proto::{Empty, exchange::v1::WithdrawResourceRequest};
use sql::{Tx, audit};

use super::hosts;
use crate::{Exchange, store};

pub async fn handle(exchange: &Exchange, call: Call<WithdrawResourceRequest>) -> Result<Empty, Failure> {
    let WithdrawResourceRequest { agency, kind, name } = &call.request;
    let kind = match Kind::parse(kind) {
        Some(Kind::Registry) => Kind::Registry,
        Some(Kind::Agency) if agency == name => Kind::Agency,
        _ => {
            let message = "An Agency and a Registry are withdrawn; officers revoke a Grant.";
            return Err(Failure::invalid("exchange.kind", message));
        }
    };
    let now = exchange.clock.now();
    let mut tx = exchange.database.begin().await?;
    if store::resources::withdraw(&mut tx, (kind, agency, name), now).await? {
        if kind == Kind::Agency {
            end(&mut tx, agency, now).await?;
        }
        let act = audit::Act {
            time: now,
            service_actor: Some(call.caller.clone()),
            act: "resource.withdrawn".into(),
            agency: agency.clone(),
            detail: serde_json::json!({"kind": kind.name(), "name": name}).to_string(),
            ..audit::Act::default()
        };
        audit::append(&mut tx, &act).await?;
        tx.commit().await?;
    }
    // Also when it was withdrawn before: whoever asks again was perhaps told of a push that failed.
    hosts::trust(exchange).await?;
    exchange.accounts.push_changed().await?;
    Ok(Empty {})
}

async fn end(tx: &mut Tx, agency: &str, now: Time) -> Result<(), Failure> {
    store::accounts::close(tx, agency, now).await?;
    store::agents::end(tx, agency, now).await?;
    store::hosts::withdraw_all(tx, agency, now).await?;
    Ok(())
}

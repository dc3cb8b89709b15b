//! Tells the operator what is enforced of grants, for the status of their resources.

use api::Kind;
use bus::Call;
use kernel::{Failure, Hash, Time};
use proto::exchange::v1::{EnforcedGrant, GrantChanges, GrantName, ListGrantChangesRequest, ReadEnforcedGrantRequest};

use crate::{
    Exchange,
    domain::enforced::{self, Enforced},
    store,
};

const NONE: &str = "none";

pub async fn read(exchange: &Exchange, call: Call<ReadEnforcedGrantRequest>) -> Result<EnforcedGrant, Failure> {
    let ReadEnforcedGrantRequest { agency, kind, name, hash } = &call.request;
    let now = exchange.clock.now();
    let mut tx = exchange.database.read().await?;
    let found = match Kind::parse(kind) {
        Some(Kind::Grant) => {
            let versions = store::grants::of_giver(&mut tx, agency).await?;
            let own: Vec<_> = versions.into_iter().filter(|version| version.name == *name).collect();
            enforced::of_grant(&own, Some(Hash::from_slice(hash)?), now)
        }
        Some(Kind::GrantRequest) => match store::resources::grant_request(&mut tx, agency, name).await? {
            Some(asked) => {
                let given = store::grants::of_giver(&mut tx, &asked.spec.from).await?;
                enforced::of_request(&asked.spec, &given, now)
            }
            None => None,
        },
        _ => return Err(Failure::invalid("exchange.kind", "Only a Grant and a GrantRequest are enforced.")),
    };
    Ok(found.map_or_else(|| EnforcedGrant { state: NONE.into(), ..EnforcedGrant::default() }, told))
}

fn told(of: Enforced) -> EnforcedGrant {
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    EnforcedGrant {
        state: of.state.as_str().to_owned(),
        until_us: of.until().map_or(0, Time::micros),
        in_force: of.in_force.map(|version| version.hash.to_vec()).unwrap_or_default(),
        approvals: count(of.version.approvals),
        approvals_needed: count(of.version.approvals_needed),
        hash: of.version.hash.to_vec(),
        name: of.version.name,
    }
}

pub async fn changes(exchange: &Exchange, call: Call<ListGrantChangesRequest>) -> Result<GrantChanges, Failure> {
    let now = exchange.clock.now();
    let mut tx = exchange.database.read().await?;
    let changed = store::grants::changed_since(&mut tx, Time::from_micros(call.request.since_us)).await?;
    let grants = changed.into_iter().map(|(from, name, to)| GrantName { from, name, to }).collect();
    Ok(GrantChanges { grants, now_us: now.micros() })
}

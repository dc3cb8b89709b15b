//! Admits hosts of agencies' e-services to the bus, ends them, and tells their keys to whoever judges a message.

use ::bus::{Call, keys, subject};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Failure;
use nkeys::KeyPair;
use prost::Message;
use proto::{
    Empty,
    exchange::v1::{HostKey, HostKeys, IssueHostReply, IssueHostRequest, ReadHostKeysRequest, WithdrawHostRequest},
};
use sql::audit;

use crate::{
    Exchange,
    domain::claims,
    permissions::{self, HOSTS_ROLE},
    provision::PLATFORM,
    store::{self, hosts::Host},
};

const KEYS_MAX: i32 = 500;
/// Below the server's limit for one message.
const REPLY_BYTES_MAX: usize = 700_000;

pub async fn issue(exchange: &Exchange, call: Call<IssueHostRequest>) -> Result<IssueHostReply, Failure> {
    let request = &call.request;
    judge(request)?;
    let now = exchange.clock.now();
    let host = Host {
        agency: request.agency.clone(),
        host: request.host.clone(),
        services: request.services.clone(),
        nats_user: request.nats_user.clone(),
        signing_key: request.signing_key.clone(),
        since: now,
        ended: None,
    };
    let mut tx = exchange.database.begin().await?;
    if store::accounts::of(&mut tx, &host.agency).await?.is_none() {
        let message = format!("There is no agency `{}` yet. Publish it first.", host.agency);
        return Err(Failure::not_found("exchange.no-agency", message));
    }
    if store::hosts::admit(&mut tx, &host).await? {
        let detail = serde_json::json!({"host": host.host, "services": host.services, "key": host.signing_key});
        audit::append(&mut tx, &act(exchange, &call, "host.issued", &host.agency, &detail)).await?;
        tx.commit().await?;
        trust(exchange).await?;
        exchange.accounts.push_changed().await?;
    }
    let platform = exchange.folder.account(PLATFORM, &*exchange.random)?;
    let allowed = permissions::of_host(&host.agency, &host.host, &host.services);
    let name = format!("{HOSTS_ROLE} {}/{}", host.agency, host.host);
    let account = platform.identity.public_key();
    let token = claims::user(&platform.signing, &account, &host.nats_user, &name, &allowed, now)?;
    Ok(IssueHostReply { credentials_token: token })
}

pub async fn withdraw(exchange: &Exchange, call: Call<WithdrawHostRequest>) -> Result<Empty, Failure> {
    let WithdrawHostRequest { agency, host } = &call.request;
    let mut tx = exchange.database.begin().await?;
    if store::hosts::withdraw(&mut tx, agency, host, exchange.clock.now()).await? {
        let detail = serde_json::json!({"host": host});
        audit::append(&mut tx, &act(exchange, &call, "host.withdrawn", agency, &detail)).await?;
        tx.commit().await?;
        trust(exchange).await?;
        exchange.accounts.push_changed().await?;
    }
    Ok(Empty {})
}

/// A page of all keys; what is meant for a reader of the release before this one is not cut.
pub async fn read_keys(exchange: &Exchange, call: Call<ReadHostKeysRequest>) -> Result<HostKeys, Failure> {
    let asked = &call.request;
    if asked.limit == 0 {
        return Ok(HostKeys { keys: all_keys(exchange).await?, more: false });
    }
    let after = (kernel::Time::from_micros(asked.after_us), asked.after_public.as_str());
    let limit = i64::from(asked.limit.clamp(1, KEYS_MAX));
    let mut tx = exchange.database.read().await?;
    let hosts = store::hosts::after(&mut tx, after, limit).await?;
    drop(tx);
    Ok(page(hosts, limit))
}

/// The exchange hears hosts too.
pub async fn trust(exchange: &Exchange) -> Result<(), Failure> {
    let keys: Vec<_> = all_keys(exchange).await?.into_iter().map(::bus::trusted_host).collect();
    exchange.bus.trusted().trust_hosts(&keys)
}

async fn all_keys(exchange: &Exchange) -> Result<Vec<HostKey>, Failure> {
    let mut tx = exchange.database.read().await?;
    Ok(store::hosts::all(&mut tx).await?.into_iter().filter_map(key).collect())
}

/// A host of very many services has a long key: not more than fits one message, but one in any case.
fn page(hosts: Vec<Host>, limit: i64) -> HostKeys {
    let mut more = i64::try_from(hosts.len()).is_ok_and(|count| count == limit);
    let (mut keys, mut bytes) = (Vec::with_capacity(hosts.len()), 0);
    for key in hosts.into_iter().filter_map(key) {
        bytes += key.encoded_len() + 8;
        if bytes > REPLY_BYTES_MAX && !keys.is_empty() {
            more = true;
            break;
        }
        keys.push(key);
    }
    HostKeys { keys, more }
}

fn key(host: Host) -> Option<HostKey> {
    Some(HostKey {
        role: HOSTS_ROLE.to_owned(),
        kid: keys::kid_of(&public(&host.signing_key)?),
        public: host.signing_key,
        agency: host.agency,
        services: host.services,
        not_before_us: host.since.minus(SKEW).micros(),
        not_after_us: host.ended.map_or(0, kernel::Time::micros),
        since_us: host.since.micros(),
    })
}

/// A message may be signed by a clock that is behind ours.
const SKEW: std::time::Duration = std::time::Duration::from_secs(300);

fn public(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn judge(request: &IssueHostRequest) -> Result<(), Failure> {
    // What speaks for the platform speaks for every agency.
    if request.agency == subject::PLATFORM {
        let message =
            "An agency called `platform` cannot have hosts: on the bus the name stands for all. Choose another.";
        return Err(Failure::invalid("exchange.reserved-agency", message));
    }
    for name in [&request.agency, &request.host].into_iter().chain(&request.services) {
        subject::token(name)?;
    }
    let is_user = request.nats_user.starts_with('U') && KeyPair::from_public_key(&request.nats_user).is_ok();
    if !is_user || public(&request.signing_key).is_none() {
        let message = "A host needs a public NATS user key (U…) and an Ed25519 public key in base64url.";
        return Err(Failure::invalid("exchange.host-keys", message));
    }
    Ok(())
}

fn act<Q>(exchange: &Exchange, call: &Call<Q>, name: &str, agency: &str, detail: &serde_json::Value) -> audit::Act {
    audit::Act {
        time: exchange.clock.now(),
        service_actor: Some(call.caller.clone()),
        act: name.into(),
        agency: agency.to_owned(),
        detail: detail.to_string(),
        ..audit::Act::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_keys_fits_one_message_however_many_services_each_host_has() {
        let host = |number: i64| Host {
            agency: "justice".into(),
            host: "shared".into(),
            services: (0..20_000).map(|service| format!("service-{service:05}")).collect(),
            nats_user: "U".into(),
            signing_key: URL_SAFE_NO_PAD.encode([7; 32]),
            since: kernel::Time::from_seconds(number),
            ended: None,
        };
        let told = page((0..5).map(host).collect(), 500);
        assert!(told.more && told.encoded_len() < 1_000_000, "{}", told.encoded_len());
        assert_eq!(told.keys.len(), 2);
        let whole = page((0..2).map(host).collect(), 500);
        assert_eq!((whole.keys.len(), whole.more), (2, false));
        let many = |number| Host { services: Vec::new(), ..host(number) };
        assert!(page((0..3).map(many).collect(), 3).more, "there may be others");
    }
}

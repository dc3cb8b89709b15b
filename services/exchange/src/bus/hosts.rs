//! Admits hosts of agencies' e-services to the bus, ends them, and tells their keys to whoever judges a message.

use ::bus::{Call, keys, subject};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Failure;
use nkeys::KeyPair;
use proto::{
    Empty,
    exchange::v1::{HostKey, HostKeys, IssueHostReply, IssueHostRequest, WithdrawHostRequest},
};
use sql::audit;

use crate::{
    Exchange,
    domain::claims,
    permissions::{self, HOSTS_ROLE},
    provision::PLATFORM,
    store::{self, hosts::Host},
};

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

pub async fn read_keys(exchange: &Exchange, _: Call<Empty>) -> Result<HostKeys, Failure> {
    keys_of(exchange).await
}

/// The exchange hears hosts too.
pub async fn trust(exchange: &Exchange) -> Result<(), Failure> {
    let told = keys_of(exchange).await?;
    let keys: Vec<_> = told.keys.into_iter().map(::bus::trusted_host).collect();
    exchange.bus.trusted().trust_hosts(&keys)
}

async fn keys_of(exchange: &Exchange) -> Result<HostKeys, Failure> {
    let mut tx = exchange.database.read().await?;
    let hosts = store::hosts::all(&mut tx).await?;
    Ok(HostKeys { keys: hosts.into_iter().filter_map(key).collect() })
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

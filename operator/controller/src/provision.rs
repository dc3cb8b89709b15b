//! What is told to the platform when a resource is applied: by the operator, and by `xizmat up` for files.

use std::time::Duration;

use api::Kind;
use bus::Bus;
use kernel::Failure;
use proto::{
    exchange::v1::{PublishResourceRequest, operations::PUBLISH_RESOURCE},
    register::v1::{
        PublishAgencyRequest, PublishRevisionReply, PublishRevisionRequest,
        operations::{PUBLISH_AGENCY, PUBLISH_REVISION},
    },
};

use crate::platform::HostKeys;

const PLATFORM: &str = "platform";
/// Templates are compiled before the answer.
const REVISION_LIMIT: Duration = Duration::from_secs(30);

/// An agency gets its entry in the register and its account on the bus; the problems that stand against it.
pub async fn agency(bus: &Bus, agency: &str, resource: Vec<u8>) -> Result<Vec<String>, Failure> {
    let request = PublishAgencyRequest { agency: agency.to_owned(), resource: resource.clone() };
    bus.request(&PUBLISH_AGENCY, agency, &request).await?;
    exchanged(bus, agency, Kind::Agency, resource).await
}

/// A registry, a request for a grant or a grant; an approval is never told this way (trust 2).
pub async fn exchanged(bus: &Bus, agency: &str, kind: Kind, resource: Vec<u8>) -> Result<Vec<String>, Failure> {
    let request = PublishResourceRequest { agency: agency.to_owned(), kind: kind.name().to_owned(), resource };
    Ok(bus.request(&PUBLISH_RESOURCE, agency, &request).await?.problems)
}

/// A definition; the register judges it again and alone admits it.
pub async fn revision(
    bus: &Bus,
    agency: &str,
    definition: Vec<u8>,
    draft: bool,
) -> Result<PublishRevisionReply, Failure> {
    let request = PublishRevisionRequest { agency: agency.to_owned(), definition, draft };
    bus.request_within(&PUBLISH_REVISION, PLATFORM, &request, REVISION_LIMIT).await
}

/// Lets a host in; the token that stands before its seed.
pub async fn issue_host(_bus: &Bus, host: HostKeys) -> Result<String, Failure> {
    Err(Failure::unavailable("operator.no-hosts", host.host))
}

pub async fn withdraw_host(_bus: &Bus, _agency: &str, _host: &str) -> Result<(), Failure> {
    Ok(())
}

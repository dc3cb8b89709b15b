//! What is told to the platform when a resource is applied: by the operator, and by `xizmat up` for files.

use std::time::Duration;

use api::Kind;
use bus::{Bus, subject::Address};
use kernel::{Failure, Hash, Time};
use proto::{
    eservice::v1::{Load, ReadLoadRequest, operations::READ_LOAD},
    exchange::v1::{
        EnforcedGrant, GrantChanges, IssueAgentRequest, IssueHostRequest, JudgeQuestionsRequest,
        ListGrantChangesRequest, PublishResourceReply, PublishResourceRequest, ReadEnforcedGrantRequest,
        WithdrawHostRequest, WithdrawResourceRequest,
        operations::{
            ISSUE_AGENT, ISSUE_HOST, JUDGE_QUESTIONS, LIST_GRANT_CHANGES, PUBLISH_RESOURCE, READ_ENFORCED_GRANT,
            WITHDRAW_HOST, WITHDRAW_RESOURCE,
        },
    },
    register::v1::{
        PlaceRevisionRequest, Placement, PublishAgencyRequest, PublishRevisionReply, PublishRevisionRequest,
        ReadPlacementRequest, ReadRevisionRequest, SetIntakeRequest,
        operations::{PLACE_REVISION, PUBLISH_AGENCY, PUBLISH_REVISION, READ_PLACEMENT, READ_REVISION, SET_INTAKE},
    },
    signing::v1::{RequestSealRequest, Seal, operations::REQUEST_SEAL},
};

use crate::platform::{AgencyTold, Definition, HostKeys};

const PLATFORM: &str = "platform";
/// Templates are compiled before the answer.
const REVISION_LIMIT: Duration = Duration::from_secs(30);

/// An agency gets its entry in the register and its account on the bus.
pub async fn agency(bus: &Bus, agency: &str, resource: Vec<u8>) -> Result<AgencyTold, Failure> {
    let request = PublishAgencyRequest { agency: agency.to_owned(), resource: resource.clone() };
    let missing = bus.request(&PUBLISH_AGENCY, agency, &request).await?.missing;
    let problems = exchanged(bus, agency, Kind::Agency, resource).await?.problems;
    Ok(AgencyTold { problems, missing })
}

/// A registry, a request for a grant or a grant; an approval is never told this way (trust 2).
pub async fn exchanged(
    bus: &Bus,
    agency: &str,
    kind: Kind,
    resource: Vec<u8>,
) -> Result<PublishResourceReply, Failure> {
    let request = PublishResourceRequest { agency: agency.to_owned(), kind: kind.name().to_owned(), resource };
    bus.request(&PUBLISH_RESOURCE, agency, &request).await
}

/// Ends a registry, or an agency with its account, its systems and its hosts on the bus. What is recorded stays as evidence.
pub async fn withdraw(bus: &Bus, agency: &str, kind: Kind, name: &str) -> Result<(), Failure> {
    let (kind, name) = (kind.name().to_owned(), name.to_owned());
    bus.request(&WITHDRAW_RESOURCE, agency, &WithdrawResourceRequest { agency: agency.to_owned(), kind, name }).await?;
    Ok(())
}

/// A definition; the register judges it again and alone admits it.
pub async fn revision(bus: &Bus, agency: &str, definition: Definition) -> Result<PublishRevisionReply, Failure> {
    let Definition { bytes, draft, share } = definition;
    let share = percent(share);
    let request = PublishRevisionRequest { agency: agency.to_owned(), definition: bytes, draft, share };
    bus.request_within(&PUBLISH_REVISION, PLATFORM, &request, REVISION_LIMIT).await
}

/// The canonical bytes of a revision; whoever asked checks that they have its hash.
pub async fn admitted(bus: &Bus, revision: Hash) -> Result<Vec<u8>, Failure> {
    let request = ReadRevisionRequest { revision: revision.to_vec() };
    Ok(bus.request(&READ_REVISION, PLATFORM, &request).await?.definition)
}

pub async fn placement(bus: &Bus, agency: &str, service: &str) -> Result<Placement, Failure> {
    let request = ReadPlacementRequest { agency: agency.to_owned(), service: service.to_owned() };
    bus.request(&READ_PLACEMENT, PLATFORM, &request).await
}

pub async fn place(
    bus: &Bus,
    (agency, service): (&str, &str),
    revision: Hash,
    share: u32,
    reason: &str,
) -> Result<(), Failure> {
    let request = PlaceRevisionRequest {
        agency: agency.to_owned(),
        service: service.to_owned(),
        revision: revision.to_vec(),
        share: percent(share),
        reason: reason.to_owned(),
    };
    bus.request(&PLACE_REVISION, PLATFORM, &request).await?;
    Ok(())
}

pub async fn set_intake(bus: &Bus, (agency, service): (&str, &str), open: bool, reason: &str) -> Result<(), Failure> {
    let request =
        SetIntakeRequest { agency: agency.to_owned(), service: service.to_owned(), open, reason: reason.to_owned() };
    bus.request(&SET_INTAKE, PLATFORM, &request).await?;
    Ok(())
}

/// Asked of whoever hosts the service.
pub async fn load(
    bus: &Bus,
    (agency, service): (&str, &str),
    since: Option<Time>,
    kept: bool,
) -> Result<Load, Failure> {
    let request = ReadLoadRequest {
        agency: agency.to_owned(),
        service: service.to_owned(),
        since_us: since.map_or(0, Time::micros),
        kept,
    };
    bus.request(&READ_LOAD, Address::service(agency, service), &request).await
}

fn percent(share: u32) -> i32 {
    i32::try_from(share).unwrap_or(100)
}

/// Admits a host of an agency's e-services; answers the token that stands before the seed in its credentials.
pub async fn issue_host(bus: &Bus, host: HostKeys) -> Result<String, Failure> {
    let HostKeys { agency, host, services, nats_user, signing_key } = host;
    let request = IssueHostRequest { agency: agency.clone(), host, services, nats_user, signing_key };
    Ok(bus.request(&ISSUE_HOST, agency.as_str(), &request).await?.credentials_token)
}

pub async fn withdraw_host(bus: &Bus, agency: &str, host: &str) -> Result<(), Failure> {
    let request = WithdrawHostRequest { agency: agency.to_owned(), host: host.to_owned() };
    bus.request(&WITHDRAW_HOST, agency, &request).await?;
    Ok(())
}

/// Admits a system of an agency's own; answers the token that stands before the seed in its credentials.
pub async fn issue_agent(bus: &Bus, (agency, agent): (&str, &str), nats_user: &str) -> Result<String, Failure> {
    let (agency_name, agent, nats_user) = (agency.to_owned(), agent.to_owned(), nats_user.to_owned());
    let request = IssueAgentRequest { agency: agency_name, agent, nats_user };
    Ok(bus.request(&ISSUE_AGENT, agency, &request).await?.credentials_token)
}

/// The agency's seal; made when there is none.
pub async fn seal(bus: &Bus, agency: &str) -> Result<Seal, Failure> {
    let request = RequestSealRequest { agency: agency.to_owned() };
    bus.request(&REQUEST_SEAL, agency, &request).await
}

/// What the exchange enforces of a Grant, or of what a GrantRequest asks for.
pub async fn enforced(bus: &Bus, asked: ReadEnforcedGrantRequest) -> Result<EnforcedGrant, Failure> {
    bus.request(&READ_ENFORCED_GRANT, asked.agency.as_str(), &asked).await
}

pub async fn grant_changes(bus: &Bus, since_us: i64) -> Result<GrantChanges, Failure> {
    bus.request(&LIST_GRANT_CHANGES, PLATFORM, &ListGrantChangesRequest { since_us }).await
}

/// Which of a service's questions to registries would be refused.
pub async fn refusals(bus: &Bus, asked: JudgeQuestionsRequest) -> Result<Vec<String>, Failure> {
    Ok(bus.request(&JUDGE_QUESTIONS, asked.agency.as_str(), &asked).await?.refusals)
}

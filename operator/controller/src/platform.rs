//! What the operator asks of the platform, as ports: the bus and PostgreSQL in the product, scripted ones in tests.

use api::Kind;
use async_trait::async_trait;
use bus::Bus;
use futures::stream::BoxStream;
use kernel::{Failure, Hash, Time};
use proto::{
    eservice::v1::Load,
    exchange::v1::{
        EnforcedGrant, GrantChanges, JudgeQuestionsRequest, PublishResourceReply, ReadEnforcedGrantRequest,
    },
    register::v1::{Placement, PublishRevisionReply},
    signing::v1::Seal,
};

use crate::{provision, reach::Reached, rollout::EVERYBODY};

/// What the platform says to an agency's resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgencyTold {
    /// What stands against it.
    pub problems: Vec<String>,
    /// Roles whose agreement is missing before it publishes without approval, as its resource asks.
    pub missing: Vec<String>,
}

impl AgencyTold {
    /// What does not count yet of a sound resource, and who can change that.
    pub fn waits(&self, agency: &str) -> Option<String> {
        let roles: Vec<String> = self.missing.iter().map(|role| format!("a `{role}`")).collect();
        (!roles.is_empty()).then(|| {
            format!(
                "`publication: free` waits for the agreement of {} of `{agency}`, each on the portal's page /publication or with \
                 `xizmat free-publication`. Until then nothing is published without approval.",
                roles.join(" and ")
            )
        })
    }
}

#[async_trait]
pub trait Platform: Send + Sync {
    async fn agency(&self, agency: &str, resource: Vec<u8>) -> Result<AgencyTold, Failure>;
    /// The problems that stand against it, or its hash.
    async fn exchanged(&self, agency: &str, kind: Kind, resource: Vec<u8>) -> Result<PublishResourceReply, Failure>;
    /// Ends what the exchange keeps of a registry or of an agency; what is not known is none.
    async fn withdraw(&self, agency: &str, kind: Kind, name: &str) -> Result<(), Failure>;
    async fn revision(&self, agency: &str, definition: Definition) -> Result<PublishRevisionReply, Failure>;
    /// The bytes of an admitted revision, as the register keeps them.
    async fn admitted(&self, revision: Hash) -> Result<Vec<u8>, Failure>;
    /// Which revisions a service has, and whom they are offered to.
    async fn placement(&self, agency: &str, service: &str) -> Result<Placement, Failure>;
    /// Offers a revision to another share of people (percent); 0 takes it back.
    async fn place(&self, agency: &str, service: &str, revision: Hash, share: u32, reason: &str)
    -> Result<(), Failure>;
    /// Takes new applications again, or stops them for a reason.
    async fn set_intake(&self, agency: &str, service: &str, open: bool, reason: &str) -> Result<(), Failure>;
    /// How many cases run on which revision; how they fared since a time; ended ones only where they are asked for.
    async fn load(&self, agency: &str, service: &str, since: Option<Time>, kept: bool) -> Result<Load, Failure>;
    /// Lets a host's keys in, for these services and no others; again with the same keys brings permissions up to date.
    /// Answers the token that stands before the seed in its credentials.
    async fn issue_host(&self, host: HostKeys) -> Result<String, Failure>;
    /// Both keys of the host are refused from now on; a host that is not known is none.
    async fn withdraw_host(&self, agency: &str, host: &str) -> Result<(), Failure>;
    /// Lets a system of an agency's own in, under this key and no other. Answers the token of its credentials.
    async fn issue_agent(&self, agency: &str, agent: &str, nats_user: &str) -> Result<String, Failure>;
    /// The agency's seal in force; made when there is none.
    async fn seal(&self, agency: &str) -> Result<Seal, Failure>;
    /// What is enforced of a Grant, or of what a GrantRequest asks for.
    async fn enforced(&self, asked: ReadEnforcedGrantRequest) -> Result<EnforcedGrant, Failure>;
    /// Grants that something else may be enforced of since then (microseconds, by the exchange's clock).
    async fn grant_changes(&self, since_us: i64) -> Result<GrantChanges, Failure>;
    /// Of each question to a registry the code of its refusal; empty: it would be asked.
    async fn refusals(&self, asked: JudgeQuestionsRequest) -> Result<Vec<String>, Failure>;
    /// On a trial platform a definition whose texts are not complete yet can be tried out.
    fn trial(&self) -> bool;
    /// Each time that it can be asked again after it was away.
    fn returns(&self) -> BoxStream<'static, ()>;
}

/// A definition that shall become a revision.
pub struct Definition {
    pub bytes: Vec<u8>,
    /// Tried out: texts may be missing.
    pub draft: bool,
    /// Whom a changed presentation is offered to at first, in percent.
    pub share: u32,
}

impl Definition {
    /// Nobody watches it: what is published counts for everybody.
    pub fn for_everybody(bytes: Vec<u8>, draft: bool) -> Self {
        Self { bytes, draft, share: EVERYBODY }
    }
}

/// The public half of what a host proves itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKeys {
    pub agency: String,
    pub host: String,
    pub services: Vec<String>,
    /// NATS user key (`U…`).
    pub nats_user: String,
    /// Ed25519, base64url.
    pub signing_key: String,
}

/// Databases of agencies on a PostgreSQL server.
#[async_trait]
pub trait Databases: Send + Sync {
    async fn exists(&self, database: &str) -> Result<bool, Failure>;
    /// Brings the database, its schema and the role of one host up to date.
    async fn provide(&self, wanted: HostDatabase) -> Result<Provided, Failure>;
    /// Takes a host's role its services; what it wrote stays.
    async fn withdraw(&self, database: &str, role: &str) -> Result<(), Failure>;
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostDatabase {
    pub database: String,
    /// Name of the host in the database.
    pub role: String,
    pub password: String,
    /// Whose rows it sees, each as `agency/service`.
    pub services: Vec<String>,
    /// All its copies together hold no more connections than these.
    pub connections: u32,
}

#[derive(Clone)]
pub struct Provided {
    /// For the host alone: it holds the password.
    pub url: String,
    /// Connections that all hosts of the server may hold together, and that it has for them.
    pub promised: i64,
    pub available: i64,
}

pub struct OverBus {
    reached: Reached,
    trial: bool,
    read_only: bool,
}

impl OverBus {
    pub fn new(reached: Reached, trial: bool, read_only: bool) -> Self {
        Self { reached, trial, read_only }
    }

    /// For what changes nothing there.
    fn asking(&self) -> Result<Bus, Failure> {
        self.reached.bus()
    }

    fn writing(&self) -> Result<Bus, Failure> {
        if self.read_only {
            let message = "The operator is in read-only mode and tells the platform nothing.";
            return Err(Failure::conflict("operator.read-only", message));
        }
        self.reached.bus()
    }
}

#[async_trait]
impl Platform for OverBus {
    async fn agency(&self, agency: &str, resource: Vec<u8>) -> Result<AgencyTold, Failure> {
        provision::agency(&self.writing()?, agency, resource).await
    }

    async fn exchanged(&self, agency: &str, kind: Kind, resource: Vec<u8>) -> Result<PublishResourceReply, Failure> {
        provision::exchanged(&self.writing()?, agency, kind, resource).await
    }

    async fn withdraw(&self, agency: &str, kind: Kind, name: &str) -> Result<(), Failure> {
        provision::withdraw(&self.writing()?, agency, kind, name).await
    }

    async fn revision(&self, agency: &str, definition: Definition) -> Result<PublishRevisionReply, Failure> {
        provision::revision(&self.writing()?, agency, definition).await
    }

    async fn admitted(&self, revision: Hash) -> Result<Vec<u8>, Failure> {
        provision::admitted(&self.asking()?, revision).await
    }

    async fn placement(&self, agency: &str, service: &str) -> Result<Placement, Failure> {
        provision::placement(&self.asking()?, agency, service).await
    }

    async fn place(
        &self,
        agency: &str,
        service: &str,
        revision: Hash,
        share: u32,
        reason: &str,
    ) -> Result<(), Failure> {
        provision::place(&self.writing()?, (agency, service), revision, share, reason).await
    }

    async fn set_intake(&self, agency: &str, service: &str, open: bool, reason: &str) -> Result<(), Failure> {
        provision::set_intake(&self.writing()?, (agency, service), open, reason).await
    }

    async fn load(&self, agency: &str, service: &str, since: Option<Time>, kept: bool) -> Result<Load, Failure> {
        provision::load(&self.asking()?, (agency, service), since, kept).await
    }

    async fn issue_host(&self, host: HostKeys) -> Result<String, Failure> {
        provision::issue_host(&self.writing()?, host).await
    }

    async fn withdraw_host(&self, agency: &str, host: &str) -> Result<(), Failure> {
        provision::withdraw_host(&self.writing()?, agency, host).await
    }

    async fn issue_agent(&self, agency: &str, agent: &str, nats_user: &str) -> Result<String, Failure> {
        provision::issue_agent(&self.writing()?, (agency, agent), nats_user).await
    }

    async fn seal(&self, agency: &str) -> Result<Seal, Failure> {
        provision::seal(&self.writing()?, agency).await
    }

    async fn enforced(&self, asked: ReadEnforcedGrantRequest) -> Result<EnforcedGrant, Failure> {
        provision::enforced(&self.asking()?, asked).await
    }

    async fn grant_changes(&self, since_us: i64) -> Result<GrantChanges, Failure> {
        provision::grant_changes(&self.asking()?, since_us).await
    }

    async fn refusals(&self, asked: JudgeQuestionsRequest) -> Result<Vec<String>, Failure> {
        provision::refusals(&self.asking()?, asked).await
    }

    fn trial(&self) -> bool {
        self.trial
    }

    fn returns(&self) -> BoxStream<'static, ()> {
        self.reached.returns()
    }
}

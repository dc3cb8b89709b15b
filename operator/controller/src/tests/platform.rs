//! A platform that hears what is withdrawn, and is away when a test says so. Whoever asks anything else meets a fault.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use api::Kind;
use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use kernel::{Failure, Hash, Time};
use proto::{
    eservice::v1::Load,
    exchange::v1::{
        EnforcedGrant, GrantChanges, JudgeQuestionsRequest, PublishResourceReply, ReadEnforcedGrantRequest,
    },
    register::v1::{Placement, PublishRevisionReply},
    signing::v1::Seal,
};

use crate::platform::{Definition, HostKeys, Platform};

#[derive(Default)]
pub struct Scripted {
    pub is_away: AtomicBool,
    pub withdrawn: Mutex<Vec<String>>,
}

impl Scripted {
    fn reach(&self) -> Result<(), Failure> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(Failure::unavailable("bus.unavailable", "It does not answer now."));
        }
        Ok(())
    }
}

#[async_trait]
impl Platform for Scripted {
    async fn withdraw(&self, agency: &str, kind: Kind, name: &str) -> Result<(), Failure> {
        self.reach()?;
        self.withdrawn.lock().unwrap().push(format!("{} {agency}/{name}", kind.name()));
        Ok(())
    }

    async fn load(&self, _: &str, _: &str, _: Option<Time>, _: bool) -> Result<Load, Failure> {
        self.reach()?;
        Ok(Load::default())
    }

    async fn placement(&self, _: &str, _: &str) -> Result<Placement, Failure> {
        self.reach()?;
        Ok(Placement::default())
    }

    fn trial(&self) -> bool {
        true
    }

    fn returns(&self) -> BoxStream<'static, ()> {
        stream::pending().boxed()
    }

    async fn agency(&self, _: &str, _: Vec<u8>) -> Result<Vec<String>, Failure> {
        panic!("a mistake of ours")
    }

    async fn exchanged(&self, _: &str, _: Kind, _: Vec<u8>) -> Result<PublishResourceReply, Failure> {
        panic!()
    }

    async fn revision(&self, _: &str, _: Definition) -> Result<PublishRevisionReply, Failure> {
        panic!()
    }

    async fn admitted(&self, _: Hash) -> Result<Vec<u8>, Failure> {
        panic!()
    }

    async fn place(&self, _: &str, _: &str, _: Hash, _: u32, _: &str) -> Result<(), Failure> {
        panic!()
    }

    async fn set_intake(&self, _: &str, _: &str, _: bool, _: &str) -> Result<(), Failure> {
        panic!()
    }

    async fn issue_host(&self, _: HostKeys) -> Result<String, Failure> {
        panic!()
    }

    async fn withdraw_host(&self, _: &str, _: &str) -> Result<(), Failure> {
        panic!()
    }

    async fn issue_agent(&self, _: &str, _: &str, _: &str) -> Result<String, Failure> {
        panic!()
    }

    async fn seal(&self, _: &str) -> Result<Seal, Failure> {
        panic!()
    }

    async fn enforced(&self, _: ReadEnforcedGrantRequest) -> Result<EnforcedGrant, Failure> {
        panic!()
    }

    async fn grant_changes(&self, _: i64) -> Result<GrantChanges, Failure> {
        panic!()
    }

    async fn refusals(&self, _: JudgeQuestionsRequest) -> Result<Vec<String>, Failure> {
        panic!()
    }
}

//! `xizmat approve HASH`: a lawyer or a head approves the booklet that they read, at a terminal.

use clap::Args;
use kernel::{Failure, Hash};
use proto::register::v1::{ApproveRevisionRequest, operations::APPROVE_REVISION};

use crate::officer::Officer;

#[derive(Args)]
pub struct Options {
    /// Hash of the booklet that was read, as `xizmat booklet` and `sha256sum` print it.
    hash: Hash,
    #[command(flatten)]
    officer: Officer,
}

pub async fn run(options: Options) -> Result<(), Failure> {
    let Options { hash, officer } = options;
    let request = ApproveRevisionRequest {
        agency: officer.agency.clone(),
        booklets: vec![hash.to_vec()],
        ..ApproveRevisionRequest::default()
    };
    let verdict = officer.ask(&APPROVE_REVISION, None, &request).await?;
    let (service, revision) = (&verdict.service, Hash::from_slice(&verdict.revision)?);
    println!("{service}  {revision}");
    match (verdict.returned, verdict.missing.as_slice()) {
        (true, _) => println!("Approved by you, and sent back by somebody else: it is not published."),
        (false, []) => println!("Approved: it is published at the next look at what was applied."),
        (false, missing) => println!("Approved by you. Still missing: {}", missing.join(", ")),
    }
    Ok(())
}

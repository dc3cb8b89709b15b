//! `xizmat grants`: officers see what their agency gives and is given, approve it, and take it back.

use clap::{Args, Subcommand};
use kernel::{Failure, Hash};
use proto::exchange::v1::{
    ApproveGrantRequest, GrantStatus, ListGrantsRequest, RevokeGrantRequest,
    operations::{APPROVE_GRANT, LIST_GRANTS, REVOKE_GRANT},
};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Lists the grants that the agency gives or is given, newest first, each with the hash of its spec.
    List {
        #[command(flatten)]
        officer: Officer,
    },
    /// Approves a grant of the agency as it was read: another spec has another hash.
    Approve(Decision),
    /// Ends a version of a grant for good: nobody asks under it any more. To give again, change something and approve that.
    Revoke(Decision),
}

#[derive(Args)]
pub struct Decision {
    /// The grant's name.
    name: String,
    /// Hash of the spec, as the list and the resource's `status.approval` show it.
    #[arg(long)]
    hash: Hash,
    #[command(flatten)]
    officer: Officer,
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::List { officer } => {
            let request = ListGrantsRequest { agency: officer.agency.clone() };
            let listed = officer.ask(&LIST_GRANTS, None, &request).await?;
            if listed.grants.is_empty() {
                println!("The agency gives nothing and is given nothing.");
            }
            for grant in &listed.grants {
                println!("{}", line(grant)?);
            }
        }
        What::Approve(Decision { name, hash, officer }) => {
            let request = ApproveGrantRequest { agency: officer.agency.clone(), name, hash: hash.to_vec() };
            println!("{}", line(&officer.ask(&APPROVE_GRANT, None, &request).await?)?);
        }
        What::Revoke(Decision { name, hash, officer }) => {
            let request = RevokeGrantRequest { agency: officer.agency.clone(), name, hash: hash.to_vec() };
            println!("{}", line(&officer.ask(&REVOKE_GRANT, None, &request).await?)?);
        }
    }
    Ok(())
}

fn line(grant: &GrantStatus) -> Result<String, Failure> {
    let GrantStatus { agency, name, state, to_agency, registry, until, approvals, approvals_needed, .. } = grant;
    let hash = Hash::from_slice(&grant.hash)?;
    let mut gives = vec![format!("{registry} {}", grant.operations.join(","))];
    if !grant.roles.is_empty() {
        gives.push(format!("officers as {}", grant.roles.join(",")));
    }
    if grant.beneficiary {
        gives.push("takes a share of fees".to_owned());
    }
    if !grant.events.is_empty() {
        gives.push(format!("events {}", grant.events.join(",")));
    }
    let gives = gives.join("  ");
    Ok(format!(
        "{agency}/{name}  {state} ({approvals} of {approvals_needed})  to {to_agency}  {gives}  until {until}  {hash}"
    ))
}

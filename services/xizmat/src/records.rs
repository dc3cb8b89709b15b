//! `xizmat records`: an archivist lays a legal hold on a case, ends it, or orders a case's erasure before its time.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use boot::{Kit, Stage};
use bus::{Bus, subject::Address};
use clap::{Args, Subcommand};
use controller::ROLE as OPERATOR;
use kernel::Failure;
use prost::Message;
use proto::{
    Operation,
    eservice::v1::{
        CaseReply, EraseCaseRequest, HoldCaseRequest,
        operations::{ERASE_CASE, HOLD_CASE},
    },
};

use crate::{sign_in::Session, up::on_behalf};

#[derive(Subcommand)]
pub enum What {
    /// Nothing of the case is erased until the hold is released.
    Hold(Order),
    /// Ends a hold.
    Release(Order),
    /// Erases an ended case before its retention is over, a day after its last change.
    Erase {
        #[command(flatten)]
        order: Order,
        /// The act or decision that orders it; the applicant is shown it.
        #[arg(long)]
        legal_basis: String,
    },
}

#[derive(Args)]
pub struct Order {
    /// The case's number.
    number: String,
    /// The agency that gave it.
    #[arg(long)]
    agency: String,
    /// The service that it is a case of.
    #[arg(long)]
    service: String,
    /// Why, for the record; without personal data.
    #[arg(long)]
    reason: String,
    /// Login of an archivist of the agency; the code of their authenticator is asked for.
    #[arg(long = "as", value_name = "LOGIN")]
    login: String,
    /// File that holds the password, readable by its owner only.
    #[arg(long)]
    password_file: PathBuf,
    /// The running platform's data folder.
    #[arg(long, env = "XIZMAT_DATA", default_value = "data")]
    data: PathBuf,
}

pub async fn run(what: What) -> Result<(), Failure> {
    let (release, order, basis) = match what {
        What::Hold(order) => (false, order, None),
        What::Release(order) => (true, order, None),
        What::Erase { order, legal_basis } => (false, order, Some(legal_basis)),
    };
    let (number, reason) = (order.number.clone(), order.reason.clone());
    match basis {
        Some(legal_basis) => {
            let request = EraseCaseRequest { number, reason, legal_basis, ..EraseCaseRequest::default() };
            ask(&order, &ERASE_CASE, &request).await?;
            println!("{} is erased a day after its last change.", order.number);
        }
        None => {
            let request = HoldCaseRequest { number, reason, release, ..HoldCaseRequest::default() };
            ask(&order, &HOLD_CASE, &request).await?;
            println!("{}: {}", order.number, if release { "the hold has ended." } else { "held." });
        }
    }
    Ok(())
}

async fn ask<Q: Message>(order: &Order, operation: &Operation<Q, CaseReply>, request: &Q) -> Result<(), Failure> {
    crate::serve::install_crypto();
    let kit = Kit::system(stage(&order.data)?);
    let running = std::fs::read(order.data.join("run/addresses.json"));
    let running: serde_json::Value =
        running.ok().and_then(|text| serde_json::from_slice(&text).ok()).ok_or_else(|| {
            let message =
                format!("No platform is running on {}. Start it, or name another --data.", order.data.display());
            Failure::unavailable("records.not-running", message)
        })?;
    let address = |name: &str| running[name].as_str().unwrap_or_default().to_owned();
    let nats = exchange::keys::Folder::open(&order.data.join("nats"))?;
    let settings = bus::Settings {
        url: address("nats"),
        credentials_file: nats.credentials(OPERATOR),
        role: OPERATOR.to_owned(),
        key_file: nats.signing_key(OPERATOR),
        trusted_keys_file: nats.trusted_keys(),
        host: None,
    };
    let bus = Bus::connect(&settings, kit.clock.clone(), kit.random.clone()).await?;
    let password = boot::secrets::read(&order.password_file)?;
    let session = Session::open_as(&address("identity"), &order.login, password.trim(), code()?, &kit).await?;
    let person = on_behalf(&session, operation, request, &kit).await?;
    bus.request_for(operation, Address::service(&order.agency, &order.service), request, &person).await?;
    Ok(())
}

fn stage(data: &Path) -> Result<Stage, Failure> {
    let text = std::fs::read_to_string(data.join("stage")).unwrap_or_default();
    let known = [Stage::Trial, Stage::Production].into_iter().find(|stage| stage.as_str() == text.trim());
    known.ok_or_else(|| Failure::invalid("records.no-platform", format!("{} is no data folder.", data.display())))
}

/// A code counts once and only for half a minute: it may be typed.
fn code() -> Result<String, Failure> {
    eprint!("Code of the authenticator: ");
    let mut line = String::new();
    let read = std::io::stderr().flush().and_then(|()| std::io::stdin().read_line(&mut line));
    read.map_err(|error| Failure::invalid("records.no-code", "No code was given.").with_detail(error))?;
    Ok(line.trim().to_owned())
}

//! `xizmat seals`: an agency's seals, and the withdrawal of one whose key may be in other hands, by two officers.

use clap::{Args, Subcommand};
use kernel::{Failure, Time};
use proto::signing::v1::{
    DoubtSealRequest, ListSealedRequest, ListSealsRequest, SealStands, WithdrawSealRequest,
    operations::{DOUBT_SEAL, LIST_SEALED, LIST_SEALS, WITHDRAW_SEAL},
};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Lists the agency's seals, the newest first, and what stands against each.
    List {
        #[command(flatten)]
        keeper: Officer,
    },
    /// Says that a seal's key may be in other hands; another officer has to withdraw the seal.
    Doubt {
        #[command(flatten)]
        seal: Serial,
        /// The earliest moment at which the key may have been taken, such as 2026-11-29T08:00:00Z.
        #[arg(long)]
        from: Time,
        /// What happened.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        keeper: Officer,
    },
    /// Withdraws, as another officer, a seal that is doubted: it seals nothing more, and what it sealed in doubt counts for nothing.
    Withdraw {
        #[command(flatten)]
        seal: Serial,
        /// The moment from which it is in doubt, as the list shows it: to that one agrees.
        #[arg(long)]
        from: Time,
        #[command(flatten)]
        keeper: Officer,
    },
    /// Lists the documents that a doubted seal sealed since that moment, without those that were replaced or withdrawn.
    Documents {
        #[command(flatten)]
        seal: Serial,
        /// The last number that was listed: those after it are shown.
        #[arg(long, default_value = "")]
        after: String,
        #[command(flatten)]
        keeper: Officer,
    },
}

#[derive(Args)]
pub struct Serial {
    /// The serial number of the seal's certificate, as the list shows it.
    #[arg(value_name = "SERIAL")]
    serial: String,
}

impl Serial {
    fn bytes(&self) -> Result<Vec<u8>, Failure> {
        hex::decode(&self.serial).map_err(|_| {
            Failure::invalid("cli.serial", "A serial number is written in hexadecimal digits, two a byte.")
        })
    }
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::List { keeper } => {
            let held = keeper.ask(&LIST_SEALS, None, &ListSealsRequest {}).await?;
            if held.seals.is_empty() {
                println!("The agency has no seal yet: one is made for its first document.");
            }
            held.seals.iter().for_each(|seal| println!("{}", line(seal)));
        }
        What::Doubt { seal, from, reason, keeper } => {
            let request = DoubtSealRequest { serial: seal.bytes()?, reason, from_us: from.micros() };
            println!("{}", line(&keeper.ask(&DOUBT_SEAL, None, &request).await?));
        }
        What::Withdraw { seal, from, keeper } => {
            let request =
                WithdrawSealRequest { serial: seal.bytes()?, doubted_from_us: from.micros(), reason: String::new() };
            println!("{}", line(&keeper.ask(&WITHDRAW_SEAL, None, &request).await?));
            println!("Issue anew what it sealed in doubt: `xizmat seals documents {}` lists it.", seal.serial);
        }
        What::Documents { seal, after, keeper } => documents(&seal, after, &keeper).await?,
    }
    Ok(())
}

/// One page, because each question needs a code of the authenticator.
async fn documents(seal: &Serial, after: String, keeper: &Officer) -> Result<(), Failure> {
    let request = ListSealedRequest { serial: seal.bytes()?, after };
    let page = keeper.ask(&LIST_SEALED, None, &request).await?;
    for one in &page.documents {
        println!("{}  {}  {}  {}", one.number, Time::from_micros(one.sealed_us), one.service, one.kind);
    }
    match (page.documents.as_slice(), page.more) {
        ([], _) => println!("Nothing more that it sealed since then is in force."),
        ([.., last], true) => println!("There are more: `--after {}` lists the next ones.", last.number),
        _ => {}
    }
    Ok(())
}

fn line(seal: &SealStands) -> String {
    let at = Time::from_micros;
    let stands = match (seal.reason.as_str(), seal.withdrawn_us) {
        (_, withdrawn) if withdrawn > 0 => {
            format!("withdrawn {}; in doubt from {}: {}", at(withdrawn), at(seal.doubted_from_us), seal.reason)
        }
        ("", _) => "in order".to_owned(),
        (reason, _) => {
            let by = if seal.own { "you" } else { "another officer" };
            format!("in doubt from {}, says {by}: {reason}; to be withdrawn", at(seal.doubted_from_us))
        }
    };
    format!("{}  {} – {}  {stands}", hex::encode(&seal.serial), at(seal.since_us), at(seal.until_us))
}

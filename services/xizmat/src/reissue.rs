//! `xizmat reissue`: head and lawyer of an agency have documents of a service issued again, all at once.

use clap::{Args, Subcommand};
use kernel::{Failure, Hash, Time};
use proto::eservice::v1::{
    Reissue, ReissueOrder, ReissueRef,
    operations::{APPROVE_REISSUE, LIST_REISSUABLE, PROPOSE_REISSUE, READ_REISSUE},
};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Says which documents that would be; nothing is done.
    List(Wanted),
    /// Orders it. Another head or lawyer of the agency has to approve it.
    Propose {
        #[command(flatten)]
        wanted: Wanted,
        /// Why, for the record; without personal data.
        #[arg(long)]
        note: String,
    },
    /// Approves, as another head or lawyer, what was ordered: it begins.
    Approve(Named),
    /// Says how far it has come.
    Progress(Named),
}

#[derive(Args)]
pub struct Wanted {
    /// Name of the document in the service's definition.
    document: String,
    /// The service.
    #[arg(long)]
    service: String,
    /// Only of cases that run on this revision.
    #[arg(long)]
    revision: Option<Hash>,
    /// Only those that were issued from this moment on, such as 2026-11-24T00:00:00+05:00.
    #[arg(long)]
    since: Option<Time>,
    /// Only those that were issued before this moment.
    #[arg(long)]
    until: Option<Time>,
    /// Code of the reason, of those that the definition declares for a withdrawal.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    officer: Officer,
}

#[derive(Args)]
pub struct Named {
    /// The order, as `propose` printed it.
    order: Hash,
    /// The service.
    #[arg(long)]
    service: String,
    #[command(flatten)]
    officer: Officer,
}

impl Wanted {
    fn order(&self, note: &str) -> ReissueOrder {
        let micros = |at: Option<Time>| at.map(Time::micros).unwrap_or_default();
        ReissueOrder {
            agency: self.officer.agency.clone(),
            service: self.service.clone(),
            document: self.document.clone(),
            revision: self.revision.map(Hash::to_vec).unwrap_or_default(),
            since_us: micros(self.since),
            until_us: micros(self.until),
            reason: self.reason.clone(),
            note: note.to_owned(),
        }
    }
}

impl Named {
    fn named(&self) -> ReissueRef {
        let (agency, service) = (self.officer.agency.clone(), self.service.clone());
        ReissueRef { agency, service, batch: self.order.to_vec() }
    }
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::List(wanted) => {
            let order = wanted.order("");
            let meant = wanted.officer.ask(&LIST_REISSUABLE, Some(&wanted.service), &order).await?;
            println!("{} documents, by the template of {}.", meant.documents, Hash::from_slice(&meant.template)?);
            listed(&meant.numbers, meant.documents);
        }
        What::Propose { wanted, note } => {
            let order = wanted.order(&note);
            let made = wanted.officer.ask(&PROPOSE_REISSUE, Some(&wanted.service), &order).await?;
            println!("{}: {} documents ordered.", Hash::from_slice(&made.batch)?, made.documents);
            println!("Another head or lawyer has to approve it: xizmat reissue approve.");
        }
        What::Approve(order) => {
            let begun = order.officer.ask(&APPROVE_REISSUE, Some(&order.service), &order.named()).await?;
            println!("{}: approved, {} documents are issued again.", order.order, begun.documents);
        }
        What::Progress(order) => {
            let stands = order.officer.ask(&READ_REISSUE, Some(&order.service), &order.named()).await?;
            told(&stands);
        }
    }
    Ok(())
}

fn told(stands: &Reissue) {
    println!("{} ({}): {}", stands.document, stands.reason, stands.note);
    let state = match (stands.approved, stands.finished) {
        (false, _) => "waits for approval",
        (true, false) => "under way",
        (true, true) => "done",
    };
    let (issued, refused, all) = (stands.issued, stands.refused_count, stands.documents);
    println!("{state}: {issued} of {all} issued again, {refused} refused.");
    for one in &stands.refused {
        println!("{}  {}", one.number, one.code);
    }
    if !stands.approved {
        listed(&stands.numbers, all);
    }
}

fn listed(numbers: &[String], all: i64) {
    for number in numbers {
        println!("{number}");
    }
    let told = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
    if all > told {
        println!("and {} more", all - told);
    }
}

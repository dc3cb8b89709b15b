//! What this service tells about its cases after a restore, and what it does about those that others know otherwise.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bus::recovery::{Keeper, Wanted};
use kernel::{CaseId, Failure, IntentId};
use process::{CaseState, Command, case::PaymentState};
use proto::{KnownCase, KnownThing, Ruling};
use sql::Tx;

use crate::{
    domain::{number, retention},
    execute::{Order, no_answer, own_id},
    host::Host,
    store::{cases, recovery},
};

pub struct Recovered(pub Arc<Host>);

#[async_trait]
impl Keeper for Recovered {
    async fn known(&self, tx: &mut Tx, wanted: &Wanted) -> Result<Vec<KnownCase>, Failure> {
        let service = wanted.service.as_deref().unwrap_or_default();
        let mut known = Vec::new();
        for told in recovery::cases(tx, &wanted.agency, service, &wanted.after, wanted.limit).await? {
            let case = if told.erased { None } else { cases::read(tx, &self.0.keys, told.case).await? };
            known.push(KnownCase {
                case_id: told.case.to_vec(),
                agency: told.agency,
                service: told.service,
                number: told.number,
                version: told.version,
                phase: case.as_ref().map_or("erased", |case| case.state.public_phase()).to_owned(),
                things: case.map(|case| things(&case.state)).unwrap_or_default(),
            });
        }
        Ok(known)
    }

    async fn put_right(&self, ruling: &Ruling) -> Result<(), Failure> {
        if let Some((year, count)) = number::parts(&ruling.agency, &ruling.number) {
            let mut tx = self.0.database.begin().await?;
            recovery::skip_number(&mut tx, &ruling.agency, year, count).await?;
            tx.commit().await?;
        }
        match ruling.code.as_str() {
            "recovery.payment-lost" => ask_anew(&self.0, ruling).await,
            "recovery.erasure-undone" => erase_again(&self.0, ruling).await,
            _ => Ok(()),
        }
    }

    /// Row-level security shows each host its own services' actions only.
    async fn own_rows(&self, tx: &mut Tx) -> Result<(), Failure> {
        recovery::doubt_once(tx).await?;
        Ok(())
    }
}

fn things(state: &CaseState) -> Vec<KnownThing> {
    let payments = state.payments.values().flatten().map(|payment| KnownThing {
        kind: "intent".to_owned(),
        id: payment.intent.to_vec(),
        state: state_of(payment.state).to_owned(),
        amount: Some(proto::Money {
            minor: payment.captured.minor,
            currency: payment.captured.currency.code().to_owned(),
        }),
        ..KnownThing::default()
    });
    let documents = state.documents.iter().map(|document| KnownThing {
        kind: "document".to_owned(),
        id: document.document.to_vec(),
        name: document.number.clone(),
        ..KnownThing::default()
    });
    let actions = state.actions.values().map(|action| KnownThing {
        kind: "action".to_owned(),
        id: action.id.to_vec(),
        state: "open".to_owned(),
        name: action.request.name().to_owned(),
        ..KnownThing::default()
    });
    let identified = state.applicant.iter().filter(|_| state.is_identified());
    let applicant = identified.map(|applicant| KnownThing {
        kind: "applicant".to_owned(),
        id: applicant.person.to_vec(),
        ..KnownThing::default()
    });
    applicant.chain(payments).chain(documents).chain(actions).collect()
}

fn state_of(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Open => "open",
        PaymentState::Captured => "captured",
        PaymentState::Waived => "waived",
        PaymentState::Expired => "expired",
        PaymentState::Cancelled => "cancelled",
    }
}

/// Retention does it, once nothing stands in the way. Under which act it was, nobody knows any more.
async fn erase_again(host: &Host, ruling: &Ruling) -> Result<(), Failure> {
    let mut tx = host.database.begin().await?;
    let under = BTreeMap::from(retention::REPEATED);
    recovery::erase_again(&mut tx, CaseId::from_slice(&ruling.case_id)?, host.now(), &under).await?;
    Ok(tx.commit().await?)
}

/// The step asks for another intent; told twice, once.
async fn ask_anew(host: &Host, ruling: &Ruling) -> Result<(), Failure> {
    let intent = IntentId::from_slice(&ruling.thing)?;
    let order = Order {
        case_id: CaseId::from_slice(&ruling.case_id)?,
        id: own_id("payment-lost", &[intent.as_bytes()]),
        request: None,
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &|_, _, _| Ok(Command::PaymentLost { intent }),
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    host.execute(&order).await?;
    Ok(())
}

//! What the agency's resource says afterwards.

use std::time::Duration;

use kernel::Time;
use process::calendar::civil_date;
use proto::signing::v1::Seal;

use super::{
    build::{CREDENTIALS, Wanted},
    validate::Sound,
};
use crate::outcome::{Done, Fact, Outcome, State};

/// What watches have missed is found within this time.
const DRIFT: Duration = Duration::from_secs(60);
/// Until signing, which starts with the rest of the platform, is asked again.
const SEAL: Duration = Duration::from_secs(5);
const SEAL_READY: &str = "SealReady";
/// There only while its lawyer or its head have yet to agree.
const PUBLICATION_FREE: &str = "PublicationFree";

/// `waits`: what has to happen before it publishes without approval, where its resource asks for that.
pub fn done(agency: &Sound, wanted: &Wanted, (seal, waits): (Fact, Option<String>), now: Time) -> Outcome {
    let message = format!("Services, registries and grants in the namespace `{}` are this agency's.", agency.name);
    let again = Some(again(&seal, now));
    let mut beside =
        vec![("BusProvisioned", bus(agency)), ("EngineersBound", engineers(agency, wanted)), (SEAL_READY, seal)];
    beside.extend(waits.map(|message| (PUBLICATION_FREE, Fact::coming("NotAgreed", message))));
    Outcome::Done(Done { message, beside, again, ..Done::default() })
}

/// It stands as it was left, and says what it says.
pub fn rests(seal: &Fact, now: Time) -> Outcome {
    Outcome::Done(Done { again: Some(again(seal, now)), ..Done::default() })
}

/// Of an agency that is as it should be, waits for nobody and was made so, which is not so in read-only mode.
pub fn seal_of(outcome: &Outcome) -> Option<&Fact> {
    let Outcome::Done(done) = outcome else { return None };
    if done.beside.iter().any(|(condition, _)| *condition == PUBLICATION_FREE) {
        return None;
    }
    done.beside.iter().find(|(condition, _)| *condition == SEAL_READY).map(|(_, seal)| seal)
}

fn again(seal: &Fact, now: Time) -> Time {
    now.plus(if seal.state == State::Holds { DRIFT } else { SEAL })
}

/// In read-only mode.
pub fn judged(agency: &Sound) -> Outcome {
    let message = format!("Judged only: the operator is in read-only mode, `{}` is as it was.", agency.name);
    Outcome::Done(Done { message, ..Done::default() })
}

fn bus(agency: &Sound) -> Fact {
    let message = match &agency.nats_key {
        Some(_) => format!("The Secret `{CREDENTIALS}` holds the token for the agency\u{2019}s own key."),
        None => format!("The Secret `{CREDENTIALS}` holds what the agency\u{2019}s own system connects with."),
    };
    Fact::holds("Issued", message)
}

fn engineers(agency: &Sound, wanted: &Wanted) -> Fact {
    match (agency.engineers.len(), &wanted.engineers) {
        (0, _) => {
            Fact::coming("NoEngineers", "Only administrators of the cluster write here: `spec.engineers` names nobody.")
        }
        (_, None) => Fact::coming("NoRole", "The operator has no `operator.engineer_role` that engineers could get."),
        (number, Some(_)) => {
            Fact::holds("Bound", format!("{number} users and groups write what is the agency\u{2019}s here."))
        }
    }
}

pub fn seal(seal: &Seal) -> Fact {
    let serial: String = seal.serial.iter().map(|byte| format!("{byte:02x}")).collect();
    let until = civil_date(Time::from_micros(seal.until_us));
    Fact::holds("InForce", format!("Documents bear the seal {serial}, in force until {until}."))
}

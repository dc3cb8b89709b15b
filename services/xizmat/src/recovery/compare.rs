//! Compares what the services know about the same cases: each disagreement once, with its code.

use std::collections::BTreeSet;

use proto::{KnownCase, KnownThing};

use super::ask::{Knowledge, Known};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    pub code: &'static str,
    /// Empty where it is about no case.
    pub case: Vec<u8>,
    pub agency: String,
    pub service: String,
    pub number: String,
    /// The intent, the document or the seal.
    pub thing: Vec<u8>,
    pub what: String,
}

pub fn all(known: &Knowledge) -> Vec<Disagreement> {
    let mut found = consumers(known);
    found.extend(seals(known));
    for (id, case) in &known.cases {
        found.extend(of_case(id, case));
        found.extend(person(id, case, &known.missing));
    }
    found
}

/// Whoever read more of a log than there is of it saw events that are lost.
fn consumers(known: &Knowledge) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for (reader, page) in &known.pages {
        for position in &page.positions {
            let Some(producer) = known.producer(&position.log) else { continue };
            let lost = match position.epoch == producer.epoch {
                true => position.sequence - producer.last,
                false if position.epoch > producer.epoch => position.sequence,
                false => 0,
            };
            if lost > 0 {
                let what = format!("{reader} has read {lost} events of {} that are lost", position.log);
                found.push(about("recovery.consumer-ahead", &[], &KnownCase::default(), what));
            }
        }
    }
    found
}

/// What a forger has is in force again where signing is older than the withdrawal; the docket's index still tells of it.
fn seals(known: &Knowledge) -> Vec<Disagreement> {
    let (Some(docket), Some(signing)) = (known.pages.get("docket"), known.pages.get("signing")) else {
        return Vec::new();
    };
    let forgotten = docket.withdrawn_seals.iter().filter(|seal| !signing.withdrawn_seals.contains(seal));
    let told = forgotten.map(|seal| {
        let of = KnownCase { agency: seal.agency.clone(), ..KnownCase::default() };
        let serial = hex::encode(&seal.serial);
        let what = format!("two officers withdrew the seal {serial}, and signing does not know of it any more");
        Disagreement { thing: seal.serial.clone(), ..about("recovery.seal-in-force", &[], &of, what) }
    });
    told.collect()
}

fn person(id: &[u8], case: &Known, missing: &BTreeSet<Vec<u8>>) -> Option<Disagreement> {
    let case = case.eservice.as_ref()?;
    let lost = things(Some(case), "applicant").any(|person| missing.contains(&person.id));
    lost.then(|| about("recovery.person-lost", id, case, "identity does not know the applicant".to_owned()))
}

fn of_case(id: &[u8], case: &Known) -> Vec<Disagreement> {
    let Some(own) = &case.eservice else { return without_case(id, case) };
    if own.phase == "erased" {
        return Vec::new();
    }
    let mut found = Vec::new();
    // A draft that was thrown away is thrown away again, or lapses.
    if is_erased(case) && own.phase != "draft" {
        let what = format!("the docket has seen it erased, it is {}", own.phase);
        found.push(about("recovery.erasure-undone", id, own, what));
    }
    if let Some(docket) = &case.docket
        && docket.version > own.version
    {
        let (there, here) = (&docket.phase, &own.phase);
        let what =
            format!("the docket has seen it {there} (version {}), it is {here} ({})", docket.version, own.version);
        let number = if own.number.is_empty() { docket.number.clone() } else { own.number.clone() };
        found.push(Disagreement { number, ..about("recovery.case-ahead", id, own, what) });
    }
    found.extend(payments(id, own, case.payments.as_ref()));
    found.extend(documents(id, own, case.signing.as_ref()));
    found
}

/// The docket remembers of an erased case that it was one.
fn is_erased(case: &Known) -> bool {
    case.docket.as_ref().is_some_and(|known| known.phase == "erased")
}

/// Everybody may know of a case that its e-service lost.
fn without_case(id: &[u8], case: &Known) -> Vec<Disagreement> {
    let witnesses = [("docket", &case.docket), ("payments", &case.payments), ("signing", &case.signing)];
    let mut witnesses: Vec<(&str, &KnownCase)> =
        witnesses.into_iter().filter_map(|(role, known)| Some((role, known.as_ref()?))).collect();
    witnesses.extend(case.notifications.as_ref().map(|known| ("notifications", known)));
    let first = |field: fn(&KnownCase) -> &String| {
        let named = witnesses.iter().map(|(_, known)| field(known)).find(|text| !text.is_empty());
        named.cloned().unwrap_or_default()
    };
    let told = KnownCase {
        agency: first(|known| &known.agency),
        service: first(|known| &known.service),
        number: first(|known| &known.number),
        ..KnownCase::default()
    };
    if is_erased(case) {
        // Nobody misses it, and what the others keep of it stays; its number is printed on what it issued.
        let undone = about("recovery.erasure-undone", id, &told, "no e-service knows it, and it was erased".to_owned());
        return if told.number.is_empty() { Vec::new() } else { vec![undone] };
    }
    let roles: Vec<&str> = witnesses.iter().map(|(role, _)| *role).collect();
    let what = format!("no e-service knows it, unlike {}", roles.join(", "));
    let mut found = vec![about("recovery.case-lost", id, &told, what)];
    for intent in things(case.payments.as_ref(), "intent") {
        let what = format!("payments has an intent of it that is {}{}", intent.state, worth(intent));
        let ruled = about("recovery.payment-without-case", id, &told, what);
        found.push(Disagreement { thing: intent.id.clone(), ..ruled });
    }
    for document in things(case.signing.as_ref(), "document") {
        let what = format!("signing sealed {} for it, {}", document.name, document.state);
        found.push(Disagreement { thing: document.id.clone(), ..about("recovery.document-unknown", id, &told, what) });
    }
    found
}

fn payments(id: &[u8], own: &KnownCase, kept: Option<&KnownCase>) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let mut say = |code, thing: &KnownThing, what: String| {
        found.push(Disagreement { thing: thing.id.clone(), ..about(code, id, own, what) });
    };
    for theirs in things(kept, "intent") {
        let stands = format!("{}{}", theirs.state, worth(theirs));
        match things(Some(own), "intent").find(|ours| ours.id == theirs.id) {
            None if asks(own, "create-intent") => {
                let what = format!("the case waits for an intent that payments has made; it is {stands}");
                say("recovery.payment-asked-again", theirs, what);
            }
            None => say(
                "recovery.payment-unknown",
                theirs,
                format!("payments has an intent that is {stands}, the case none"),
            ),
            Some(ours) if ours.state == theirs.state => {}
            Some(ours) if ours.state == "open" => {
                say("recovery.payment-untold", theirs, format!("payments has it {stands}, the case waits"));
            }
            Some(ours) if ours.state == "captured" => {
                say(
                    "recovery.capture-lost",
                    theirs,
                    format!("the case is paid{}, payments has it {stands}", worth(ours)),
                );
            }
            Some(_) => {}
        }
    }
    for ours in things(Some(own), "intent") {
        if things(kept, "intent").any(|theirs| theirs.id == ours.id) {
            continue;
        }
        match ours.state.as_str() {
            "open" => say(
                "recovery.payment-lost",
                ours,
                "the case waits for an intent that payments does not have".to_owned(),
            ),
            "captured" => {
                say(
                    "recovery.capture-lost",
                    ours,
                    format!("the case is paid{}, payments does not have it", worth(ours)),
                );
            }
            _ => {}
        }
    }
    if own.phase != "ended" && things(kept, "ending").next().is_some() {
        let what = format!("payments has seen it end, it is {}", own.phase);
        found.push(about("recovery.ending-unknown", id, own, what));
    }
    found
}

fn documents(id: &[u8], own: &KnownCase, kept: Option<&KnownCase>) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for theirs in things(kept, "document") {
        if things(Some(own), "document").any(|ours| ours.id == theirs.id) {
            continue;
        }
        let what = format!("signing sealed {} ({}), the case does not have it", theirs.name, theirs.state);
        let code =
            if asks(own, "issue-document") { "recovery.document-asked-again" } else { "recovery.document-unknown" };
        found.push(Disagreement { thing: theirs.id.clone(), ..about(code, id, own, what) });
    }
    for ours in things(Some(own), "document") {
        if !things(kept, "document").any(|theirs| theirs.id == ours.id) {
            let what = format!("the case has {}, signing does not", ours.name);
            // What must not be printed again is the document's number.
            let lost = about("recovery.document-lost", id, own, what);
            found.push(Disagreement { thing: ours.id.clone(), number: ours.name.clone(), ..lost });
        }
    }
    found
}

/// Whether the case has an open action of this kind, which it asks again.
fn asks(own: &KnownCase, request: &str) -> bool {
    things(Some(own), "action").any(|action| action.name == request)
}

fn things<'a>(case: Option<&'a KnownCase>, kind: &'a str) -> impl Iterator<Item = &'a KnownThing> {
    case.into_iter().flat_map(|case| &case.things).filter(move |thing| thing.kind == kind)
}

fn worth(thing: &KnownThing) -> String {
    let amount = thing.amount.as_ref().filter(|amount| amount.minor > 0);
    amount.map_or_else(String::new, |amount| format!(" with {} UZS", kernel::Money::uzs(amount.minor).to_decimal()))
}

fn about(code: &'static str, id: &[u8], case: &KnownCase, what: String) -> Disagreement {
    Disagreement {
        code,
        case: id.to_vec(),
        agency: case.agency.clone(),
        service: case.service.clone(),
        number: case.number.clone(),
        thing: Vec::new(),
        what,
    }
}

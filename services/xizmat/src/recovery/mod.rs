//! `xizmat recovery`: what restored databases disagree about, listed before anybody is served, and the end of the recovery.

mod ask;
mod compare;
mod meaning;
#[cfg(test)]
mod tests;

use std::time::Duration;

use bus::Bus;
use clap::{Args, Subcommand};
use kernel::{CaseId, Failure, IntentId, Time};
use proto::RecoveryPage;

use crate::as_operator::AsOperator;
use ask::{Knowledge, Named};
use compare::Disagreement;

#[derive(Subcommand)]
pub enum What {
    /// Lists every disagreement between the services' databases: what it is, and what will be done about it by whom. Changes
    /// nothing.
    Check {
        #[command(flatten)]
        order: Order,
    },
    /// Has every service put right what it can, ends all sessions and begins new epochs; the next start serves again.
    End {
        /// The name of the recovery, as it stands in the configuration.
        name: String,
        #[command(flatten)]
        order: Order,
    },
}

#[derive(Args)]
pub struct Order {
    /// A service that ended and that no host runs any more: what anybody knows of its cases stays as it is. May be repeated.
    #[arg(long = "without", value_name = "AGENCY/SERVICE", value_parser = named)]
    without: Vec<Named>,
    /// Prints one line of JSON for each service and each disagreement.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    operator: AsOperator,
}

fn named(written: &str) -> Result<Named, String> {
    let named = written.split_once('/').filter(|(agency, service)| !agency.is_empty() && !service.is_empty());
    let (agency, service) = named.ok_or("write the agency before the service: justice/copy")?;
    Ok((agency.to_owned(), service.to_owned()))
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::Check { order: Order { without, json, operator } } => {
            let (_, bus) = operator.connect().await?;
            tell(&ask::everybody(&bus, &without).await?, json);
            Ok(())
        }
        What::End { name, order: Order { without, json, operator } } => {
            let (kit, bus) = operator.connect().await?;
            let known = ask::everybody(&bus, &without).await?;
            end(&bus, &name, &known, kit.clock.now(), json).await
        }
    }
}

async fn end(bus: &Bus, name: &str, known: &Knowledge, now: Time, json: bool) -> Result<(), Failure> {
    for (role, page) in &known.pages {
        begun(role, page, name)?;
    }
    let disagreements = tell(known, json);
    ask::end(bus, name, known, &disagreements).await?;
    let began = known.pages.values().map(|page| page.began_us).min().unwrap_or_default();
    let took = Duration::from_secs(now.since(Time::from_micros(began)).as_secs());
    if json {
        println!("{}", serde_json::json!({"ended": name, "seconds": took.as_secs()}));
    } else {
        println!("\nThe recovery {name} has ended, {} s after it began. Start every role again.", took.as_secs());
    }
    Ok(())
}

/// A role that serves already would change what the others compare.
fn begun(role: &str, page: &RecoveryPage, name: &str) -> Result<(), Failure> {
    if page.name == name {
        return Ok(());
    }
    let message = match page.name.as_str() {
        "" => format!("{role} was not started with a recovery. Start every role with recovery = \"{name}\" first."),
        other => format!("{role} is in the recovery {other}. Name that one, or start every role with \"{name}\"."),
    };
    Err(Failure::conflict("recovery.not-begun", message))
}

fn tell(known: &Knowledge, json: bool) -> Vec<Disagreement> {
    let newest = known.pages.values().map(|page| page.newest_us).max().unwrap_or_default();
    let disagreements = compare::all(known);
    if !json {
        println!("{:<24}{:<12}{:<24}{:>14}", "DATABASE", "STATE", "LAST ACT OR EVENT", "OLDER BY");
    }
    for (role, page) in &known.pages {
        // Nothing has happened in some databases yet: they cannot be older than others.
        let behind = (page.newest_us != 0).then(|| (newest - page.newest_us) / 1_000_000);
        let state = match (page.name.is_empty(), page.ended) {
            (true, _) => "serving",
            (false, true) => "ended",
            (false, false) => "recovering",
        };
        let last = behind.map(|_| Time::from_micros(page.newest_us).to_string());
        if json {
            println!(
                "{}",
                serde_json::json!({"database": role, "state": state, "recovery": page.name, "newest": last, "behindSeconds": behind})
            );
        } else {
            let last: String = last.map_or_else(|| "nothing".to_owned(), |last| last.chars().take(19).collect());
            let behind = behind.map_or_else(String::new, |seconds| format!("{seconds} s"));
            println!("{role:<24}{state:<12}{last:<24}{behind:>14}");
        }
    }
    for one in &disagreements {
        print_one(one, json);
    }
    if !json {
        println!("\n{} disagreements.", disagreements.len());
    }
    disagreements
}

fn print_one(one: &Disagreement, json: bool) {
    let meaning = meaning::of(one.code);
    let case = CaseId::from_slice(&one.case).map(|id| id.to_string()).unwrap_or_default();
    // Of an intent it is the order that the provider's statement names.
    let thing = IntentId::from_slice(&one.thing).map(|id| id.to_string()).unwrap_or_default();
    if json {
        println!(
            "{}",
            serde_json::json!({
                "code": one.code, "case": case, "number": one.number, "agency": one.agency, "service": one.service,
                "thing": thing, "what": one.what, "done": meaning.done, "by": meaning.by,
            })
        );
        return;
    }
    println!("\n{}  {} {} {}/{}", one.code, one.number, case, one.agency, one.service);
    println!("  {}{}", one.what, if thing.is_empty() { thing } else { format!(" ({thing})") });
    println!("  {}: {}", meaning.by, meaning.done);
}

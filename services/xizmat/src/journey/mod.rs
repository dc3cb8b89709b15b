//! `xizmat journey`: walks an installed platform as a citizen does, in a browser without JavaScript (`helm test`).
//!
//! It says of each part that it was walked or that it was not and why. The platform sees an ordinary citizen and nothing else;
//! a person who signs in is one of a counterpart of OneID, and applies only on a trial.

mod apply;
mod browser;
mod html;
mod page;
mod public;
mod sign_in;

use std::time::Duration;

use clap::Args;
use kernel::Failure;
use url::Url;

use self::{apply::Until, browser::Browser};
use crate::serve::install_crypto;

#[derive(Args)]
pub struct Options {
    /// The platform's address as people know it.
    address: Url,
    /// Asks addresses that begin with PUBLIC at INNER instead; may be repeated, the first that fits counts.
    #[arg(long, value_name = "PUBLIC=INNER", value_parser = pair)]
    through: Vec<(String, String)>,
    /// Where citizens must be led to prove who they are: OneID's address for browsers. Left out: wherever identity leads them.
    #[arg(long, value_name = "URL")]
    oneid: Option<Url>,
    /// Signs in by the button of this value at a counterpart of OneID. Left out: nobody signs in.
    #[arg(long)]
    person: Option<String>,
    /// The service that is walked, and applied for by `--person`. Left out: the first that takes applications, and nobody applies.
    #[arg(long, value_name = "AGENCY/NAME")]
    service: Option<String>,
    /// An answer by its place in the data, such as `reason.kind=lost` or `marriage.date=2012-06-16`; may be repeated.
    #[arg(long, value_name = "AT=VALUE", value_parser = pair)]
    answer: Vec<(String, String)>,
    /// How far an application is walked.
    #[arg(long, value_enum, default_value = "document")]
    until: Until,
    /// Seconds for which a page, the fee or the decision is awaited.
    #[arg(long, default_value_t = 60)]
    patience_s: u64,
}

pub async fn run(options: Options) -> Result<(), Failure> {
    install_crypto();
    let patience = Duration::from_secs(options.patience_s);
    let mut browser = Browser::new(options.address, options.through, patience)?;
    let found = public::walk(&mut browser, options.service.as_deref()).await?;
    if options.person.is_some() && !found.trial {
        return Err(apply::in_production(&browser.at("/")));
    }
    let Some(start) = found.start else {
        not_walked("a service's start, signing in and applying", &found.reason);
        return Ok(());
    };
    let needs = options.person.is_some();
    let oneid = sign_in::leave(&mut browser, &start, options.oneid.as_ref(), needs).await?;
    let Some(oneid) = oneid else {
        not_walked("OneID and applying", "identity offers no OneID (config.identity.oneid)");
        return Ok(());
    };
    let Some(person) = options.person else {
        not_walked("signing in at OneID and applying", "nobody to sign in: no citizen is named (tests.citizen.person)");
        return Ok(());
    };
    sign_in::enter(&mut browser, &oneid, &person, &start).await?;
    if options.service.is_none() {
        not_walked("applying", "no service is named (tests.application.service)");
        return Ok(());
    }
    apply::walk(&mut browser, &start, &options.answer, options.until).await
}

fn walked(what: &str) {
    println!("walked      {what}");
}

fn not_walked(what: &str, why: &str) {
    println!("not walked  {what}: {why}");
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

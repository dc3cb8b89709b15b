//! How many connections a host may hold, and whether the server has enough for all of them: said before it refuses one.

use super::{build::Site, name, place::Host};
use crate::outcome::{Fact, Hosting};

/// Everything is ready all the same, until hosts need what they were promised.
pub const TOO_MANY: &str = "TooManyConnections";
const PROVIDED: &str = "Provided";
/// Into how many parts a server is divided where all hosts together are told.
const PARTS: i64 = 10;

/// Of all hosts on the server together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    pub promised: i64,
    pub available: i64,
}

/// While a new release comes in, one copy more than usual is there.
pub fn of_host(site: &Site, host: &Host) -> u32 {
    let copies = u32::try_from(host.copies.max).unwrap_or(1).saturating_add(1);
    site.connections.saturating_mul(copies)
}

/// What the condition of a host on PostgreSQL says.
pub fn shares(site: &Site, host: &Host, of: Connections) -> Fact {
    let (cases, own, all, available) = (name::database(&site.agency), of_host(site, host), of.in_steps(), of.available);
    let cases =
        format!("Cases are in `{cases}`. This host uses up to {own} of the server\u{2019}s {available} connections");
    if of.promised > available {
        let message = format!(
            "{cases}, and all hosts together may take {all} or more: raise its max_connections, or lower \
             operator.database.connections."
        );
        return Fact::holds(TOO_MANY, message);
    }
    Fact::holds(PROVIDED, format!("{cases}; all hosts together take up to {all}."))
}

/// A host that stands as it was left says what the server told last, whichever host asked.
pub fn tell_again(hosting: &mut Hosting, site: &Site, host: &Host, of: Option<Connections>) {
    if let Some(of) = of
        && [TOO_MANY, PROVIDED].contains(&hosting.database.reason)
    {
        hosting.database = shares(site, host, of);
    }
}

impl Connections {
    /// The sum moves with each host; said to the last connection, each would write the status of all. On which side of what
    /// there is it lies is exact.
    fn in_steps(self) -> i64 {
        let Self { promised, available } = self;
        let step = (available / PARTS).max(1);
        let below = promised / step * step;
        if promised > available {
            return below.max(available + 1);
        }
        let above = if below == promised { below } else { below + step };
        above.min(available)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Config, Engine},
        host::validate::{AMOUNTS, COPIES},
    };

    fn said(promised: i64) -> Fact {
        let config = Config { host_image: Some("xizmat".into()), ..Config::default() };
        let site = Site::of(&config, "justice", "justice", true).unwrap();
        assert_eq!(site.engine, Engine::Postgresql);
        let host =
            Host { name: "copy".into(), services: vec!["copy".into()], owner: None, copies: COPIES, amounts: AMOUNTS };
        shares(&site, &host, Connections { promised, available: 97 })
    }

    #[test]
    fn what_all_hosts_take_is_said_always_and_written_anew_only_now_and_then() {
        let few = said(24);
        assert_eq!(few.reason, "Provided");
        assert!(
            few.message.contains("of the server\u{2019}s 97 connections; all hosts together take up to 27."),
            "{}",
            few.message
        );
        assert_eq!((said(25), said(27)), (few.clone(), few), "a host more writes no status");
        assert!(said(97).message.ends_with("up to 97."), "{}", said(97).message);
    }

    #[test]
    fn a_server_that_was_promised_to_more_hosts_than_it_can_serve_says_so() {
        let more = said(98);
        assert_eq!(more.reason, "TooManyConnections");
        assert!(more.message.contains("98 or more") && more.message.contains("max_connections"), "{}", more.message);
        assert!(said(240).message.contains("234 or more"), "{}", said(240).message);
    }

    #[test]
    fn a_host_that_nobody_looked_at_says_what_the_server_told_since() {
        let config = Config { host_image: Some("xizmat".into()), ..Config::default() };
        let site = Site::of(&config, "justice", "justice", true).unwrap();
        let host =
            Host { name: "copy".into(), services: vec!["copy".into()], owner: None, copies: COPIES, amounts: AMOUNTS };
        let fact = Fact::holds("Available", "");
        let selector = String::new();
        let mut hosting =
            Hosting { bus: fact.clone(), database: said(24), workload: fact.clone(), replicas: 2, ready: 2, selector };
        tell_again(&mut hosting, &site, &host, Some(Connections { promised: 98, available: 97 }));
        assert_eq!(hosting.database, said(98));
        hosting.database = fact.clone();
        tell_again(&mut hosting, &site, &host, Some(Connections { promised: 98, available: 97 }));
        assert_eq!(hosting.database, fact, "a trial has no server");
    }
}

//! One looks into the database for all: what is due, and when the next thing will be. The others rest until then.
//!
//! It looks when this process committed something, when another copy of the host says that it did, when a loop asks, and now and
//! then, should a copy have died without a word. So a host with nothing to do holds no connection.

use std::{
    future::pending,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bus::{Bus, Heard, Nudges};
use kernel::{Clock, Failure, Time};
use tokio::sync::{Notify, watch};

use crate::{
    host::Host,
    store::glance::{self, Glance},
};

/// At most one look in this time.
const PAUSE: Duration = Duration::from_secs(1);

/// What was seen last.
#[derive(Default)]
pub struct Lookout {
    seen: watch::Sender<Glance>,
    asked: Notify,
    register: Notify,
    others: OnceLock<Nudges>,
}

impl Lookout {
    /// Somebody did what was due, or could not: there is something else to see.
    pub fn look_again(&self) {
        self.asked.notify_one();
    }

    /// Another host may have taken what the register said about a service that runs here.
    pub fn ask_register(&self) {
        self.register.notify_one();
    }

    /// Returns once the register should be asked, beside the usual times.
    pub async fn is_to_ask_register(&self) {
        self.register.notified().await;
    }

    /// What this copy could not finish when it stopped, the others find at once.
    pub async fn hand_over(&self) {
        if let Some(others) = self.others.get()
            && let Err(failure) = others.say_last().await
        {
            tracing::info!(?failure, "the other copies find by themselves what this one leaves");
        }
    }

    /// Returns once what `of` finds in the last look is due.
    pub async fn due(&self, clock: &dyn Clock, of: impl Fn(&Glance) -> Option<Time>) {
        let mut seen = self.seen.subscribe();
        loop {
            let at = of(&seen.borrow_and_update());
            let reached = async {
                match at {
                    Some(at) => clock.sleep_until(at).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                () = reached => return,
                changed = seen.changed() => if changed.is_err() { pending().await },
            }
        }
    }

    /// Whether anything is missing that was heard of.
    pub fn misses_revisions(&self) -> bool {
        self.seen.borrow().revisions
    }
}

/// Looks at least every `every`; without a bus nobody else works on the database.
pub fn run(kit: &boot::Kit, host: &Arc<Host>, every: Duration, bus: Option<&Bus>) {
    let nudges = bus.map(Bus::nudges);
    if let Some(nudges) = &nudges {
        nudges.tell(&host.database, kit);
        // A host is started once.
        let _ = host.lookout.others.set(nudges.clone());
    }
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("lookout", move || {
        let (host, shutdown, nudges) = (host.clone(), shutdown.clone(), nudges.clone());
        async move {
            tokio::select! {
                () = shutdown.cancelled() => Ok(()),
                never = keep_looking(&host, every.max(PAUSE), nudges) => never,
            }
        }
    });
}

async fn keep_looking(host: &Host, every: Duration, nudges: Option<Nudges>) -> Result<(), Failure> {
    let mut heard = match &nudges {
        Some(nudges) => Some(nudges.listen().await?),
        None => None,
    };
    let mut commits = host.database.commits();
    loop {
        commits.mark_unchanged();
        look(host, every).await?;
        let next = host.now().plus(every);
        tokio::time::sleep(PAUSE).await;
        tokio::select! {
            _ = commits.changed() => {}
            () = host.lookout.asked.notified() => {}
            outcome = nudged(&mut heard) => outcome?,
            () = tokio::time::sleep(every) => {}
            // Civil time can be shifted.
            () = host.clock.sleep_until(next) => {}
        }
    }
}

async fn nudged(heard: &mut Option<Heard>) -> Result<(), Failure> {
    match heard {
        Some(heard) => heard.next().await,
        None => pending().await,
    }
}

/// Sees what is due before the next look, and a little after it.
async fn look(host: &Host, every: Duration) -> Result<(), Failure> {
    let mut tx = host.database.quietly().read().await?;
    let serves = |agency: &str, service: &str| host.serves(agency, service);
    let mut seen = glance::read(&mut tx, host.now(), every * 2, serves).await?;
    if host.scanner.is_some() {
        seen.scan = files::judged::next(&mut tx, host.now().plus(every * 2)).await?;
    }
    drop(tx);
    let before = host.lookout.seen.borrow().relay;
    if seen.outgoing || (seen.relay.is_some() && seen.relay != before) {
        host.database.wake();
    }
    host.lookout.seen.send_replace(seen);
    Ok(())
}

//! Reaches the bus in the background: without it the operator leads, looks and repairs all the same, and asks nobody in vain.

use std::time::Duration;

use boot::{Kit, metrics};
use bus::Bus;
use futures::stream::{self, BoxStream, StreamExt};
use kernel::Failure;
use tokio::sync::watch;

use crate::{ROLE, waits::Waits};

const BUS: &str = "the bus";
/// A connection that is made at once is not waited for, and one that breaks for a moment was not away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The bus while it can be reached.
#[derive(Clone)]
pub struct Reached(watch::Receiver<Option<Bus>>);

impl Reached {
    /// Tries for as long as the process lives. What is wrong with the settings is said like what is away: a file may come.
    pub fn begin(kit: &Kit, settings: &bus::Settings, waits: &Waits) -> Self {
        let (reached, bus) = watch::channel(None);
        let (settings, waits, child) = (settings.clone(), waits.clone(), kit.clone());
        metrics::BUS_CONNECTED.set(&[ROLE], 0.0);
        kit.spawn("bus", move || {
            let (settings, waits, reached, kit) = (settings.clone(), waits.clone(), reached.clone(), child.clone());
            async move {
                tokio::select! {
                    () = kit.shutdown.cancelled() => Ok(()),
                    failed = keep(&kit, &settings, &waits, &reached) => failed,
                }
            }
        });
        Self(bus)
    }

    pub fn bus(&self) -> Result<Bus, Failure> {
        self.0.borrow().clone().ok_or_else(|| {
            let message = "The bus cannot be reached: see `operator.bus.url` and whether NATS runs there.";
            Failure::unavailable("operator.bus-away", message)
        })
    }

    pub fn returns(&self) -> BoxStream<'static, ()> {
        let changes = stream::unfold(self.0.clone(), |mut bus| async move {
            bus.changed().await.ok()?;
            let is_there = bus.borrow_and_update().is_some();
            Some((is_there, bus))
        });
        changes.filter_map(|is_there| std::future::ready(is_there.then_some(()))).boxed()
    }
}

async fn keep(
    kit: &Kit,
    settings: &bus::Settings,
    waits: &Waits,
    reached: &watch::Sender<Option<Bus>>,
) -> Result<(), Failure> {
    let connected = Bus::connect(settings, kit.clock.clone(), kit.random.clone());
    tokio::pin!(connected);
    let away = || waits.wait(BUS, format!("NATS does not answer at {}", settings.url));
    let made = tokio::select! {
        made = &mut connected => made,
        () = tokio::time::sleep(PATIENCE) => {
            away();
            connected.as_mut().await
        }
    };
    let bus = made.inspect_err(|failure| waits.wait(BUS, failure.to_string()))?;
    let mut was_away = false;
    loop {
        let is_away = !bus.is_connected();
        if !is_away && reached.borrow().is_none() {
            waits.came(BUS);
            reached.send_replace(Some(bus.clone()));
        } else if is_away && was_away && reached.borrow().is_some() {
            away();
            reached.send_replace(None);
        }
        was_away = is_away;
        tokio::time::sleep(PATIENCE).await;
    }
}

#[cfg(test)]
mod tests {
    use boot::Stage;

    use super::*;

    #[tokio::test]
    async fn without_the_bus_nobody_is_asked_in_vain_and_it_is_said_what_is_waited_for() {
        let (kit, waits) = (Kit::system(Stage::Trial), Waits::default());
        let missing = bus::Settings { key_file: "/nowhere/signing.key".into(), ..bus::Settings::default() };
        let reached = Reached::begin(&kit, &missing, &waits);
        assert_eq!(reached.bus().err().unwrap().code, "operator.bus-away");
        while waits.lines().is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(waits.lines()[0].starts_with("the bus: "), "{:?}", waits.lines());
        assert!(kit.stop(Duration::from_secs(5)).await, "who waits stops at once");
    }

    #[tokio::test]
    async fn a_return_is_told_and_an_absence_is_not() {
        let (reached, bus) = watch::channel(None);
        let mut returns = Reached(bus).returns();
        reached.send_replace(None);
        assert!(futures::poll!(returns.next()).is_pending());
        drop(reached);
        assert_eq!(returns.next().await, None);
    }
}

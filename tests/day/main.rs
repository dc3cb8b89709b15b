//! A day in simulated time: citizens apply, correct, pay and appeal, officers decide, fall ill and go on leave, and registries, the
//! bus, the provider and the gateway of text messages fail, all drawn from one seed. The services are the real ones in their
//! processes, with their databases and a real NATS server; only their clock is moved.
//!
//! Those processes run at once, so ids, numbers and the order within an hour differ from run to run. What is compared is what matters
//! to people: for each citizen how their cases ended, what was said and decided, whether in time, what each agency has of their money,
//! and which documents there are. All of that follows from the seed alone and is written down before the day begins; the day must
//! come to the same, so the same seed gives the same day. Times of deadlines are left out: they hang on the calendar of the week it
//! is run in.

mod browser;
mod checks;
mod citizens;
mod edge;
mod life;
mod officers;
mod plan;
mod staff;
mod world;

use tests::shared;

use plan::Plan;
use world::World;

/// Enough for everything that can happen to happen.
const CITIZENS: usize = 40;
const SEED: u64 = 20_261_241;

#[test]
fn a_day_in_simulated_time_comes_to_what_its_seed_says() {
    let (seed, citizens) = (number("XIZMAT_DAY_SEED", SEED), number("XIZMAT_DAY_CITIZENS", CITIZENS as u64));
    let plan = Plan::of(seed, usize::try_from(citizens).expect("a number of people"));
    println!("{citizens} citizens, seed {seed} (XIZMAT_DAY_CITIZENS, XIZMAT_DAY_SEED); {:?}", plan.outages);
    println!("{:?}", plan.absences);
    shared::walk(async {
        let mut world = World::begin(&plan).await;
        world.live(&plan).await;
        checks::nothing_is_left(&world).await;
        let digest = checks::as_planned(&world, &plan).await;
        checks::money_agrees(&world, &plan).await;
        checks::what_was_late_was_told(&world);
        checks::nobody_worked_who_was_away(&world, &plan).await;
        checks::acts_are_recorded(&world).await;
        checks::people_were_told(&world, &plan).await;
        println!("the day came to {digest}");
    });
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

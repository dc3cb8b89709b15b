//! The day itself: hour after hour the clock is put forward, people do what is theirs to do, and everything comes to rest.

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, stream};
use kernel::{CaseId, Time};
use serde_json::json;
use tests::{
    patience::Patience,
    platform::{Manner, Platform},
    processes::{self, Process},
    traces::Traces,
};

use crate::{
    citizens,
    edge::Edge,
    life::{Life, Next},
    officers::{self, Act, Done},
    plan::{Absences, Course, FAULTS, HOURS, LOOKS_EVERY, Plan, Service},
    staff::{Desk, Staff},
};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Nine in the morning in Tashkent, after midnight in Greenwich.
const NINE: u64 = 4 * HOUR;
/// How long the day's last case may take: a building is visited two weeks later, and once more after it was corrected.
const DAYS_MAX: u64 = 80;
/// From then on days are left out on which nobody has anything to do.
const DAYS_LIVED: u64 = 7;
const AT_ONCE: usize = 8;
/// A call that failed is made again within it.
const SOON: Duration = Duration::from_secs(35);
const LOOK: Duration = Duration::from_millis(100);

pub struct World {
    pub platform: Platform,
    pub traces: Traces,
    edge: Edge,
    pub staff: Staff,
    pub lives: Vec<Life>,
    known: BTreeMap<CaseId, usize>,
    /// When the day began.
    nine: Time,
}

impl World {
    pub async fn begin(plan: &Plan) -> Self {
        // What passwords cost an attacker is not what is looked at here.
        let cheap = ["identity.passwords.memory_kib=64", "identity.passwords.passes=1"];
        let settings = cheap.map(str::to_owned).to_vec();
        let manner = Manner { rehearsal: true, settings, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let edge = Edge::of(&platform).await;
        let lives: Vec<Life> = plan.citizens.iter().copied().map(Life::new).collect();
        platform.tell("oneid/persons", lives.iter().map(Life::person).collect()).await;
        let nine = next_monday(edge.now());
        until(&platform, &edge, nine).await;
        let mut staff = Staff::appoint(&edge).await;
        staff.plan_leave((&edge, &platform), &plan.absences, nine).await;
        let traces = Traces::of(&platform);
        Self { platform, traces, edge, staff, lives, known: BTreeMap::new(), nine }
    }

    /// The day, and the days after it until everything that was begun on it has ended.
    pub async fn live(&mut self, plan: &Plan) {
        for hour in 0..HOURS {
            self.forward(u64::try_from(hour).expect("it is small") * HOUR).await;
            self.break_down(plan, hour).await;
            self.apply(hour).await;
            self.go_on(plan.outages.provider == hour).await;
            if hour == plan.absences.hour {
                self.fall_ill(&plan.absences).await;
            }
            if hour % LOOKS_EVERY == LOOKS_EVERY - 1 {
                self.work(hour).await;
            }
            self.repair().await;
        }
        let mut day = 1;
        while day < DAYS_MAX {
            // Between the hours: no time to pay that ran out on the hour is waited for.
            self.forward(day * DAY + HOUR + HOUR / 2).await;
            self.go_on(false).await;
            self.work(usize::try_from(day).expect("it is small")).await;
            if self.is_over().await {
                // Whatever asks the provider once a while has asked.
                self.forward((day + 1) * DAY).await;
                return;
            }
            day = self.next_after(day).await;
        }
    }

    /// The next day on which there may be something to do.
    async fn next_after(&self, day: u64) -> u64 {
        let idle = self.lives.iter().all(|life| life.next == Next::Nothing);
        if day < DAYS_LIVED || !idle || !self.traces.queued().await.is_empty() {
            return day + 1;
        }
        let due = self.traces.total("eservice", "SELECT coalesce(min(due), 0) FROM case_timers").await;
        (day + 1).max(Time::from_micros(due).since(self.nine).as_secs() / DAY)
    }

    async fn forward(&self, seconds: u64) {
        until(&self.platform, &self.edge, self.nine.plus(Duration::from_secs(seconds))).await;
        self.rest().await;
    }

    async fn break_down(&self, plan: &Plan, hour: usize) {
        let outages = plan.outages;
        for (of, registry) in [(outages.court, "court"), (outages.archive, "registry")] {
            if of == hour {
                self.platform.tell(registry, json!({"fault": "failing"})).await;
            }
        }
        if outages.messages == hour {
            self.platform.tell("eskiz", json!({"next": FAULTS})).await;
        }
        if outages.bus == hour {
            let children = processes::children(&self.platform.data());
            children.iter().filter(|process| process.is_nats()).for_each(Process::kill);
        }
    }

    async fn repair(&self) {
        for registry in ["court", "registry"] {
            self.platform.tell(registry, json!({"fault": "none"})).await;
        }
    }

    async fn apply(&mut self, hour: usize) {
        let edge = &self.edge;
        let now = self.lives.iter_mut().filter(|life| life.next == Next::Apply && life.planned.hour == hour);
        stream::iter(now).for_each_concurrent(AT_ONCE, |life| citizens::visit(edge, life, false)).await;
        self.note_cases();
        self.rest().await;
    }

    /// Whoever has something to do in their case does it.
    async fn go_on(&mut self, provider_away: bool) {
        let edge = &self.edge;
        let now = self.lives.iter_mut().filter(|life| !matches!(life.next, Next::Apply | Next::Nothing));
        stream::iter(now).for_each_concurrent(AT_ONCE, |life| citizens::visit(edge, life, provider_away)).await;
        self.note_cases();
        self.rest().await;
    }

    fn note_cases(&mut self) {
        let all = self.lives.iter().enumerate();
        self.known = all.flat_map(|(place, life)| life.cases.iter().map(move |case| (*case, place))).collect();
    }

    /// Whoever is there works, in offices where something waits.
    async fn work(&mut self, turn: usize) {
        let (queued, now) = (self.traces.queued().await, self.edge.now());
        let (edge, platform, lives, known) = (&self.edge, &self.platform, self.lives.as_slice(), &self.known);
        let teams = self.staff.teams.iter().map(|team| {
            let there = team.iter().filter(|desk| desk.is_there(now));
            there.collect::<Vec<&Desk>>()
        });
        let busy = teams.filter(|desks| desks.iter().any(|desk| desk.has_work(&queued)));
        let working =
            busy.map(|desks| async move { officers::work((edge, platform), &desks, (lives, known), turn).await });
        let done: Vec<Vec<Done>> = stream::iter(working).buffer_unordered(AT_ONCE).collect().await;
        self.note(done).await;
    }

    /// Somebody in each office has tasks in hand and goes home; whoever leads gives them to the others.
    async fn fall_ill(&mut self, absences: &Absences) {
        let (edge, platform, nine, known) = (&self.edge, &self.platform, self.nine, &self.known);
        let going = self.staff.falling_ill(absences).map(|(desk, back)| async move {
            let done = officers::take_in_hand((edge, platform), desk, known).await;
            desk.away = Some((edge.now(), nine.plus(Duration::from_secs(back * DAY))));
            done
        });
        let done: Vec<Vec<Done>> = stream::iter(going).buffer_unordered(AT_ONCE).collect().await;
        self.note(done).await;
        let (edge, platform, known, now) = (&self.edge, &self.platform, &self.known, self.edge.now());
        let ill: Vec<&Desk> = self.staff.all().filter(|desk| !desk.is_there(now)).collect();
        let mut done = Vec::new();
        for lead in self.staff.leads() {
            done.push(officers::take_back((edge, platform), lead, (ill.as_slice(), known)).await);
        }
        self.note(done).await;
    }

    async fn note(&mut self, done: Vec<Vec<Done>>) {
        for done in done.into_iter().flatten() {
            self.lives[done.life].took(done.case, done.act);
        }
        self.rest().await;
    }

    async fn is_over(&self) -> bool {
        let open = "SELECT count(*) FROM cases WHERE phase NOT IN ('draft', 'discarded', 'ended')";
        let idle = self.lives.iter().all(|life| life.next == Next::Nothing);
        idle && self.traces.total("eservice", open).await == 0
    }

    /// Everything that was to be done by now is done, and everybody has heard of it.
    async fn rest(&self) {
        let mut patience = Patience::default();
        let mut before = -1;
        loop {
            self.traces.outboxes_drain().await;
            let moved = self.traces.moved().await;
            let due = self.traces.due(self.edge.now().plus(SOON)).await;
            // Twice the same: what was done last has told nobody anything that they still have to do.
            if due == 0 && moved == before {
                return;
            }
            before = moved;
            assert!(
                patience.lasts_while(moved),
                "{due} actions and timers are due and not done\n{}",
                self.platform.log()
            );
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Life {
    fn took(&mut self, case: CaseId, act: Act) {
        match act {
            Act::Reported => self.reported = true,
            Act::StoodIn => self.stood_in = true,
            Act::Claimed => self.acts.push((case, "task.claimed")),
            Act::TakenBack => self.acts.push((case, "task.taken-back")),
            Act::Asked => {
                self.acts.push((case, "task.asked"));
                self.asked = true;
                self.next = Next::Answer;
            }
            Act::Said(words) => {
                self.acts.push((case, "task.decided"));
                self.said.push(words);
            }
            Act::Proposed => self.acts.push((case, "task.proposed")),
            Act::Decided(outcome) => self.decided((case, "task.decided"), outcome),
            Act::Confirmed(outcome) => self.decided((case, "task.confirmed"), outcome),
        }
    }

    fn decided(&mut self, act: (CaseId, &'static str), outcome: &'static str) {
        self.acts.push(act);
        self.decisions.push(outcome);
        self.next = self.after(outcome);
    }

    fn after(&self, outcome: &str) -> Next {
        let is_appealed = matches!(self.planned.course, Course::Appealed { .. });
        match outcome {
            "return" => Next::Correct,
            "refuse" if is_appealed => Next::Appeal,
            // What was paid went back with the refusal.
            "allow" if self.planned.service == Service::Marriage => Next::Pay,
            _ => Next::Nothing,
        }
    }
}

/// Nine in the morning of the Monday after this one's week.
fn next_monday(now: Time) -> Time {
    let today = now.seconds().div_euclid(86_400);
    // The first of January 1970 was a Thursday.
    let monday = today + 7 - (today + 3).rem_euclid(7);
    let nine = Duration::from_secs(NINE);
    Time::from_seconds(monday * 86_400).plus(nine)
}

async fn until(platform: &Platform, edge: &Edge, then: Time) {
    let seconds = then.since(edge.now()).as_secs();
    if seconds > 0 {
        platform.tell("payme", json!({"advance_s": seconds})).await;
        platform.advance(seconds).await;
    }
}

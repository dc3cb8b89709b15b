//! At the end of the day: no case is lost or stuck, money agrees everywhere, what was late was told, every act is recorded.

use std::{collections::BTreeMap, process::Command, time::Duration};

use kernel::Hash;
use tests::{patience::Patience, platform::binary};

use crate::{
    life::Life,
    plan::{Course, Expected, INSPECTORATES, Plan},
    world::World,
};

const LOOK: Duration = Duration::from_millis(300);
/// Under which the ledger has what the provider owes.
const PROVIDER: &str = "provider-clearing:payme";
/// What people do in cases, as the record of acts names it.
const ACTS: [&str; 9] = [
    "case.submitted",
    "case.answered",
    "case.withdrawn",
    "task.claimed",
    "task.taken-back",
    "task.asked",
    "task.decided",
    "task.proposed",
    "task.confirmed",
];

/// Which of a citizen's cases ended how: as it was, not as it should have been.
async fn came_of(world: &World, life: &Life) -> Expected {
    let mut came = Expected { decisions: life.decisions.clone(), said: life.said.clone(), ..Expected::default() };
    came.said.sort();
    for case in &life.cases {
        let outcome = world.traces.outcome(*case).await;
        let known =
            ["", "granted", "rejected", "lapsed", "withdrawn", "upheld"].into_iter().find(|one| *one == outcome);
        came.outcomes.push(known.unwrap_or_else(|| panic!("{case} ended as {outcome}")));
        let balances = world.traces.balances(*case).await;
        assert_eq!(balances.values().sum::<i64>(), 0, "{case}: {balances:?}");
        for (account, sum) in &balances {
            match account.strip_prefix("agency:") {
                Some(agency) => *came.kept.entry(agency.to_owned()).or_default() += sum,
                None => assert_eq!(account, PROVIDER, "{case}: what is nobody's lies about: {balances:?}"),
            }
        }
        let late = "SELECT count(*) FROM case_tasks WHERE case_id = $1 AND due IS NOT NULL AND closed > due";
        came.late |= world.traces.count("eservice", *case, late).await > 0;
        let documents = "SELECT count(*) FROM documents WHERE case_id = $1";
        came.documents += world.traces.count("signing", *case, documents).await;
    }
    came
}

/// What came of everybody is what follows from the seed, line by line; the digest of all of it.
pub async fn as_planned(world: &World, plan: &Plan) -> Hash {
    let (mut came, mut differ) = (Vec::new(), Vec::new());
    for (life, expected) in world.lives.iter().zip(plan.lines()) {
        let line = came_of(world, life).await.line(&life.planned);
        if line != expected {
            differ.push(format!("{:?}\n  planned: {expected}\n  came:    {line}", life.planned.course));
        }
        came.push(line);
    }
    assert!(differ.is_empty(), "{} of {} went otherwise:\n{}", differ.len(), came.len(), differ.join("\n"));
    let digest = Hash::of(came.join("\n").as_bytes());
    assert_eq!(digest, Hash::of(plan.lines().join("\n").as_bytes()));
    digest
}

/// What is open has a name (a draft its citizen's), and nothing else is.
pub async fn nothing_is_left(world: &World) {
    let mut patience = Patience::default();
    loop {
        let left = left(world).await;
        if left.is_empty() {
            break;
        }
        assert!(patience.lasts_while(world.traces.moved().await), "{left:#?}");
        tokio::time::sleep(LOOK).await;
    }
    let drafts = world.lives.iter().filter(|life| life.planned.course == Course::LeftDraft).count();
    let kept = world.traces.total("eservice", "SELECT count(*) FROM cases WHERE phase IN ('draft', 'discarded')").await;
    assert_eq!(
        usize::try_from(kept).ok(),
        Some(drafts),
        "drafts that were left are there, or discarded after their time"
    );
    world.traces.outboxes_drain().await;
}

async fn left(world: &World) -> Vec<String> {
    let mut left = Vec::new();
    for (service, what, sql) in [
        (
            "eservice",
            "cases under way",
            "SELECT count(*) FROM cases WHERE phase NOT IN ('draft', 'discarded', 'ended')",
        ),
        ("eservice", "open actions", "SELECT count(*) FROM case_actions WHERE state <> 'done'"),
        ("eservice", "open tasks", "SELECT count(*) FROM case_tasks WHERE closed IS NULL"),
        ("docket", "tasks in a queue", "SELECT count(*) FROM tasks"),
        ("payments", "open intents", "SELECT count(*) FROM intent WHERE state = 'open'"),
        ("payments", "refunds under way", "SELECT count(*) FROM refund WHERE state <> 'settled'"),
        ("notifications", "messages under way", "SELECT count(*) FROM delivery WHERE next_us > 0 AND state = 'queued'"),
        (
            "signing",
            "sealed documents that are not recorded",
            "SELECT count(*) FROM documents WHERE hash NOT IN (SELECT hash FROM sealed)",
        ),
        (
            "eservice",
            "numbers given to two cases",
            "SELECT count(*) - count(DISTINCT agency || number) FROM cases WHERE number IS NOT NULL",
        ),
    ] {
        let found = world.traces.total(service, sql).await;
        if found != 0 {
            left.push(format!("{service}: {found} {what}"));
        }
    }
    for life in &world.lives {
        for case in &life.cases {
            let phase = world.traces.phase(*case).await.unwrap_or_default();
            if !matches!(phase.as_str(), "draft" | "discarded" | "ended") {
                left.push(format!("{phase}: {case} of {:?}, next {:?}, said {:?}", life.planned, life.next, life.said));
            }
        }
    }
    left
}

/// Each payment is counted once, the provider has what the ledger says, and closed days follow from one another.
pub async fn money_agrees(world: &World, plan: &Plan) {
    let mut agencies: BTreeMap<String, i64> = BTreeMap::new();
    for (agency, sum) in plan.citizens.iter().flat_map(|citizen| citizen.expected().kept) {
        *agencies.entry(agency).or_default() += sum;
    }
    let kept: i64 = agencies.values().sum();
    for (what, sql, amount) in [
        (
            "a second capture of an intent",
            "SELECT count(*) - count(DISTINCT intent || credit) FROM posting WHERE kind = 'captured'",
            0,
        ),
        (
            "money in suspense",
            "SELECT coalesce(sum(CASE WHEN credit = 'platform:suspense' THEN amount ELSE -amount END), 0) FROM posting WHERE credit = 'platform:suspense' OR debit = 'platform:suspense'",
            0,
        ),
        ("a closed day that does not balance", "SELECT count(*) FROM closed_day WHERE difference <> 0", 0),
        (
            "what agencies have",
            "SELECT coalesce(sum(CASE WHEN credit LIKE 'agency:%' THEN amount ELSE 0 END - CASE WHEN debit LIKE 'agency:%' THEN amount ELSE 0 END), 0) FROM posting",
            kept,
        ),
        (
            "what the provider owes",
            "SELECT coalesce(sum(CASE WHEN debit = 'provider-clearing:payme' THEN amount ELSE 0 END - CASE WHEN credit = 'provider-clearing:payme' THEN amount ELSE 0 END), 0) FROM posting",
            kept,
        ),
    ] {
        assert_eq!(world.traces.total("payments", sql).await, amount, "{what}");
    }
    for (agency, sum) in &agencies {
        assert_eq!(world.traces.balance(&format!("agency:{agency}")).await, *sum, "what {agency} has");
    }
    assert!(world.traces.total("payments", "SELECT count(*) FROM closed_day").await > 0, "days are closed");
    let told = world.platform.ask("payme/control").await;
    let receipts = told["receipts"].as_array().expect("the counterpart lists its receipts");
    // Payme's states: 4 is paid.
    let paid = receipts.iter().filter(|receipt| receipt["state"] == 4);
    let has: i64 = paid.map(|receipt| receipt["amount"].as_i64().expect("an amount")).sum();
    assert_eq!(has, kept, "what the provider has of citizens");
}

/// Whatever was decided late had been listed as late before.
pub fn what_was_late_was_told(world: &World) {
    for life in &world.lives {
        let is_neglected = life.planned.course == Course::Neglected;
        assert_eq!(life.reported, is_neglected, "{}: late and told of", life.planned.number);
    }
}

/// By the record of acts. What they had in hand and what came to them meanwhile was done by others, and nothing of it lay: no case is
/// left, and only what the plan has neglected was late.
pub async fn nobody_worked_who_was_away(world: &World, plan: &Plan) {
    let mut away = 0;
    for desk in world.staff.all() {
        let Some((from, until)) = desk.away else { continue };
        away += 1;
        assert_eq!(world.traces.acts_of(&desk.person, from, until).await, 0, "{} was away", desk.login);
    }
    // And an inspector and a chief.
    assert_eq!(away, plan.absences.ill.len() + 2);
    let given_back =
        world.lives.iter().flat_map(|life| &life.acts).filter(|(_, act)| *act == "task.taken-back").count();
    assert!(given_back > 0 || !plan.illness_meets_somebody(), "what was in hand goes back to the queue");
    let on_leave = INSPECTORATES[plan.absences.inspectorate];
    for life in &world.lives {
        let visited = life.planned.is_visited() && life.planned.inspectorate() == on_leave;
        assert_eq!(life.stood_in, visited, "{}: the named substitute visits the building", life.planned.number);
    }
}

/// The chains hold, and of each act that somebody did there is one act in the record of its case.
pub async fn acts_are_recorded(world: &World) {
    for life in &world.lives {
        for case in &life.cases {
            let mut did: BTreeMap<&str, usize> = BTreeMap::new();
            for (_, act) in life.acts.iter().filter(|(of, _)| of == case) {
                *did.entry(*act).or_default() += 1;
            }
            let recorded = world.traces.acts("eservice", *case).await;
            for act in ACTS {
                let found = recorded.iter().filter(|one| *one == act).count();
                assert_eq!(found, did.get(act).copied().unwrap_or_default(), "{case}: {act} in {recorded:?}");
            }
            let unseen = "SELECT count(*) FROM audit AS done WHERE done.subject = $1
                          AND done.act IN ('task.decided', 'task.proposed', 'task.confirmed')
                          AND NOT EXISTS (SELECT 1 FROM audit AS opened WHERE opened.subject = done.subject
                              AND opened.act = 'case.opened' AND opened.actor = done.actor
                              AND opened.sequence < done.sequence)";
            assert_eq!(world.traces.count("eservice", *case, unseen).await, 0, "{case}: who decides has opened it");
            let opened = recorded.iter().any(|one| one == "case.opened");
            assert!(!opened || did.contains_key("task.decided"), "{case}: nobody opens it for nothing: {recorded:?}");
        }
    }
    let verified = Command::new(binary("xizmat"))
        .args(["audit", "verify", "--data"])
        .arg(world.platform.data())
        .output()
        .expect("the platform's own binary");
    assert!(verified.status.success(), "{verified:?}");
}

/// Nobody waits for a message about a certificate that they do not have, and everybody is written to in their language, also while
/// the gateway of text messages is out of order.
pub async fn people_were_told(world: &World, plan: &Plan) {
    let told = world.platform.ask("eskiz/control/messages").await;
    let texts = told["messages"].as_array().expect("the counterpart lists its texts");
    let failed = texts.iter().any(|text| text["status"] == "UNDELIV");
    assert!(failed || !plan.texts_fail(), "the gateway's outage met nobody");
    for life in &world.lives {
        for case in &life.cases {
            let languages = "SELECT DISTINCT language FROM message WHERE case_id = $1";
            let languages = world.traces.texts("notifications", *case, languages).await;
            let own = |language: &String| language == life.planned.language();
            assert!(languages.iter().all(own), "{}: told in {languages:?}", life.planned.number);
        }
        let letters = "SELECT count(*) FROM message WHERE case_id = $1";
        let Some(first) = life.cases.first().filter(|_| life.planned.course != Course::LeftDraft) else { continue };
        // Who withdraws knows it.
        let is_silent = life.planned.course == Course::Withdrawn;
        let told = world.traces.count("notifications", *first, letters).await;
        assert!(told > 0 || is_silent, "{}: nobody told them how it ended", life.planned.number);
    }
}

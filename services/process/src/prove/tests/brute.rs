//! The same rules in the plainest way: every token moves whenever it can, and nothing is left out.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    check::Findings,
    prove::{
        Reduction, explored,
        model::{Kind, Model},
        rules,
        state::{Local, Shared, Told},
    },
};

/// A token by its number: for whom it works, where it stands, what it has seen.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Stands {
    parent: Option<u8>,
    step: usize,
    local: Local,
    joined: Local,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Case {
    tokens: BTreeMap<u8, Stands>,
    shared: Shared,
    ended: Option<(usize, Local)>,
}

/// What was found: codes with the steps at which they stand.
type Found = BTreeSet<(&'static str, usize)>;

struct Brute<'m, 'd> {
    model: &'m Model<'d>,
    found: Found,
}

impl Brute<'_, '_> {
    fn enter(&mut self, case: &mut Case, token: u8, to: usize) {
        let parent = case.tokens[&token].parent;
        if let Some(parent) = parent
            && let Kind::Fork(fork) = &self.model.nodes[case.tokens[&parent].step].kind
            && fork.next == to
        {
            let done = case.tokens.remove(&token).unwrap();
            let waits = case.tokens.get_mut(&parent).unwrap();
            waits.joined = waits.joined.beside(done.local);
            let others: Vec<u8> =
                case.tokens.iter().filter(|(_, one)| one.parent == Some(parent)).map(|(id, _)| *id).collect();
            if fork.any || others.is_empty() {
                others.into_iter().for_each(|other| Self::drop_token(case, other));
                let waits = case.tokens.get_mut(&parent).unwrap();
                waits.local = waits.local.then(std::mem::take(&mut waits.joined));
                self.enter(case, parent, to);
            }
            return;
        }
        let mut above = parent;
        while let Some(id) = above {
            if case.tokens[&id].step == to {
                self.found.insert(("proof.two-at-once", to));
                case.tokens.clear();
                return;
            }
            above = case.tokens[&id].parent;
        }
        case.tokens.get_mut(&token).unwrap().step = to;
        match &self.model.nodes[to].kind {
            Kind::Plain => {}
            Kind::End => {
                let (mut local, mut above) = (case.tokens[&token].local, parent);
                while let Some(id) = above {
                    local = case.tokens[&id].local.then(local);
                    above = case.tokens[&id].parent;
                }
                case.tokens.clear();
                case.ended = Some((to, local));
            }
            Kind::Fork(fork) => {
                let mut made = Vec::new();
                for start in &fork.starts {
                    let id = (0..u8::MAX).find(|id| !case.tokens.contains_key(id)).unwrap();
                    let born = Stands {
                        parent: Some(token),
                        step: usize::MAX,
                        local: Local::default(),
                        joined: Local::default(),
                    };
                    case.tokens.insert(id, born);
                    made.push((id, *start));
                }
                for (id, start) in made {
                    if case.tokens.get(&id).is_some_and(|born| born.step == usize::MAX) {
                        self.enter(case, id, start);
                    }
                }
            }
        }
    }

    fn drop_token(case: &mut Case, token: u8) {
        case.tokens.remove(&token);
        let children: Vec<u8> =
            case.tokens.iter().filter(|(_, one)| one.parent == Some(token)).map(|(id, _)| *id).collect();
        children.into_iter().for_each(|child| Self::drop_token(case, child));
    }

    fn after(&mut self, case: &Case) -> Vec<Case> {
        let mut after = Vec::new();
        for (id, token) in &case.tokens {
            let node = &self.model.nodes[token.step];
            for way in &node.ways {
                let Some(shared) = case.shared.after(self.model, token.step, way) else { continue };
                let mut moved = Case { shared, ..case.clone() };
                let stands = moved.tokens.get_mut(id).unwrap();
                stands.local = stands.local.then(way.local);
                self.enter(&mut moved, *id, way.to);
                after.push(moved);
            }
            if let Kind::Fork(fork) = &node.kind
                && let Some(late) = fork.late
            {
                let mut moved = case.clone();
                let children: Vec<u8> =
                    case.tokens.iter().filter(|(_, one)| one.parent == Some(*id)).map(|(id, _)| *id).collect();
                children.into_iter().for_each(|child| Self::drop_token(&mut moved, child));
                let stands = moved.tokens.get_mut(id).unwrap();
                stands.local = stands.local.then(Local { told: Told::No, ..Local::default() });
                stands.joined = Local::default();
                self.enter(&mut moved, *id, late);
                after.push(moved);
            }
        }
        after
    }

    fn look(&mut self, case: &Case) {
        let mut stands = BTreeSet::new();
        for token in case.tokens.values() {
            if self.model.nodes[token.step].alone && !stands.insert(token.step) {
                self.found.insert(("proof.two-at-once", token.step));
            }
        }
        let Some((step, local)) = case.ended else { return };
        let end = self.model.step(step).end.as_ref().unwrap();
        let refused = end.outcome == "rejected";
        let issued = end.delivers.is_empty() || local.issued & 1 != 0;
        if !issued {
            self.found.insert(("proof.not-issued", step));
        }
        let result = !refused && !end.delivers.is_empty();
        if case.shared.captured != 0 && !(result && issued) {
            self.found.insert(("proof.money-kept", step));
        }
        if result && case.shared.cancelled != 0 {
            self.found.insert(("proof.not-paid", step));
        }
        if local.told == Told::No || (refused && local.told == Told::Nothing) {
            self.found.insert(("proof.untold", step));
        }
    }

    /// Everything; nothing where it is too much. Of dead ends, that there is one.
    fn walk(&mut self) -> Option<bool> {
        let first = Stands { parent: None, step: usize::MAX, local: Local::default(), joined: Local::default() };
        let mut case = Case { tokens: BTreeMap::from([(0, first)]), shared: Shared::default(), ended: None };
        let sent = self.model.nodes[self.model.starts[0]].ways[0].to;
        self.enter(&mut case, 0, sent);
        let mut known = HashMap::from([(case.clone(), 0)]);
        let (mut open, mut cases, mut before) = (VecDeque::from([0]), vec![case], vec![Vec::new()]);
        while let Some(at) = open.pop_front() {
            let case = cases[at].clone();
            self.look(&case);
            for after in self.after(&case) {
                let next = cases.len();
                let to = *known.entry(after.clone()).or_insert(next);
                if to == next {
                    cases.push(after);
                    before.push(Vec::new());
                    open.push_back(to);
                }
                before[to].push(at);
            }
            if cases.len() > 20_000 {
                return None;
            }
        }
        let mut ending: Vec<bool> = cases.iter().map(|case| case.ended.is_some()).collect();
        let mut open: Vec<usize> = (0..cases.len()).filter(|at| ending[*at]).collect();
        while let Some(at) = open.pop() {
            for from in &before[at] {
                if !std::mem::replace(&mut ending[*from], true) {
                    open.push(*from);
                }
            }
        }
        Some(ending.contains(&false))
    }
}

/// Steps by what a few numbers say: their kind and where they go.
fn definition(drawn: &[(u8, u8, u8, u8, bool)]) -> Value {
    let count = drawn.len();
    let step = |pick: u8| match usize::from(pick) % (count + 2) {
        at if at < count => format!("s{at}"),
        at if at == count => "granted".to_owned(),
        _ => "rejected".to_owned(),
    };
    let mut steps = vec![json!({"name": "apply", "form": "application", "next": "s0"})];
    for (at, (kind, one, two, three, flag)) in drawn.iter().enumerate() {
        let (name, next, other, third) = (format!("s{at}"), step(*one), step(*two), step(*three));
        let outcome = |name: &str, next: &str| json!({"name": name, "label": {"en": name}, "next": next});
        steps.push(match kind % 9 {
            0 | 1 => json!({"name": name, "task": {"role": "r", "deadline": "1 day",
                "outcomes": [outcome("yes", &next), outcome("no", &other)]}}),
            2 => json!({"name": name, "payment": "duty", "timeout": "1 day", "onTimeout": other, "next": next}),
            3 => json!({"name": name, "decide": {"cases": [{"when": "data.area > 5", "next": next}], "otherwise": other}}),
            4 => json!({"name": name, "notify": "said", "next": next}),
            5 => json!({"name": name, "document": "permit", "next": next}),
            6 => json!({"name": name, "refund": drawn.iter().enumerate().filter(|(_, one)| one.0 % 9 == 2)
                .map(|(at, _)| format!("s{at}")).collect::<Vec<_>>(), "next": next}),
            _ => {
                let branches = json!([{"name": "a", "start": other}, {"name": "b", "start": third}]);
                let join = if *flag { "any" } else { "all" };
                let mut made = json!({"name": name, "parallel": {"branches": branches, "join": join}, "next": next});
                if *flag && at % 2 == 0 {
                    made["timeout"] = json!("1 day");
                    made["onTimeout"] = json!(step(one.wrapping_add(*two)));
                }
                made
            }
        });
    }
    steps.push(json!({"name": "granted", "end": {"outcome": "granted", "delivers": ["permit"]}}));
    steps.push(json!({"name": "rejected", "end": {"outcome": "rejected"}}));
    json!({
        "apiVersion": api::API_VERSION, "kind": "ServiceDefinition", "metadata": {"name": "drawn"},
        "spec": {"title": {"en": "Drawn"}, "agency": "trade",
            "data": {"schema": {"type": "object", "properties": {"area": {"type": "integer"}}}, "retention": {"cases": "1 year", "drafts": "1 day"}},
            "forms": [{"name": "application", "pages": []}],
            "fees": [{"name": "duty", "amount": "percent(ref.bhm, '1') * data.area", "to": [{"agency": "trade", "share": 1}]}],
            "documents": [{"name": "permit", "template": "reasons", "seal": "trade"}],
            "notifications": [{"name": "said", "channels": ["inbox"], "text": {"en": "Said"}}],
            "process": {"start": "apply", "steps": steps}},
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_is_what_a_walk_through_everything_finds(
        drawn in prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<bool>()), 1..7),
    ) {
        let definition = serde_json::from_value(definition(&drawn)).unwrap();
        let model = Model::of(&definition);
        // A branch without a step.
        prop_assume!(model.is_ok());
        let model = model.unwrap();
        let mut brute = Brute { model: &model, found: Found::new() };
        let walked = brute.walk();
        prop_assume!(walked.is_some());
        let reduction = Reduction::of(&model, 200_000);
        let proof = explored(&model, &reduction, 200_000);
        prop_assert!(proof.space.is_complete);
        let mut findings = Findings::new("");
        rules::check(&proof, true, &mut findings);
        let problems = findings.into_report(None, None).problems;
        let at = |path: &str| path.split(['[', ']']).nth(1).and_then(|at| at.parse::<usize>().ok()).unwrap();
        let compared = ["proof.two-at-once", "proof.not-issued", "proof.money-kept", "proof.not-paid", "proof.untold"];
        let found = problems.iter().filter(|problem| compared.contains(&problem.code));
        let found: Found = found.map(|problem| (problem.code, at(&problem.path))).collect();
        // Once a branch meets itself, nobody follows it any more; what else is wrong then may be found or not.
        if brute.found.iter().chain(&found).any(|(code, _)| *code == "proof.two-at-once") {
            let only = |found: &Found| found.iter().any(|(code, _)| *code == "proof.two-at-once");
            // Branches are looked at apart: it may be told of two that never are there at once, and is never left out.
            prop_assert!(!only(&brute.found) || only(&found), "{:?} {:?}", brute.found, found);
            return Ok(());
        }
        prop_assert_eq!(&brute.found, &found);
        let dead = problems.iter().any(|problem| problem.code == "proof.dead-end");
        prop_assert_eq!(walked, Some(dead));
    }
}

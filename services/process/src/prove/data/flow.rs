//! Follows every way through the process with what is certainly there: where ways meet, only what all of them bring; where branches
//! of a `parallel` meet, what any of them brings.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
};

use api::{Join, ServiceDefinition, StartKind, StepKind};

use super::{
    bits::Bits,
    reads::Known,
    ways::{Place, Reader, Way},
};
use crate::{
    check::{Findings, schema},
    expr::TypeEnv,
    prove::tree::overlap,
};

/// Steps of a way that are told.
const TOLD_MAX: usize = 12;

/// A way, with its step and its knowledge by number.
struct Edge {
    to: usize,
    field: String,
    gives: Vec<usize>,
    takes: Vec<usize>,
}

impl Edge {
    fn leads(&self, before: &Bits) -> Bits {
        let mut known = before.clone();
        self.takes.iter().for_each(|at| known.take(*at));
        self.gives.iter().for_each(|at| known.put(*at));
        known
    }
}

struct Fork {
    branches: Vec<usize>,
    next: Option<usize>,
    join: Join,
}

/// Branches that are looked at.
const WALKS_MAX: usize = 10_000;

struct Graph<'a> {
    definition: &'a ServiceDefinition,
    /// Each thing that some step reads: a path, or a condition.
    keys: BTreeMap<String, usize>,
    places: Vec<Vec<Place>>,
    edges: Vec<Vec<Edge>>,
    forks: Vec<Option<Fork>>,
    /// First steps, with what is there from the beginning.
    starts: Vec<(usize, Bits)>,
    conditional: BTreeMap<String, Vec<Known>>,
    walks_left: Cell<usize>,
}

/// Judges what every step reads.
pub fn check(definition: &ServiceDefinition, env: &TypeEnv, findings: &mut Findings) {
    let graph = Graph::of(definition, env);
    let mut seen: Vec<Option<Bits>> = vec![None; definition.steps().len()];
    for (step, known) in &graph.starts {
        graph.walk(*step, None, known, &mut Vec::new(), &mut seen);
    }
    // What undoes a step runs alone, once the step was done.
    let mut undoing: Vec<(usize, Bits)> = Vec::new();
    for (place, step) in definition.steps().iter().enumerate() {
        let (Some(by), Some(known)) = (&step.compensate, &seen[place]) else { continue };
        let done = graph.edges[place].iter().find(|edge| edge.field == "next");
        let by = definition.steps().iter().position(|other| other.name == *by);
        undoing.extend(by.map(|by| (by, done.map_or_else(|| known.clone(), |edge| edge.leads(known)))));
    }
    let reached = seen.iter().enumerate().filter_map(|(place, known)| Some((place, known.as_ref()?)));
    for (place, known) in reached.chain(undoing.iter().map(|(place, known)| (*place, known))) {
        for read in &graph.places[place] {
            graph.judge(place, read, known, findings);
        }
    }
}

impl<'a> Graph<'a> {
    fn of(definition: &'a ServiceDefinition, env: &'a TypeEnv) -> Self {
        let reader = Reader { definition, env };
        let steps = definition.steps();
        let index: HashMap<&str, usize> =
            steps.iter().enumerate().map(|(place, step)| (step.name.as_str(), place)).collect();
        let at = |name: &str| index.get(name).copied();
        let path = |place: usize| format!("spec.process.steps[{place}]");
        let places: Vec<Vec<Place>> =
            steps.iter().enumerate().map(|(place, step)| reader.places(step, &path(place))).collect();
        let conditional = reader.conditional();
        let reads = places.iter().flatten().map(|place| place.read.path.clone());
        let asked = conditional.values().flatten().flatten().cloned();
        let all: BTreeSet<String> = reads.chain(asked).collect();
        let keys: BTreeMap<String, usize> = all.into_iter().enumerate().map(|(place, key)| (key, place)).collect();
        let mut edges = Vec::with_capacity(steps.len());
        for (place, step) in steps.iter().enumerate() {
            // Once a step is done, what it read was there.
            let read: Known = places[place].iter().map(|place| place.read.path.clone()).collect();
            let always = !matches!(step.kind(), Some(StepKind::Payment(_) | StepKind::Decide(_)));
            let ways = reader.ways(step).into_iter().filter_map(|mut way| {
                if always && way.field != "onError" {
                    way.gives.extend(read.iter().cloned());
                }
                Some(edge(&way, at(&way.to)?, &keys))
            });
            edges.push(ways.collect());
        }
        let forks = steps.iter().map(|step| {
            let parallel = step.parallel.as_ref()?;
            let branches = parallel.branches.iter().filter_map(|branch| at(&branch.start)).collect();
            Some(Fork { branches, next: step.next.as_deref().and_then(at), join: parallel.join })
        });
        let forks = forks.collect();
        let starts = starts(definition);
        let starts = starts.into_iter().filter_map(|(step, known)| Some((at(step)?, bits(&known, &keys))));
        Self {
            definition,
            places,
            edges,
            forks,
            starts: starts.collect(),
            conditional,
            keys,
            walks_left: Cell::new(WALKS_MAX),
        }
    }

    /// What is known where a token that sets out here arrives at `stop`; nothing where it never does.
    fn walk(
        &self,
        from: usize,
        stop: Option<usize>,
        known: &Bits,
        within: &mut Vec<usize>,
        seen: &mut [Option<Bits>],
    ) -> Option<Bits> {
        // Branches within branches multiply; a process with so many is told as too large to be proved.
        let left = self.walks_left.get();
        if left == 0 {
            return None;
        }
        self.walks_left.set(left - 1);
        let mut region = Region { stop, here: BTreeMap::new(), open: VecDeque::new(), arrived: None };
        region.go(from, known);
        while let Some(step) = region.open.pop_front() {
            let Some(known) = region.here.get(&step).cloned() else { continue };
            meet(&mut seen[step], &known);
            for edge in &self.edges[step] {
                region.go(edge.to, &edge.leads(&known));
            }
            let Some(fork) = self.forks[step].as_ref().filter(|_| !within.contains(&step)) else { continue };
            within.push(step);
            let branches = fork.branches.iter().map(|branch| self.walk(*branch, fork.next, &known, within, seen));
            let arrived: Vec<Option<Bits>> = branches.collect();
            within.pop();
            if let (Some(next), Some(known)) = (fork.next, joined(fork.join, &arrived)) {
                region.go(next, &known);
            }
        }
        region.arrived
    }

    fn judge(&self, step: usize, place: &Place, known: &Bits, findings: &mut Findings) {
        let path = &place.read.path;
        let Some(key) = self.keys.get(path).copied().filter(|key| !known.has(*key)) else { return };
        let mut questions = self.conditional.iter().filter(|(asked, _)| overlap(asked, path)).peekable();
        let is_conditional = questions.peek().is_some();
        let holds = |condition: &String| {
            place.read.known.contains(condition) || self.keys.get(condition).is_some_and(|key| known.has(*key))
        };
        if questions.flat_map(|(_, questions)| questions).any(|when| when.iter().all(holds)) {
            return;
        }
        let way = self.way_without(step, key);
        let comes = if way.is_empty() { String::new() } else { format!(": a case comes here by {way}") };
        let message = format!("`{path}` may not be there{comes}");
        if is_conditional {
            let help = format!("ask first: `has({path})`, or decide by the condition under which it is asked");
            findings.warn("data.unset", &place.at, message, help);
        } else {
            let help = format!("ask first: `has({path})`, or let every way here set it");
            findings.error("data.unset", &place.at, message, help);
        }
    }

    /// The shortest way on which nothing sets it, told; nothing where only a roundabout one does not.
    fn way_without(&self, to: usize, key: usize) -> String {
        let mut from: BTreeMap<usize, Option<(usize, &str)>> = BTreeMap::new();
        let mut open = VecDeque::new();
        for (step, _) in self.starts.iter().filter(|(_, known)| !known.has(key)) {
            from.entry(*step).or_insert_with(|| {
                open.push_back(*step);
                None
            });
        }
        while let Some(step) = open.pop_front() {
            let ways = self.edges[step].iter().filter(|edge| !edge.gives.contains(&key));
            let ways = ways.map(|edge| (edge.to, edge.field.as_str()));
            let branches = self.forks[step].iter().flat_map(|fork| &fork.branches).map(|branch| (*branch, ""));
            for (next, field) in ways.chain(branches) {
                from.entry(next).or_insert_with(|| {
                    open.push_back(next);
                    Some((step, field))
                });
            }
        }
        let mut told = Vec::new();
        let (mut at, mut left) = (to, String::new());
        while let Some(before) = from.get(&at) {
            told.push(format!("`{}`{left}", self.definition.steps()[at].name));
            let Some((step, field)) = before else { break };
            left = if field.starts_with("on") { format!(" ({field})") } else { String::new() };
            at = *step;
        }
        told.reverse();
        if told.len() > TOLD_MAX {
            let middle = TOLD_MAX / 2;
            drop(told.splice(middle..told.len() - middle, ["…".to_owned()]));
        }
        told.join(" \u{2192} ")
    }
}

/// What one token knows on its way.
struct Region {
    stop: Option<usize>,
    here: BTreeMap<usize, Bits>,
    open: VecDeque<usize>,
    arrived: Option<Bits>,
}

impl Region {
    fn go(&mut self, to: usize, known: &Bits) {
        if Some(to) == self.stop {
            meet(&mut self.arrived, known);
            return;
        }
        let less = match self.here.get_mut(&to) {
            Some(before) => before.meet(known),
            None => {
                self.here.insert(to, known.clone());
                true
            }
        };
        if less {
            self.open.push_back(to);
        }
    }
}

fn meet(into: &mut Option<Bits>, known: &Bits) {
    match into {
        Some(before) => {
            before.meet(known);
        }
        None => *into = Some(known.clone()),
    }
}

/// All branches bring what they have; of those of which the first is enough, it is not known which it was.
fn joined(join: Join, arrived: &[Option<Bits>]) -> Option<Bits> {
    let mut together: Option<Bits> = None;
    for known in arrived {
        match (join, known, &mut together) {
            (Join::All, None, _) => return None,
            (Join::All, Some(known), Some(together)) => together.join(known),
            (Join::Any, None, _) => {}
            (_, Some(known), together) => meet(together, known),
        }
    }
    together
}

fn edge(way: &Way, to: usize, keys: &BTreeMap<String, usize>) -> Edge {
    let gives = known_of(&way.gives, keys);
    let is_condition = |key: &str| key.starts_with("if ");
    let takes = keys.iter().filter(|(key, _)| {
        (way.changes && is_condition(key)) || way.takes.iter().any(|gone| !is_condition(key) && overlap(gone, key))
    });
    let takes = takes.map(|(_, place)| *place).collect();
    Edge { to, field: way.field.clone(), gives, takes }
}

/// The keys that follow: a path stands for itself, for what it is part of and for its parts.
fn known_of(known: &Known, keys: &BTreeMap<String, usize>) -> Vec<usize> {
    let follows = |key: &str| {
        let is_condition = key.starts_with("if ");
        if is_condition { known.contains(key) } else { known.iter().any(|there| overlap(there, key)) }
    };
    keys.iter().filter(|(key, _)| follows(key)).map(|(_, place)| *place).collect()
}

fn bits(known: &Known, keys: &BTreeMap<String, usize>) -> Bits {
    let mut bits = Bits::none(keys.len());
    known_of(known, keys).into_iter().for_each(|place| bits.put(place));
    bits
}

/// Where cases begin, and with what: with nothing, with what they take over, or with what the event says.
fn starts(definition: &ServiceDefinition) -> Vec<(&str, Known)> {
    let mut starts = Vec::new();
    let process = definition.spec.process.iter().map(|process| process.start.as_str());
    let by_form = process.filter(|name| definition.step(name).is_some_and(|step| step.form.is_some()));
    starts.extend(by_form.map(|name| (name, Known::new())));
    for start in &definition.spec.starts {
        let mut known = Known::new();
        if start.kind == StartKind::Case {
            known.insert("case.origin".to_owned());
            let carried = start.carry.iter();
            known.extend(carried.map(
                |path| {
                    if path.starts_with("facts.") { path.clone() } else { format!("data.{path}") }
                },
            ));
        }
        if let Some(event) = &start.event {
            let said = schema::required(&event.data);
            let taken = event.set.iter().filter(|value| said.contains(&value.from));
            known.extend(taken.map(|value| format!("data.{}", value.at)));
        }
        starts.push((start.step.as_str(), known));
    }
    starts
}

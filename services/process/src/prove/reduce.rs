//! What need not be followed step by step: branches that nobody sees into, and steps whose order nobody sees.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    explore::{Space, explore},
    model::{Kind, Model, Way},
    state::{Local, Node},
    ways::{After, Around, Hop, Ways},
};

/// What can come of a branch that touches neither money nor anything else that others see.
pub struct Closed {
    /// What it can have seen when it arrives where the branches meet, and how.
    pub joins: Vec<(Local, Vec<Hop>)>,
    /// Ends of the case to which it can come, and how.
    pub ends: Vec<(usize, Local, Vec<Hop>)>,
    /// How it comes to where it neither arrives nor ends the case any more.
    pub stuck: Option<Vec<Hop>>,
    /// It may come to where it does not end the case any more.
    pub is_mute: bool,
    /// All of it, to be looked at.
    pub space: Space,
}

pub struct Reduction {
    closed: HashMap<(usize, usize), Closed>,
    quiet: Vec<bool>,
}

impl Reduction {
    /// Gives up where the branches together have more than so many states.
    pub fn of(model: &Model<'_>, states_max: usize) -> Self {
        let mut reduction = Self { closed: HashMap::new(), quiet: quiet(model) };
        let mut left = states_max;
        let mut tried = HashSet::new();
        for step in 0..model.nodes.len() {
            reduction.close(model, step, &mut tried, &mut left);
        }
        reduction
    }

    pub fn closed(&self, step: usize, branch: usize) -> Option<&Closed> {
        self.closed.get(&(step, branch))
    }

    /// In the order of the steps.
    pub fn all(&self) -> Vec<(usize, &Closed)> {
        let mut all: Vec<_> = self.closed.iter().collect();
        all.sort_unstable_by_key(|(of, _)| **of);
        all.into_iter().map(|((step, _), closed)| (*step, closed)).collect()
    }

    pub fn is_quiet(&self, step: usize) -> bool {
        self.quiet[step]
    }

    /// How many states its branches have.
    pub fn states(&self) -> usize {
        self.closed.values().map(|closed| closed.space.nodes.len()).sum()
    }

    fn close(&mut self, model: &Model<'_>, step: usize, tried: &mut HashSet<usize>, left: &mut usize) {
        let Kind::Fork(fork) = &model.nodes[step].kind else { return };
        if !tried.insert(step) {
            return;
        }
        let mut together = 1_usize;
        for (at, start) in fork.starts.iter().enumerate() {
            let reached = reach(model, *start, fork.next);
            let forks: Vec<usize> = reached.iter().copied().filter(|at| is_fork(model, *at)).collect();
            // What is inside is looked at first.
            for inner in &forks {
                self.close(model, *inner, tried, left);
            }
            let apart = |inner: &usize| *inner != step && !reaches(model, *inner, step);
            let seen =
                |at: &usize| model.nodes[*at].undone_by.is_some() || model.nodes[*at].ways.iter().any(Way::is_seen);
            if reached.iter().any(seen) || !forks.iter().all(apart) {
                continue;
            }
            if let Some(closed) = self.summary(model, (step, *start, fork.next), *left) {
                *left = left.saturating_sub(closed.space.nodes.len());
                // What branches can have seen multiplies; past this each is followed, and counted.
                let all = together.saturating_mul(seen_apart(&closed));
                if all <= TOGETHER_MAX {
                    together = all;
                    self.closed.insert((step, at), closed);
                }
            }
        }
    }

    /// Nothing where the branch is done before it begins, or is too large.
    fn summary(
        &self,
        model: &Model<'_>,
        (step, start, next): (usize, usize, usize),
        states_max: usize,
    ) -> Option<Closed> {
        let ways = Ways { model, reduction: self };
        let above = [step];
        let around = Around { join: Some(next), above: &above };
        let After::Stands(_) = ways.begin(start, around) else { return None };
        let space = explore(&ways, &[start], around, states_max);
        if !space.is_complete {
            return None;
        }
        let (mut joins, mut ends): (Vec<(Local, Vec<Hop>)>, Vec<_>) = (Vec::new(), Vec::new());
        for (at, node) in space.nodes.iter().enumerate() {
            match node {
                Node::Running(..) => {}
                Node::Ended { step, local, .. } => ends.push((*step, *local, space.way_to(at))),
                Node::Joined(local) => joins.push((*local, space.way_to(at))),
            }
        }
        let poorer = |local: &Local| joins.iter().any(|(other, _)| other != local && other.is_poorer(*local));
        let kept = joins.iter().filter(|(local, _)| !poorer(local)).cloned().collect();
        let goes_on = space.leads_to(|node| !matches!(node, Node::Running(..)));
        let stuck = goes_on.iter().position(|goes_on| !goes_on).map(|at| space.way_to(at));
        let ending = space.leads_to(|node| matches!(node, Node::Ended { .. }));
        let is_mute = ending.contains(&false);
        Some(Closed { joins: kept, ends, stuck, is_mute, space })
    }
}

/// In how many ways branches that are taken as a whole may have arrived.
const TOGETHER_MAX: usize = 1_024;

/// In how many ways a branch can arrive that add something to what other branches saw: what is only told adds up to a few.
fn seen_apart(closed: &Closed) -> usize {
    let issued: BTreeSet<u64> = closed.joins.iter().map(|(local, _)| local.issued).collect();
    issued.len().max(1)
}

fn is_fork(model: &Model<'_>, step: usize) -> bool {
    matches!(model.nodes[step].kind, Kind::Fork(_))
}

/// Steps on which a branch can stand that begins here and is done where `next` is; branches within it are done elsewhere.
pub fn reach(model: &Model<'_>, start: usize, next: usize) -> Vec<usize> {
    let mut seen = HashSet::from([(start, next)]);
    let mut open = vec![(start, next)];
    let mut steps = Vec::new();
    while let Some((step, done)) = open.pop() {
        if step == done {
            continue;
        }
        steps.push(step);
        let mut to: Vec<(usize, usize)> = Vec::new();
        match &model.nodes[step].kind {
            Kind::Fork(fork) => {
                to.extend(fork.starts.iter().map(|start| (*start, fork.next)));
                to.extend([(fork.next, done)]);
                to.extend(fork.late.map(|late| (late, done)));
            }
            Kind::Plain | Kind::End => to.extend(model.nodes[step].ways.iter().map(|way| (way.to, done))),
        }
        open.extend(to.into_iter().filter(|pair| seen.insert(*pair)));
    }
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// Whether the case can come from one step to the other, by whatever way.
fn reaches(model: &Model<'_>, from: usize, to: usize) -> bool {
    let mut seen = HashSet::new();
    let mut open = model.following(from);
    while let Some(step) = open.pop() {
        if step == to {
            return true;
        }
        if seen.insert(step) {
            open.extend(model.following(step));
        }
    }
    false
}

/// Steps whose ways change nothing that others see, end nothing and close no circle: so no circle is gone round for ever before
/// the others get their turn.
fn quiet(model: &Model<'_>) -> Vec<bool> {
    let circles = circles(model);
    let plain = |step: usize| matches!(model.nodes[step].kind, Kind::Plain);
    let quiet = |step: usize| {
        let ways = &model.nodes[step].ways;
        let unseen = |way: &Way| !way.is_seen() && plain(way.to);
        plain(step) && !circles[step] && !ways.is_empty() && ways.iter().all(unseen)
    };
    (0..model.nodes.len()).map(quiet).collect()
}

/// Steps from which a way leads back to one before them.
fn circles(model: &Model<'_>) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Met {
        Not,
        Here,
        Done,
    }
    let mut met = vec![Met::Not; model.nodes.len()];
    let mut back = vec![false; model.nodes.len()];
    for root in 0..model.nodes.len() {
        if met[root] != Met::Not {
            continue;
        }
        met[root] = Met::Here;
        let mut path = vec![(root, model.following(root))];
        while let Some((step, left)) = path.last_mut() {
            let step = *step;
            match left.pop() {
                None => {
                    met[step] = Met::Done;
                    path.pop();
                }
                Some(to) => match met[to] {
                    Met::Here => back[step] = true,
                    Met::Not => {
                        met[to] = Met::Here;
                        path.push((to, model.following(to)));
                    }
                    Met::Done => {}
                },
            }
        }
    }
    back
}

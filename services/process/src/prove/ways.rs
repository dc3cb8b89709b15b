//! What can happen next: every move of every token, as the engine makes them.

use std::collections::BTreeMap;

use super::{
    model::{Fork, Kind, Model},
    reduce::Reduction,
    state::{Branches, Local, Shared, Token, Told},
};

/// A part of a way, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// A step is left by the way of this index.
    Way { step: usize, way: usize },
    /// The time of a `parallel` step is over.
    Late { step: usize },
}

/// One thing that can happen.
pub struct Move {
    pub hops: Vec<Hop>,
    pub shared: Shared,
    pub after: After,
}

/// Where a token is then.
pub enum After {
    Stands(Token),
    /// Where the branches meet.
    Arrives(Local),
    /// The case is over.
    Ends {
        step: usize,
        local: Local,
    },
    /// On a step on which the token stands for which it works.
    Nests {
        step: usize,
    },
}

impl After {
    /// The same seen by the token that waits for this one.
    fn seen_by(self, waits: &Token, stands: impl FnOnce(Token) -> Self, arrives: impl FnOnce(Local) -> Self) -> Self {
        match self {
            Self::Stands(token) => stands(token),
            Self::Arrives(local) => arrives(local),
            Self::Ends { step, local } => Self::Ends { step, local: waits.local.then(local) },
            Self::Nests { step } => Self::Nests { step },
        }
    }
}

/// For whom a token works.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Where its branch is done.
    pub join: Option<usize>,
    /// The `parallel` steps that wait for it.
    pub above: &'a [usize],
}

/// Of a case as a whole.
pub const ALONE: Around<'static> = Around { join: None, above: &[] };

/// A token that goes on.
struct Going {
    plan: Vec<usize>,
    local: Local,
}

pub struct Ways<'m, 'd> {
    pub model: &'m Model<'d>,
    pub reduction: &'m Reduction,
}

impl Ways<'_, '_> {
    /// Everything that this token, or one that works for it, can do now.
    pub fn moves(&self, token: &Token, shared: &Shared, around: Around<'_>) -> Vec<Move> {
        match (&token.fork, &self.model.nodes[token.step].kind) {
            (Some(branches), Kind::Fork(fork)) => self.of_fork(token, (fork, branches), shared, around),
            _ => self.of_step(token, shared, around),
        }
    }

    fn of_step(&self, token: &Token, shared: &Shared, around: Around<'_>) -> Vec<Move> {
        let step = token.step;
        let mut moves = Vec::new();
        for (index, way) in self.model.nodes[step].ways.iter().enumerate() {
            let Some(mut after) = shared.after(self.model, step, way) else { continue };
            let mut going = Going { plan: token.plan.clone(), local: token.local.then(way.local) };
            if !way.undoes.is_empty() {
                self.undo(&mut going, &mut after, &way.undoes, way.to);
            }
            let hops = vec![Hop::Way { step, way: index }];
            moves.push(Move { hops, shared: after, after: self.leave(going, way.to, around) });
        }
        moves
    }

    /// What undoes the named steps is done next, the last done first.
    fn undo(&self, going: &mut Going, shared: &mut Shared, names: &[usize], next: usize) {
        let undone = shared.done.iter().rev().filter(|done| names.contains(done));
        let mut plan: Vec<usize> = undone.filter_map(|done| self.model.nodes[*done].undone_by).collect();
        if plan.is_empty() {
            return;
        }
        shared.done.retain(|done| !names.contains(done));
        if going.plan.is_empty() {
            plan.push(next);
        } else {
            plan.append(&mut going.plan);
        }
        going.plan = plan;
    }

    fn leave(&self, mut going: Going, to: usize, around: Around<'_>) -> After {
        let to = if going.plan.is_empty() { to } else { going.plan.remove(0) };
        self.enter(going, to, around)
    }

    /// A case, or a branch, that begins at this step.
    pub fn begin(&self, step: usize, around: Around<'_>) -> After {
        self.enter(Going { plan: Vec::new(), local: Local::default() }, step, around)
    }

    fn enter(&self, going: Going, step: usize, around: Around<'_>) -> After {
        if around.join == Some(step) {
            return After::Arrives(going.local);
        }
        if around.above.contains(&step) {
            return After::Nests { step };
        }
        match &self.model.nodes[step].kind {
            Kind::End => After::Ends { step, local: going.local },
            Kind::Plain => After::Stands(Token { step, plan: going.plan, local: going.local, fork: None }),
            Kind::Fork(fork) => self.begin_fork(going, step, fork, around),
        }
    }

    fn begin_fork(&self, going: Going, step: usize, fork: &Fork, around: Around<'_>) -> After {
        let above = [around.above, &[step]].concat();
        let inner = Around { join: Some(fork.next), above: &above };
        let mut branches = Branches { open: Vec::new(), closed: 0, stuck: false, joined: Local::default() };
        for (at, start) in fork.starts.iter().enumerate() {
            if self.reduction.closed(step, at).is_some() {
                branches.closed |= 1 << at;
                continue;
            }
            match self.begin(*start, inner) {
                After::Stands(token) => branches.open.push((at, token)),
                After::Arrives(local) => {
                    branches.joined = branches.joined.beside(local);
                    if fork.any {
                        branches.open.clear();
                        branches.closed = 0;
                        break;
                    }
                }
                After::Ends { step, local } => return After::Ends { step, local: going.local.then(local) },
                After::Nests { step } => return After::Nests { step },
            }
        }
        if branches.open.is_empty() && branches.closed == 0 {
            let going = Going { local: going.local.then(branches.joined), ..going };
            return self.leave(going, fork.next, around);
        }
        After::Stands(Token { step, plan: going.plan, local: going.local, fork: Some(Box::new(branches)) })
    }

    fn of_fork(
        &self,
        token: &Token,
        (fork, branches): (&Fork, &Branches),
        shared: &Shared,
        around: Around<'_>,
    ) -> Vec<Move> {
        let above = [around.above, &[token.step]].concat();
        let inner = Around { join: Some(fork.next), above: &above };
        let only = self.unseen(fork, branches);
        let mut moves = Vec::new();
        for (at, (_, branch)) in branches.open.iter().enumerate() {
            if only.is_some_and(|only| only != at) {
                continue;
            }
            for Move { hops, mut shared, after } in self.moves(branch, shared, inner) {
                let stands = |moved: Token| {
                    let mut branches = branches.clone();
                    branches.open[at].1 = moved;
                    waiting(token, branches)
                };
                let joined = |local: Local| {
                    let mut branches = branches.clone();
                    branches.open.remove(at);
                    branches.joined = branches.joined.beside(local);
                    let all = branches.open.is_empty() && branches.closed == 0 && !branches.stuck;
                    if fork.any || all {
                        self.meet(token, fork, branches.joined, &mut shared, around)
                    } else {
                        waiting(token, branches)
                    }
                };
                let after = after.seen_by(token, stands, joined);
                moves.push(Move { hops, shared, after });
            }
        }
        if only.is_none() {
            self.of_closed(token, (fork, branches), shared, around, &mut moves);
            if let Some(late) = fork.late {
                let told = Local { told: Told::No, ..Local::default() };
                let going = Going { plan: token.plan.clone(), local: token.local.then(told) };
                let after = self.leave(going, late, around);
                moves.push(Move { hops: vec![Hop::Late { step: token.step }], shared: shared.clone(), after });
            }
        }
        moves
    }

    /// The branches have met, and the token that waited for them goes on.
    fn meet(&self, token: &Token, fork: &Fork, joined: Local, shared: &mut Shared, around: Around<'_>) -> After {
        if fork.undoable {
            shared.add_done(token.step);
        }
        self.leave(Going { plan: token.plan.clone(), local: token.local.then(joined) }, fork.next, around)
    }

    /// What comes of branches that are taken as a whole. Nobody sees when they do their steps: so where all have to arrive, they do
    /// at once, after those that are followed.
    fn of_closed(
        &self,
        token: &Token,
        (fork, branches): (&Fork, &Branches),
        shared: &Shared,
        around: Around<'_>,
        moves: &mut Vec<Move>,
    ) {
        let closed: Vec<_> = (0..fork.starts.len())
            .filter(|at| branches.closed & 1 << at != 0)
            .filter_map(|at| self.reduction.closed(token.step, at))
            .collect();
        if closed.is_empty() {
            return;
        }
        for (step, local, hops) in closed.iter().flat_map(|branch| &branch.ends) {
            let after = After::Ends { step: *step, local: token.local.then(*local) };
            moves.push(Move { hops: hops.clone(), shared: shared.clone(), after });
        }
        let mut met: BTreeMap<Local, Vec<Hop>> = BTreeMap::new();
        if fork.any {
            for (local, hops) in closed.iter().flat_map(|branch| &branch.joins) {
                met.entry(*local).or_insert_with(|| hops.clone());
            }
        } else if branches.open.is_empty() && !branches.stuck {
            met.insert(Local::default(), Vec::new());
            for branch in &closed {
                met = beside(&met, &branch.joins);
            }
        }
        for (local, hops) in met {
            let mut shared = shared.clone();
            let after = self.meet(token, fork, branches.joined.beside(local), &mut shared, around);
            moves.push(Move { hops, shared, after });
        }
        // One that never arrives holds up all that wait for all; where one is enough, each of them has to be stuck.
        let stuck: Vec<_> = closed.iter().filter_map(|branch| branch.stuck.as_ref()).collect();
        let holds_up = if fork.any {
            stuck.len() == closed.len()
        } else {
            closed.iter().all(|branch| branch.is_mute || branch.stuck.is_some())
        };
        if let Some(hops) = stuck.first().filter(|_| holds_up) {
            let branches = Branches { closed: 0, stuck: true, ..branches.clone() };
            moves.push(Move { hops: (*hops).clone(), shared: shared.clone(), after: waiting(token, branches) });
        }
    }

    /// A branch whose next step no other one sees, and which changes nothing for the others by being taken first.
    fn unseen(&self, fork: &Fork, branches: &Branches) -> Option<usize> {
        let last = branches.open.len() == 1 && branches.closed == 0;
        branches.open.iter().position(|(_, branch)| match (&branch.fork, &self.model.nodes[branch.step].kind) {
            (Some(inner), Kind::Fork(of)) => self.unseen(of, inner).is_some(),
            _ => {
                let joins = fork.any || last;
                let ways = &self.model.nodes[branch.step].ways;
                branch.plan.is_empty()
                    && self.reduction.is_quiet(branch.step)
                    && ways.iter().all(|way| way.to != fork.next || !joins)
            }
        })
    }
}

fn waiting(token: &Token, branches: Branches) -> After {
    After::Stands(Token { fork: Some(Box::new(branches)), ..token.clone() })
}

/// Everything that branches can have seen together; of two that differ in documents alone, the one with fewer.
fn beside(before: &BTreeMap<Local, Vec<Hop>>, joins: &[(Local, Vec<Hop>)]) -> BTreeMap<Local, Vec<Hop>> {
    let mut met: BTreeMap<Local, Vec<Hop>> = BTreeMap::new();
    for (local, hops) in before {
        for (other, more) in joins {
            let both = local.beside(*other);
            if met.keys().any(|known| known.is_poorer(both)) {
                continue;
            }
            met.retain(|known, _| !both.is_poorer(*known));
            met.insert(both, [hops.as_slice(), more].concat());
        }
    }
    met
}

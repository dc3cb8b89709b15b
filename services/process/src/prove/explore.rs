//! Walks through all that may happen, breadth first: what is found first has the shortest story.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    model::Kind,
    state::{Node, Shared, Token},
    ways::{After, Around, Hop, Move, Ways},
};

/// Everything that may happen from some starts on.
pub struct Space {
    pub nodes: Vec<Node>,
    /// From where each was reached first, and how.
    from: Vec<(Option<usize>, Vec<Hop>)>,
    next: Vec<Vec<usize>>,
    /// Nothing was left out.
    pub is_complete: bool,
    /// Branches that stand on steps where no two may: by their `parallel` step and this step.
    pub standing: BTreeMap<(usize, usize), Vec<Standing>>,
    /// Branches that come to the step at which the token stands that waits for them.
    pub nested: Vec<(usize, Vec<Hop>)>,
    /// Where each `parallel` step is first entered.
    pub forks: BTreeMap<usize, usize>,
    /// Steps on which a case stood.
    pub visited: HashSet<usize>,
}

/// A branch on a step.
pub struct Standing {
    pub branch: usize,
    pub shared: Shared,
    /// How it came there.
    pub way: Vec<Hop>,
}

impl Space {
    /// How the case comes there.
    pub fn way_to(&self, node: usize) -> Vec<Hop> {
        let mut parts = Vec::new();
        let mut at = Some(node);
        while let Some(node) = at {
            let (before, hops) = &self.from[node];
            parts.push(hops);
            at = *before;
        }
        parts.into_iter().rev().flatten().copied().collect()
    }

    /// For each node, whether a way leads from it to such a one.
    pub fn leads_to(&self, wanted: impl Fn(&Node) -> bool) -> Vec<bool> {
        let mut before = vec![Vec::new(); self.nodes.len()];
        for (from, to) in self.next.iter().enumerate() {
            for to in to {
                before[*to].push(from);
            }
        }
        let mut open: Vec<usize> = (0..self.nodes.len()).filter(|node| wanted(&self.nodes[*node])).collect();
        let mut leads = vec![false; self.nodes.len()];
        for node in &open {
            leads[*node] = true;
        }
        while let Some(node) = open.pop() {
            for from in &before[node] {
                if !leads[*from] {
                    leads[*from] = true;
                    open.push(*from);
                }
            }
        }
        leads
    }
}

/// Walks from these steps on, through at most so many states.
pub fn explore(ways: &Ways<'_, '_>, starts: &[usize], around: Around<'_>, states_max: usize) -> Space {
    let space = Space {
        nodes: Vec::new(),
        from: Vec::new(),
        next: Vec::new(),
        is_complete: true,
        standing: BTreeMap::new(),
        nested: Vec::new(),
        forks: BTreeMap::new(),
        visited: HashSet::new(),
    };
    let mut walk = Walk { ways, space, known: HashMap::new(), looked: HashSet::new() };
    for start in starts {
        walk.begin(*start, around);
    }
    let mut at = 0;
    while let Some(node) = walk.space.nodes.get(at).cloned() {
        if walk.space.nodes.len() > states_max {
            walk.space.is_complete = false;
            break;
        }
        if let Node::Running(token, shared) = &node {
            for step in ways.moves(token, shared, around) {
                walk.take(Some(at), step);
            }
        }
        at += 1;
    }
    walk.space
}

struct Walk<'w, 'm, 'd> {
    ways: &'w Ways<'m, 'd>,
    space: Space,
    known: HashMap<Node, usize>,
    /// Closed branches that were looked into, with what all knew of the case.
    looked: HashSet<(usize, Shared)>,
}

impl Walk<'_, '_, '_> {
    fn begin(&mut self, start: usize, around: Around<'_>) {
        let begun = self.ways.begin(start, around);
        let step = self.ways.model.step(start);
        let is_sent = around.join.is_none() && step.form.is_some() && step.asks().is_none();
        match begun {
            // The form of the draft was filled in before the case began to run.
            After::Stands(token) if is_sent => {
                self.space.visited.insert(start);
                let moves = self.ways.moves(&token, &Shared::default(), around);
                if let Some(first) = moves.into_iter().next() {
                    self.take(None, first);
                }
            }
            after => self.take(None, Move { hops: Vec::new(), shared: Shared::default(), after }),
        }
    }

    fn take(&mut self, from: Option<usize>, Move { hops, shared, after }: Move) {
        let node = match after {
            After::Stands(token) => Node::Running(token, shared),
            After::Arrives(local) => Node::Joined(local),
            After::Ends { step, local } => {
                self.space.visited.insert(step);
                Node::Ended { step, local, shared }
            }
            After::Nests { step } => {
                if self.space.nested.iter().all(|(known, _)| *known != step) {
                    let before = from.map(|from| self.space.way_to(from)).unwrap_or_default();
                    self.space.nested.push((step, [before, hops].concat()));
                }
                return;
            }
        };
        let at = match self.known.get(&node) {
            Some(at) => *at,
            None => self.add(node, (from, hops)),
        };
        if let Some(from) = from {
            self.space.next[from].push(at);
        }
    }

    fn add(&mut self, node: Node, from: (Option<usize>, Vec<Hop>)) -> usize {
        let at = self.space.nodes.len();
        self.space.nodes.push(node.clone());
        self.space.from.push(from);
        self.space.next.push(Vec::new());
        if let Node::Running(token, shared) = &node {
            self.look(at, token, shared, &mut Vec::new());
        }
        self.known.insert(node, at);
        at
    }

    /// Remembers where the branches of this token stand, for each `parallel` step in which they do.
    fn look(&mut self, at: usize, token: &Token, shared: &Shared, within: &mut Vec<(usize, usize)>) {
        self.stand(at, token.step, shared, within);
        let Some(branches) = &token.fork else { return };
        self.space.forks.entry(token.step).or_insert(at);
        for (branch, inner) in &branches.open {
            within.push((token.step, *branch));
            self.look(at, inner, shared, within);
            within.pop();
        }
        if branches.closed == 0 || !self.looked.insert((token.step, shared.clone())) {
            return;
        }
        let reduction = self.ways.reduction;
        let Kind::Fork(fork) = &self.ways.model.nodes[token.step].kind else { return };
        for branch in (0..fork.starts.len()).filter(|branch| branches.closed & 1 << branch != 0) {
            let Some(closed) = reduction.closed(token.step, branch) else { continue };
            within.push((token.step, branch));
            let mut steps: Vec<usize> = closed.space.visited.iter().copied().collect();
            steps.sort_unstable();
            for step in steps {
                self.stand(at, step, shared, within);
            }
            within.pop();
        }
    }

    fn stand(&mut self, at: usize, step: usize, shared: &Shared, within: &[(usize, usize)]) {
        self.space.visited.insert(step);
        if !self.ways.model.nodes[step].alone {
            return;
        }
        for (fork, branch) in within {
            let known = self.space.standing.get(&(*fork, step));
            let is_known = known.is_some_and(|known| {
                known.iter().any(|one| {
                    one.branch == *branch && one.shared.known == shared.known && one.shared.holds == shared.holds
                })
            });
            if !is_known {
                let way = self.space.way_to(at);
                let standing = Standing { branch: *branch, shared: shared.clone(), way };
                self.space.standing.entry((*fork, step)).or_default().push(standing);
            }
        }
    }
}

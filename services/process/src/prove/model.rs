//! What can be proved rests on this: which ways lead out of each step, and what each of them changes.

mod conditions;
mod steps;

use std::collections::HashMap;

use api::{Earned, ServiceDefinition, Step};

use super::{reduce::reach, state::Local};
use crate::{
    expr::{TypeEnv, compile},
    reference::Reference,
};
use conditions::Conditions;
pub use conditions::overlaps;

/// Sets of payments, documents, conditions and branches are kept as bits.
pub const SET_MAX: usize = 64;

/// Tokens that a case may have at once: `parallel` steps within each other multiply.
const TOKENS_MAX: usize = 256;

/// The process as a graph.
pub struct Model<'d> {
    pub definition: &'d ServiceDefinition,
    pub nodes: Vec<StepWays>,
    pub payments: Vec<Payment<'d>>,
    /// Steps at which cases begin.
    pub starts: Vec<usize>,
}

/// A step.
pub struct StepWays {
    pub kind: Kind,
    pub ways: Vec<Way>,
    /// No two tokens stand on it.
    pub alone: bool,
    /// What undoes it.
    pub undone_by: Option<usize>,
}

pub enum Kind {
    Plain,
    Fork(Fork),
    End,
}

/// A `parallel` step.
#[derive(Clone)]
pub struct Fork {
    pub starts: Vec<usize>,
    pub next: usize,
    /// The first that arrives is enough.
    pub any: bool,
    /// Where the case goes when its time is over.
    pub late: Option<usize>,
    pub undoable: bool,
}

/// A way out of a step, and what it changes.
#[derive(Clone, Default)]
pub struct Way {
    /// What decides for it; empty where the step just does its work.
    pub how: String,
    pub to: usize,
    pub local: Local,
    pub pays: Option<(usize, Verdict)>,
    /// Payments that are given back.
    pub refunds: u64,
    /// Steps that are undone.
    pub undoes: Vec<usize>,
    /// Conditions that were judged, and those of them that hold.
    pub known: u64,
    pub holds: u64,
    /// Conditions whose truth may be another one now.
    pub forgets: u64,
    /// The step can be undone from now on.
    pub undoable: bool,
}

impl Way {
    /// Whether other branches see that it was taken.
    pub fn is_seen(&self) -> bool {
        self.pays.is_some()
            || self.refunds != 0
            || !self.undoes.is_empty()
            || self.known != 0
            || self.forgets != 0
            || self.undoable
    }
}

/// What becomes of a fee at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Paid,
    Nothing,
    Lapsed,
    Refused,
}

/// A `payment` step.
pub struct Payment<'d> {
    pub step: usize,
    pub fee: &'d str,
    pub earned: Earned,
    /// All payment steps of its fee.
    pub same_fee: u64,
    /// Entered again after it was paid, it may ask for more.
    pub grows: bool,
}

/// Why there is no graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Something is wrong that is told elsewhere.
    Broken,
    TooLarge,
}

/// The most tokens that stand at once where each step of each branch is a `parallel` step that is as wide as it can be.
fn widest(model: &Model<'_>) -> usize {
    let mut known = vec![None; model.nodes.len()];
    (0..model.nodes.len()).map(|step| width(model, step, &mut known)).max().unwrap_or(1)
}

/// A step that is looked at already counts as one: a branch that comes to its own `parallel` step is told apart.
fn width(model: &Model<'_>, step: usize, known: &mut [Option<usize>]) -> usize {
    if let Some(known) = known[step] {
        return known;
    }
    known[step] = Some(1);
    let Kind::Fork(fork) = &model.nodes[step].kind else { return 1 };
    let branches = fork.starts.iter().map(|start| {
        let reached = reach(model, *start, fork.next);
        reached.into_iter().map(|at| width(model, at, known)).max().unwrap_or(1)
    });
    let all = branches.fold(1_usize, usize::saturating_add);
    known[step] = Some(all);
    all
}

impl<'d> Model<'d> {
    pub fn of(definition: &'d ServiceDefinition) -> Result<Self, Unfit> {
        let steps = definition.steps();
        let index = index(steps)?;
        let at = |name: &str| index.get(name).copied().ok_or(Unfit::Broken);
        let process = definition.spec.process.as_ref().ok_or(Unfit::Broken)?;
        let starts = std::iter::once(process.start.as_str());
        let starts = starts.chain(definition.spec.starts.iter().map(|start| start.step.as_str()));
        let mut starts = starts.map(at).collect::<Result<Vec<_>, _>>()?;
        starts.sort_unstable();
        starts.dedup();
        let payments = payments(definition)?;
        if definition.spec.documents.len() > SET_MAX {
            return Err(Unfit::TooLarge);
        }
        let conditions = Conditions::of(definition);
        let reader = steps::Reader { definition, index: &index, payments: &payments, conditions: &conditions };
        let nodes = steps.iter().map(|step| reader.read(step, &starts)).collect::<Result<Vec<_>, _>>()?;
        let model = Self { definition, nodes, payments, starts };
        if widest(&model) > TOKENS_MAX { Err(Unfit::TooLarge) } else { Ok(model) }
    }

    pub fn step(&self, index: usize) -> &'d Step {
        &self.definition.steps()[index]
    }

    pub fn name(&self, index: usize) -> &'d str {
        &self.definition.steps()[index].name
    }

    /// Where a step stands in the definition.
    pub fn path(index: usize) -> String {
        format!("spec.process.steps[{index}]")
    }

    /// Steps to which a token, or a branch of it, can go from here.
    pub fn following(&self, step: usize) -> Vec<usize> {
        let node = &self.nodes[step];
        let mut to: Vec<usize> = node.ways.iter().map(|way| way.to).collect();
        if let Kind::Fork(fork) = &node.kind {
            to.extend(&fork.starts);
            to.push(fork.next);
            to.extend(fork.late);
        }
        to
    }
}

fn index(steps: &[Step]) -> Result<HashMap<&str, usize>, Unfit> {
    let mut index = HashMap::with_capacity(steps.len());
    for (at, step) in steps.iter().enumerate() {
        if step.kinds().len() != 1 || index.insert(step.name.as_str(), at).is_some() {
            return Err(Unfit::Broken);
        }
    }
    Ok(index)
}

fn payments(definition: &ServiceDefinition) -> Result<Vec<Payment<'_>>, Unfit> {
    let mut payments = Vec::new();
    let standard = Reference::standard();
    let env = TypeEnv::of_definition(definition, &standard.names());
    for (step, fee) in
        definition.steps().iter().enumerate().filter_map(|(at, step)| Some((at, step.payment.as_deref()?)))
    {
        let declared = definition.fee(fee).ok_or(Unfit::Broken)?;
        // One that is reckoned from the law alone is the same each time, unless a waiver spared a part of it before.
        let same = compile(&declared.amount, &env)
            .is_ok_and(|amount| amount.reads().iter().all(|path| path.starts_with("ref.")) && !amount.calls("today"));
        let grows = !same || declared.waivers.iter().any(|waiver| waiver.amount.is_some());
        payments.push(Payment { step, fee, earned: declared.earned, same_fee: 0, grows });
    }
    if payments.len() > SET_MAX {
        return Err(Unfit::TooLarge);
    }
    let fees: Vec<&str> = payments.iter().map(|payment| payment.fee).collect();
    for payment in &mut payments {
        let same = fees.iter().enumerate().filter(|(_, fee)| **fee == payment.fee);
        payment.same_fee = same.fold(0, |set, (at, _)| set | 1 << at);
    }
    Ok(payments)
}

//! Conditions that decide in more than one place: what held there holds here, unless something changed what they read.

use std::collections::{BTreeMap, BTreeSet};

use api::{Form, ServiceDefinition, Step, StepKind};

use super::SET_MAX;
use crate::{
    expr::{TypeEnv, compile},
    reference::Reference,
};

/// What depends on the day may be otherwise tomorrow.
const OF_THE_DAY: [&str; 2] = ["today", "age"];

/// Conditions whose truth is followed, without blanks and without a `!` before them.
pub struct Conditions {
    known: BTreeMap<String, Condition>,
}

struct Condition {
    bit: u64,
    reads: BTreeSet<String>,
}

impl Conditions {
    pub fn of(definition: &ServiceDefinition) -> Self {
        let mut uses: BTreeMap<String, (usize, &str)> = BTreeMap::new();
        for step in definition.steps() {
            let here: BTreeMap<String, &str> = cases(step).map(|when| (plain(when).0, when)).collect();
            for (plain, when) in here {
                uses.entry(plain).or_insert((0, when)).0 += 1;
            }
        }
        let standard = Reference::standard();
        let env = TypeEnv::of_definition(definition, &standard.names());
        let several = uses.into_iter().filter(|(_, (uses, _))| *uses > 1);
        let read = several.filter_map(|(plain, (_, when))| {
            let expr = compile(when, &env).ok()?;
            let lasts = !OF_THE_DAY.iter().any(|function| expr.calls(function));
            lasts.then(|| (plain, expr.reads().clone()))
        });
        // One that is not followed is taken as true and as false, which proves no less.
        let known = read.take(SET_MAX).enumerate();
        Self { known: known.map(|(at, (plain, reads))| (plain, Condition { bit: 1 << at, reads })).collect() }
    }

    /// What is known once the case of this index was chosen, or none: the bits, and those of them that hold.
    pub fn chosen(&self, step: &Step, case: Option<usize>) -> Option<(u64, u64)> {
        let (mut known, mut holds) = (0, 0);
        for (at, when) in cases(step).enumerate() {
            if case.is_some_and(|case| at > case) {
                break;
            }
            let (plain, negated) = plain(when);
            let Some(condition) = self.known.get(&plain) else { continue };
            let bit = condition.bit;
            let is = if (case == Some(at)) != negated { bit } else { 0 };
            if known & bit != 0 && holds & bit != is {
                return None;
            }
            known |= bit;
            holds |= is;
        }
        Some((known, holds))
    }

    /// Conditions that may be otherwise once this step is done.
    pub fn changed(&self, definition: &ServiceDefinition, step: &Step) -> u64 {
        let written: Vec<String> = match step.kind() {
            Some(StepKind::Form(form)) => {
                let fields = definition.form(form).into_iter().flat_map(Form::fields);
                fields.map(|(_, field)| format!("data.{}", field.at)).chain(["case".to_owned()]).collect()
            }
            Some(StepKind::Task(_)) => vec!["case".to_owned()],
            Some(StepKind::Call(call)) => vec![format!("facts.{}", call.fact())],
            Some(StepKind::Set(_) | StepKind::Decide(_)) => step.sets().map(|at| format!("data.{at}")).collect(),
            _ => Vec::new(),
        };
        let changed = self.known.values().filter(|condition| {
            written.iter().any(|written| condition.reads.iter().any(|read| overlaps(written, read)))
        });
        changed.fold(0, |set, condition| set | condition.bit)
    }
}

fn cases(step: &Step) -> impl Iterator<Item = &str> {
    step.decide.iter().flat_map(|decide| &decide.cases).map(|case| case.when.as_str())
}

/// Whether a change of one is a change of the other.
pub fn overlaps(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    within(one, other) || within(other, one)
}

/// A condition with single blanks, and whether a `!` was taken off it.
fn plain(when: &str) -> (String, bool) {
    // Blanks within a text count.
    let has_text = when.contains(['\'', '"']);
    let tight = if has_text { when.trim().to_owned() } else { when.split_whitespace().collect::<Vec<_>>().join(" ") };
    let path = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._".contains(c));
    match tight.strip_prefix('!') {
        Some(rest) if path(rest) => (rest.to_owned(), true),
        Some(rest) => match enclosed(rest) {
            Some(inner) => (inner.to_owned(), true),
            None => (tight, false),
        },
        None => (tight, false),
    }
}

/// What stands in one pair of brackets that encloses all of it.
fn enclosed(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let (mut depth, mut within) = (0_i32, None);
    for byte in inner.bytes() {
        match (within, byte) {
            // What a text holds of quotation marks is not worth reading.
            (_, b'\\') => return None,
            (Some(quote), _) if byte == quote => within = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => within = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    (depth == 0 && within.is_none()).then(|| inner.trim())
}

//! The legal times on the longest way fit into what is promised. While the applicant, or whom they named, has something to do, the
//! promise stands still; so a circle through that is gone once. What follows another case has times of its own.

use std::collections::HashMap;

use api::{Span, StartKind, Step, StepKind, Unit};

use super::circles::{back, components};
use crate::{
    check::{Findings, StoryStep},
    prove::{
        model::{Kind, Model},
        story,
    },
};

const DAY: u64 = 86_400;
/// Five days are worked of seven.
const WORKED: u64 = DAY * 7 / 5;

/// A sum of spans that cannot be added exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    working_days: u64,
    seconds: u64,
    months: u64,
}

/// What can be said of a length of time and a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fits {
    Yes,
    No,
    /// It depends on the day on which it begins.
    Perhaps,
}

impl Length {
    pub fn of(span: Span) -> Self {
        let amount = u64::from(span.amount);
        match span.unit {
            Unit::WorkingDays => Self { working_days: amount, ..Self::default() },
            Unit::Months => Self { months: amount, ..Self::default() },
            Unit::Years => Self { months: amount * 12, ..Self::default() },
            _ => Self { seconds: span.seconds().unwrap_or_default(), ..Self::default() },
        }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            working_days: self.working_days + other.working_days,
            seconds: self.seconds + other.seconds,
            months: self.months + other.months,
        }
    }

    /// About how long it is, to find the longest.
    fn about(self) -> u64 {
        self.working_days * WORKED + self.seconds + self.months * 31 * DAY
    }

    /// At least so long: some Saturdays are worked, Sundays are not.
    fn least(self) -> u64 {
        let sundays = self.working_days.saturating_sub(1) / 5;
        (self.working_days + sundays + self.months * 28) * DAY + self.seconds
    }

    /// At most so long: with a weekend before them and holidays between.
    fn most(self) -> u64 {
        let free = if self.working_days == 0 { 0 } else { 4 };
        self.working_days * WORKED + (free + self.months * 31) * DAY + self.seconds
    }

    pub fn fits(self, promised: Self) -> Fits {
        // A deadline in days is over when the day is: what takes less than a day besides is done within it.
        let within_days = self.working_days > 0 && self.months == 0 && self.seconds < DAY;
        let seconds = if within_days { 0 } else { self.seconds };
        let (days, months) = (self.working_days.min(promised.working_days), self.months.min(promised.months));
        let rest = |of: Self| Self { working_days: of.working_days - days, months: of.months - months, ..of };
        let (takes, promised) = (rest(Self { seconds, ..self }), rest(promised));
        if takes.most() <= promised.least() {
            Fits::Yes
        } else if takes.least() > promised.most() {
            Fits::No
        } else {
            Fits::Perhaps
        }
    }
}

pub fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some(level) = &model.definition.spec.service_level else { return };
    let Some(longest) = longest(model) else { return };
    let (total, promised) = (longest.total, Length::of(level.promised));
    let fits = total.fits(promised);
    let told = |step: &usize| {
        let how = time(model.step(*step)).map(|span| span.to_string()).unwrap_or_default();
        StoryStep { step: model.name(*step).to_owned(), how }
    };
    let circle = circle(model, &begins(model));
    let steps = circle.as_ref().filter(|_| fits == Fits::Yes).unwrap_or(&longest.steps);
    let way: Vec<StoryStep> = steps.iter().map(told).filter(|told| !told.how.is_empty()).collect();
    let path = "spec.serviceLevel.promised";
    let short = story::short(&way);
    let promised = level.promised;
    match fits {
        Fits::Yes if circle.is_none() => {}
        Fits::No if !longest.is_bounded => {
            findings.along(way);
            findings.publish(
                "proof.promise",
                path,
                format!("the times that the steps may take come to more than the promised {promised}: {short}"),
                "promise more, or give the officers less time",
            );
        }
        Fits::Yes | Fits::No | Fits::Perhaps => {
            findings.along(way);
            findings.warn(
                "proof.promise",
                path,
                format!(
                    "it cannot be told whether the times of the steps stay within the promised {promised}: {short}"
                ),
                "write all of them in the same unit, and let no circle be gone round without the applicant",
            );
        }
    }
}

struct Longest {
    steps: Vec<usize>,
    total: Length,
    /// A `parallel` step on it has a time of its own, which may cut it short.
    is_bounded: bool,
}

/// The longest way of a case that follows no other, round no circle more than once.
fn longest(model: &Model<'_>) -> Option<Longest> {
    let (count, begins) = (model.nodes.len(), begins(model));
    let back = back(count, &begins, |step| model.following(step));
    let next = |step: usize| -> Vec<usize> {
        model.following(step).into_iter().filter(|to| !back.contains(&(step, *to))).collect()
    };
    let mut best: Vec<(Length, Option<usize>)> = vec![(Length::default(), None); count];
    for part in components(count, next).iter().rev() {
        // What no case comes to may still go round.
        let [step] = part.as_slice() else { continue };
        let after = next(*step).into_iter().max_by_key(|to| (best[*to].0.about(), *to));
        let rest = after.map_or(Length::default(), |to| best[to].0);
        best[*step] = (length(model, *step).plus(rest), after);
    }
    let begin = begins.iter().copied().max_by_key(|step| (best[*step].0.about(), *step))?;
    let steps: Vec<usize> = std::iter::successors(Some(begin), |step| best[*step].1).collect();
    let is_bounded =
        steps.iter().any(|step| matches!(&model.nodes[*step].kind, Kind::Fork(fork) if fork.late.is_some()));
    Some(Longest { total: best[begin].0, is_bounded, steps })
}

/// A circle that takes time and leads past the applicant, where a case comes to it.
fn circle(model: &Model<'_>, begins: &[usize]) -> Option<Vec<usize>> {
    let mut reached = vec![false; model.nodes.len()];
    let mut open = begins.to_vec();
    while let Some(step) = open.pop() {
        if !std::mem::replace(&mut reached[step], true) {
            open.extend(model.following(step));
        }
    }
    let next = |step: usize| -> Vec<usize> {
        let is_theirs = |step: usize| is_the_applicants(model.step(step));
        if is_theirs(step) {
            return Vec::new();
        }
        model.following(step).into_iter().filter(|to| !is_theirs(*to)).collect()
    };
    components(model.nodes.len(), next).into_iter().find(|circle| {
        let is_circle = circle.len() > 1 || next(circle[0]).contains(&circle[0]);
        let takes_time = circle.iter().any(|step| length(model, *step) != Length::default());
        is_circle && takes_time && circle.iter().any(|step| reached[*step])
    })
}

fn length(model: &Model<'_>, step: usize) -> Length {
    time(model.step(step)).map(Length::of).unwrap_or_default()
}

fn begins(model: &Model<'_>) -> Vec<usize> {
    let definition = model.definition;
    let index: HashMap<&str, usize> =
        definition.steps().iter().enumerate().map(|(at, step)| (step.name.as_str(), at)).collect();
    let first = definition.spec.process.iter().map(|process| process.start.as_str());
    let others = definition.spec.starts.iter().filter(|start| start.kind != StartKind::Case);
    first.chain(others.map(|start| start.step.as_str())).filter_map(|name| index.get(name).copied()).collect()
}

/// The promise stands still here.
fn is_the_applicants(step: &Step) -> bool {
    step.form.is_some() || step.payment.is_some()
}

/// The longest that the law lets this step take; nothing while the promise stands still.
fn time(step: &Step) -> Option<Span> {
    match step.kind()? {
        StepKind::Task(task) => {
            let deadline = task.deadline.as_ref()?;
            let terms = deadline.terms().iter().map(|term| term.is);
            deadline.always().into_iter().chain(terms).max_by_key(|span| Length::of(*span).about())
        }
        StepKind::Wait(wait) => wait.span.or(step.timeout.filter(|_| wait.message.is_some() || wait.event.is_some())),
        StepKind::Call(_) => step.timeout,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Fits, Length};

    #[test]
    fn lengths_of_one_kind_are_compared_exactly_and_others_only_where_every_calendar_agrees() {
        let length = |written: &str| {
            let spans = written.split(" + ").map(|span| Length::of(span.parse().unwrap()));
            spans.fold(Length::default(), Length::plus)
        };
        for (takes, promised, fits) in [
            ("3 working days", "3 working days", Fits::Yes),
            ("3 working days + 30 s", "3 working days", Fits::Yes),
            ("4 working days", "3 working days", Fits::No),
            ("10 days", "10 days", Fits::Yes),
            ("10 days + 1 s", "10 days", Fits::No),
            ("10 working days", "10 days", Fits::No),
            ("5 working days", "30 days", Fits::Yes),
            ("20 working days", "30 days", Fits::Perhaps),
            ("10 days", "30 working days", Fits::Yes),
            ("3 months", "20 working days", Fits::No),
            ("30 days", "1 month", Fits::Perhaps),
            ("28 days", "1 month", Fits::Yes),
            ("1 year", "11 months", Fits::No),
        ] {
            assert_eq!(length(takes).fits(length(promised)), fits, "{takes} within {promised}");
        }
    }
}

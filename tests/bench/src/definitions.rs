//! Definitions judged: a usual one, and one of five thousand steps, as `xizmat check` and the register judge them.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use process::check::{Options, check, human};

use crate::{Outcome, figure::Table};

const FIVE_STEPS: &str = include_str!("five-steps.yaml");
const STEPS: usize = 5_000;
const BRANCHES: usize = 17;
/// So that the definition has two hundred steps.
const STEPS_OF_EACH: usize = 11;

pub fn measure(table: &mut Table, lasting: Duration) -> Outcome {
    let small = mean(FIVE_STEPS, lasting)?;
    let large = mean(&of_many_steps(), lasting)?;
    table.tell("definition of 7 steps judged", small.as_secs_f64() * 1e3, "ms");
    table.tell(format!("definition of {STEPS} steps judged"), large.as_secs_f64() * 1e3, "ms");
    let wide = mean(&of_many_branches(), lasting)?;
    table.tell(format!("definition of {BRANCHES} branches at once, 200 steps, judged"), wide.as_secs_f64() * 1e3, "ms");
    Ok(())
}

fn of_many_steps() -> String {
    let mut steps = "one}\n".to_owned();
    let _ = writeln!(steps, "      - {{name: one, emit: {{event: step-taken}}, next: s1}}");
    for step in 1..STEPS {
        let _ = writeln!(steps, "      - {{name: s{step}, emit: {{event: step-taken}}, next: s{}}}", step + 1);
    }
    let _ = write!(steps, "      - {{name: s{STEPS}, emit: {{event: step-taken}}, next: two");
    FIVE_STEPS.replacen("one}\n      - {name: one, emit: {event: step-taken}, next: two", &steps, 1)
}

/// What happens at once is proved without walking through every order of it.
fn of_many_branches() -> String {
    let branches: Vec<String> = (0..BRANCHES).map(|at| format!("{{name: b{at}, start: b{at}-1}}")).collect();
    let mut steps = "ask}\n".to_owned();
    let _ = writeln!(steps, "      - {{name: ask, parallel: {{branches: [{}]}}, next: one}}", branches.join(", "));
    for branch in 0..BRANCHES {
        for step in 1..=STEPS_OF_EACH {
            let next = if step == STEPS_OF_EACH { "one".to_owned() } else { format!("b{branch}-{}", step + 1) };
            let _ = writeln!(steps, "      - {{name: b{branch}-{step}, emit: {{event: step-taken}}, next: {next}}}");
        }
    }
    let _ = write!(steps, "      - {{name: one, emit: {{event: step-taken}}, next: two");
    FIVE_STEPS.replacen("one}\n      - {name: one, emit: {event: step-taken}, next: two", &steps, 1)
}

/// The mean of as many judgements as fit, one at least.
fn mean(source: &str, lasting: Duration) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut judged = 0;
    while judged == 0 || begun.elapsed() < lasting {
        let report = check(source, "bench.yaml", &Options::default());
        if !report.runs() {
            return Err(human(&report.problems).into());
        }
        judged += 1;
    }
    Ok(begun.elapsed() / judged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_definition_has_all_its_steps_and_runs() {
        let source = of_many_steps();
        assert_eq!(source.matches("{name: ").count() - FIVE_STEPS.matches("{name: ").count(), STEPS);
        assert!(check(&source, "bench.yaml", &Options::default()).runs());
        let source = of_many_branches();
        assert!(source.matches("step-taken}, next: ").count() > BRANCHES * STEPS_OF_EACH);
        assert!(check(&source, "bench.yaml", &Options::default()).runs());
    }
}

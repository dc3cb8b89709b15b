//! How a changed presentation is brought in: shares that grow, and a wait that a clock can measure.

use api::{Backtest, Percent, Rollout, ServiceDefinition};

use super::findings::Findings;

/// Each step is a stretch of time that officers and people live with.
const STEPS_MAX: usize = 10;

/// Judges `spec.rollout`.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    let Some(rollout) = &definition.spec.rollout else { return };
    let Rollout { steps, min_cases, max_wait, backtest, on_bad_health: _ } = rollout;
    shares(steps, findings);
    if *min_cases == 0 {
        findings.error(
            "rollout.min-cases",
            "spec.rollout.minCases",
            "nothing is judged by no cases",
            "write at least `1`; with few cases only a disaster is seen",
        );
    }
    if max_wait.seconds().is_none() {
        findings.error(
            "rollout.max-wait",
            "spec.rollout.maxWait",
            format!("how long `{max_wait}` is depends on the calendar"),
            "write it in hours, days or weeks, for example `3 days`",
        );
    }
    if *backtest == Backtest::Advised {
        findings.warn(
            "rollout.backtest",
            "spec.rollout.backtest",
            "a backtest is advised, and this version has none",
            "read the differences with `xizmat check --against` and watch the rollout",
        );
    }
}

fn shares(steps: &[Percent], findings: &mut Findings) {
    const CODE: &str = "rollout.steps";
    if steps.len() > STEPS_MAX {
        let message = format!("a revision is brought in by at most {STEPS_MAX} steps, not {}", steps.len());
        findings.error(CODE, "spec.rollout.steps", message, "for example `[5%, 25%, 100%]`");
    }
    for (index, pair) in steps.windows(2).enumerate() {
        if let [before, after] = pair
            && after <= before
        {
            let path = format!("spec.rollout.steps[{}]", index + 1);
            let message = format!("`{after}` is not more than `{before}` before it");
            findings.error(CODE, &path, message, "each step reaches more people than the last");
        }
    }
    if steps.last() != Some(&Percent::ALL) {
        let path = steps.len().checked_sub(1).map(|last| format!("spec.rollout.steps[{last}]"));
        let path = path.unwrap_or_else(|| "spec.rollout.steps".to_owned());
        let help = "end with `100%`; what must not reach everybody is another service";
        findings.error(CODE, &path, "the last step does not reach everybody", help);
    }
}

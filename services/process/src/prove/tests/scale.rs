//! What is large is still looked at in few states.

use std::fmt::Write as _;

use super::BASE;
use crate::prove::{Model, Reduction, STATES_MAX, explored};

/// How many states a definition has that is the base with these steps before its review.
fn states(branches: &str, steps: &str) -> usize {
    let own = "[{name: fire, start: fire}, {name: health, start: health}]";
    assert!(BASE.contains(own));
    let source = BASE.replacen(own, &format!("[{branches}]"), 1);
    let source = source.replacen("      - name: review\n", &format!("{steps}      - name: review\n"), 1);
    let definition = serde_saphyr::from_str(&source).unwrap();
    let model = Model::of(&definition).unwrap_or_else(|unfit| panic!("{unfit:?}"));
    let reduction = Reduction::of(&model, STATES_MAX);
    let proof = explored(&model, &reduction, STATES_MAX);
    assert!(proof.space.is_complete);
    proof.states()
}

/// So many branches of so many tasks, each of which may refuse at once.
fn officers(branches: usize, tasks: usize, refused: &str) -> (String, String) {
    let (mut names, mut steps) = (String::new(), String::new());
    for branch in 0..branches {
        let _ = write!(names, "{}{{name: b{branch}, start: s{branch}-0}}", if branch == 0 { "" } else { ", " });
        for task in 0..tasks {
            let next = if task + 1 == tasks { "review".to_owned() } else { format!("s{branch}-{}", task + 1) };
            let _ = writeln!(
                steps,
                "      - {{name: s{branch}-{task}, task: {{role: r, deadline: 1 day, outcomes: [{{name: support, label: {{en: Yes}}, next: {next}}}, {{name: forbid, label: {{en: \"No\"}}, next: {refused}}}]}}}}"
            );
        }
    }
    (names, steps)
}

#[test]
fn branches_that_nobody_sees_into_add_up() {
    let (names, steps) = officers(17, 1, "fire-told");
    let seventeen = states(&names, &steps);
    assert!(seventeen < 500, "{seventeen}");
    let (names, steps) = officers(6, 30, "tell-refused");
    let (names_of_five, steps_of_five) = officers(5, 30, "tell-refused");
    let (six, five) = (states(&names, &steps), states(&names_of_five, &steps_of_five));
    assert!(six < 2_000, "{six}");
    assert!(six - five < 2 * 30 * 6, "one more branch of thirty steps adds what it has: {five}, then {six}");
}

#[test]
fn branches_that_give_money_back_are_followed_only_where_it_is_seen() {
    let (names, steps) = officers(5, 10, "refund");
    let found = states(&names, &steps);
    assert!(found < 50_000, "{found}");
}

/// Each of forty `parallel` steps begins the next one twice: as many tokens as nobody can count.
#[test]
fn branches_that_multiply_are_refused_and_not_walked() {
    let mut steps = String::from("      - {name: fork-40, notify: objected, next: review}\n");
    for at in 0..40 {
        let (name, inner) = (format!("fork-{at}"), format!("fork-{}", at + 1));
        let next = if at == 0 { "review".to_owned() } else { format!("met-{at}") };
        let _ = writeln!(
            steps,
            "      - {{name: {name}, parallel: {{branches: [{{name: a, start: {inner}}}, {{name: b, start: {inner}}}]}}, next: {next}}}\n      - {{name: met-{}, notify: objected, next: {next}}}",
            at + 1
        );
    }
    let own = "[{name: fire, start: fire}, {name: health, start: health}]";
    let source = BASE.replacen(own, "[{name: fire, start: fire}, {name: forks, start: fork-0}]", 1);
    let source = source.replacen("      - name: review\n", &format!("{steps}      - name: review\n"), 1);
    let report = crate::check::check(&source, "service.yaml", &crate::check::Options::default());
    assert!(report.problems.iter().any(|problem| problem.code == "proof.too-large"), "{:?}", report.problems);
}

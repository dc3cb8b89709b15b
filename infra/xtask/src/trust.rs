//! What `docs/trust.md` says must be so: each promise names tests that exist, or says what comes later and why.

use crate::generate::root;

const TABLE: &str = "docs/trust.md";
const RULES: u32 = 20;
const HELD: &str = "Held by: ";
const LATER: &str = "Later: ";

pub fn run() -> Result<(), String> {
    let root = root();
    let table = std::fs::read_to_string(root.join(TABLE)).map_err(|error| format!("{TABLE}: {error}"))?;
    let wrong = faults(&table, &|file| std::fs::read_to_string(root.join(file)).ok());
    if wrong.is_empty() { Ok(()) } else { Err(format!("Not so, though {TABLE} says it:\n  {}", wrong.join("\n  "))) }
}

/// `- **2.3** …`, and under it what holds it.
struct Promise {
    line: usize,
    rule: u32,
    part: u32,
    held: String,
    /// It says why no test holds it, or not all of it.
    explained: bool,
}

fn faults(table: &str, read: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let promises = promises(table);
    let mut wrong = miscounted(&promises);
    for promise in &promises {
        let place = format!("line {}, {}.{}", promise.line, promise.rule, promise.part);
        if promise.held.is_empty() && !promise.explained {
            wrong.push(format!("{place}: names no test and does not say why"));
        }
        let Some(tests) = named(&promise.held) else {
            wrong.push(format!("{place}: write names before the file they stand in: `one`, `other` in `tests/x.rs`"));
            continue;
        };
        for (name, file) in tests {
            match read(file) {
                None => wrong.push(format!("{place}: there is no file {file}")),
                Some(text) if !holds(file, &text, name) => wrong.push(format!("{place}: {file} has no test `{name}`")),
                Some(_) => {}
            }
        }
    }
    wrong
}

fn promises(table: &str) -> Vec<Promise> {
    let mut found: Vec<Promise> = Vec::new();
    let mut within = false;
    for (at, line) in table.lines().enumerate() {
        if let Some((rule, part)) = number(line) {
            found.push(Promise { line: at + 1, rule, part, held: String::new(), explained: false });
            within = false;
        } else if let (Some(promise), Some(text)) = (found.last_mut(), line.strip_prefix("  ")) {
            let explains = text.starts_with(LATER);
            promise.explained |= explains;
            within = text.starts_with(HELD) || (within && !explains);
            if within {
                promise.held.push_str(text);
            }
        } else {
            within = false;
        }
    }
    found
}

fn number(line: &str) -> Option<(u32, u32)> {
    let (number, _) = line.strip_prefix("- **")?.split_once("**")?;
    let (rule, part) = number.split_once('.')?;
    Some((rule.parse().ok()?, part.parse().ok()?))
}

/// A rule or a promise that was dropped would not be missed otherwise.
fn miscounted(promises: &[Promise]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut before = (0, 0);
    for promise in promises {
        let next = [(before.0, before.1 + 1), (before.0 + 1, 1)];
        before = (promise.rule, promise.part);
        if !next.contains(&before) {
            wrong.push(format!("line {}: {}.{} is out of order", promise.line, promise.rule, promise.part));
        }
    }
    if before.0 != RULES {
        wrong.push(format!("there are {RULES} rules, and the last one here is {}", before.0));
    }
    wrong
}

/// Each test with its file; nothing when a name has no file or a file no name.
fn named(held: &str) -> Option<Vec<(&str, &str)>> {
    let (mut found, mut waiting) = (Vec::new(), Vec::new());
    for quoted in held.split('`').skip(1).step_by(2) {
        if !quoted.contains('/') {
            waiting.push(quoted);
        } else if waiting.is_empty() {
            return None;
        } else {
            found.extend(waiting.drain(..).map(|name| (name, quoted)));
        }
    }
    (waiting.is_empty() && found.is_empty() == held.is_empty()).then_some(found)
}

/// A check before a cluster and a journey in a browser are named by their sentence, everything else by its function.
fn holds(file: &str, text: &str, name: &str) -> bool {
    let begins = |line: &str, with: &str| line.trim_start().starts_with(&format!("{with}{name}"));
    if file.starts_with("tests/cluster/") {
        text.lines().any(|line| begins(line, "check \"") && line.contains(&format!("{name}\"")))
    } else if file.starts_with("tests/browser/") {
        text.lines().any(|line| begins(line, "await journey(`"))
    } else {
        is_test(text, name) || is_run_by_its_own_program(file, text, name)
    }
}

fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let attribute = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    lines.iter().enumerate().any(|(at, line)| {
        let above = lines[..at].iter().rev();
        declares(line, name) && above.take_while(|line| line.starts_with("#[") || line.starts_with("//")).any(attribute)
    })
}

fn declares(line: &str, name: &str) -> bool {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let rest = line.strip_prefix("fn ").and_then(|line| line.strip_prefix(name));
    rest.is_some_and(|rest| rest.starts_with('('))
}

/// A test program without the standard harness lists its tests by name.
fn is_run_by_its_own_program(file: &str, text: &str, name: &str) -> bool {
    let listed = format!("\"{name}\",");
    file.contains("/tests/") && text.contains("let tests: [(&str, fn())") && text.contains(&listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "#[test]\n// Why.\nfn money_is_exact() {}\n\n#[tokio::test(flavor = \"multi_thread\")]\n\
                        async fn it_waits() {}\n\nfn no_test() {}\n// fn gone() {}\n";
    const OWN: &str = "let tests: [(&str, fn()); 1] = [(\"it_is_confined\", it_is_confined)];\n";
    const SHELL: &str = "check \"who speaks in plain is refused\" in_plain\n# check \"never\" x\n";
    const BROWSER: &str = "  await journey(`a copy is granted ${where}`, () => granted());\n";

    fn read(file: &str) -> Option<String> {
        let text = match file {
            "services/a/src/lib.rs" => RUST,
            "services/a/tests/worker/main.rs" => OWN,
            "tests/cluster/x.sh" => SHELL,
            "tests/browser/x.mjs" => BROWSER,
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// What is wrong with the first promise of a table that is right otherwise.
    fn said(first: &str) -> Vec<String> {
        let rest: String = (2..=RULES).map(|rule| format!("\n## {rule}\n\n- **{rule}.1** A.\n  Later: b.\n")).collect();
        faults(&format!("# Trust\n\n- **1.1** A promise\n  in two lines.\n{first}\n{rest}"), &read)
    }

    #[test]
    fn a_test_is_found_by_its_name_and_file_however_it_is_run() {
        let named = "  Held by: `money_is_exact`,\n  `it_waits` in `services/a/src/lib.rs`; `it_is_confined` in\n  \
                     `services/a/tests/worker/main.rs`; `who speaks in plain is refused` in `tests/cluster/x.sh`;\n  \
                     `a copy is granted` in `tests/browser/x.mjs`.\n  Later: `more` of it.";
        assert_eq!(said(named), Vec::<String>::new());
    }

    #[test]
    fn a_test_that_was_renamed_or_is_none_and_a_file_that_is_gone_are_said() {
        let gone = ["no_test", "gone", "money_is", "it_waits_too", "it_is_confined"]
            .map(|name| format!("`{name}` in `services/a/src/lib.rs`"));
        let sentences = ["who speaks in plain", "never"].map(|name| format!("`{name}` in `tests/cluster/x.sh`"));
        let file = ["`money_is_exact` in `services/b/src/lib.rs`".to_owned()];
        for wrong in gone.iter().chain(&sentences).chain(&file) {
            let said = said(&format!("  Held by: {wrong}."));
            assert!(said.len() == 1 && said[0].starts_with("line 3, 1.1: "), "{wrong}: {said:?}");
        }
    }

    #[test]
    fn a_promise_without_a_word_and_one_that_was_dropped_are_said() {
        assert!(said("")[0].contains("does not say why"));
        for unplaced in ["  Held by: it was read.", "  Held by: `money_is_exact`.", "  Held by: `tests/cluster/x.sh`."]
        {
            assert!(said(unplaced)[0].contains("write names before the file"), "{unplaced}");
        }
        assert_eq!(said("  Later: b.\n- **1.3** A.\n  Later: b."), ["line 6: 1.3 is out of order"]);
        assert_eq!(faults("- **1.1** A.\n  Later: b.\n", &read), ["there are 20 rules, and the last one here is 1"]);
    }
}

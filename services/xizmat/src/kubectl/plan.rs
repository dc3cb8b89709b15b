//! `kubectl xizmat plan`: what applying would do, and which open cases it touches; nothing is changed.

use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

use api::{Kind, ServiceDefinition};
use boot::Stage;
use clap::Args;
use kernel::Failure;
use process::{
    calendar::civil_date,
    check::{Format, Problem, Severity},
    revision,
};
use serde::Serialize;

use super::{
    cluster::Cluster,
    diff::{self, Compared},
    dry_run::{self, Answer},
    local::{self, Local},
    output::Output,
    resource::{Applied, Revision, count, short, status},
};
use crate::serve::kit;

#[derive(Args)]
pub struct Options {
    /// A service's folder, an agency's, or a file.
    path: PathBuf,
    #[command(flatten)]
    output: Output,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    kind: &'static str,
    name: String,
    file: String,
    problems: Vec<Problem>,
    /// `none`, `first`, `running`, `presentation` or `law`.
    change: &'static str,
    /// How many places differ.
    differences: usize,
    /// Hash that the register would give it; none where the check finds errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_revision: Option<String>,
    /// First day; left out: at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_from: Option<String>,
    /// Shares of the people by which a presentation is brought in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<String>,
    /// Cases and drafts that are open now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open: Vec<Revision>,
    server: Answer,
}

impl Plan {
    fn refused(&self) -> bool {
        let errors = self.problems.iter().any(|problem| problem.severity == Severity::Error);
        errors || !matches!(self.server, Answer::Accepted { .. })
    }
}

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    let mut all = Vec::new();
    for one in local::read(&options.path, cluster)? {
        all.push(plan(cluster, &one).await?);
    }
    // In Tashkent, where the law's days begin.
    let today = civil_date(kit(Stage::Trial, None)?.clock.now()).to_string();
    options.output.print(&all, || all.iter().map(|plan| words(plan, &today)).collect());
    Ok(if all.iter().any(Plan::refused) { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

async fn plan(cluster: &Cluster, one: &Local) -> Result<Plan, Failure> {
    let compared = diff::compare(cluster, one).await?;
    let server = dry_run::apply(cluster, one.kind, &one.name, &one.namespace, &one.value).await?;
    Ok(of(one, &compared, server))
}

fn of(one: &Local, compared: &Compared, server: Answer) -> Plan {
    let definition = one.definition().filter(|_| one.report.runs());
    let bytes = definition.and_then(|definition| revision::canonical_bytes(definition).ok());
    let live = compared.live.as_ref();
    Plan {
        kind: one.kind.name(),
        name: one.full_name(),
        file: one.file.clone(),
        problems: one.report.problems.clone(),
        change: change(one.kind, compared),
        differences: compared.differences.len(),
        revision: bytes.map(|bytes| revision::hash_of(&bytes).to_string()),
        active_revision: live.and_then(|applied| status(applied).active_revision.clone()),
        effective_from: definition.and_then(|definition| Some(definition.spec.effective_from.as_ref()?.date.clone())),
        steps: definition.map(steps).unwrap_or_default(),
        open: live.map(open).unwrap_or_default(),
        server,
    }
}

fn change(kind: Kind, compared: &Compared) -> &'static str {
    match compared.change {
        _ if compared.new => "first",
        Some(change) => change,
        None if compared.differences.is_empty() => "none",
        // Only a definition is classified.
        None => match kind {
            Kind::ServiceDefinition => "law",
            _ => "changed",
        },
    }
}

fn steps(definition: &ServiceDefinition) -> Vec<String> {
    let rollout = definition.spec.rollout.as_ref();
    rollout.iter().flat_map(|rollout| &rollout.steps).map(ToString::to_string).collect()
}

fn open(applied: &Applied) -> Vec<Revision> {
    let revisions = status(applied).revisions.iter();
    revisions.filter(|revision| revision.open_cases > 0 || revision.drafts > 0).cloned().collect()
}

fn words(plan: &Plan, today: &str) -> String {
    let mut out = format!("{} {} ({})\n", plan.kind, plan.name, plan.file);
    let mut line = |name: &str, said: &str| {
        let mut lines = said.lines();
        let _ = writeln!(out, "  {name:<12}{}", lines.next().unwrap_or_default());
        for more in lines {
            let _ = writeln!(out, "  {:<12}{more}", "");
        }
    };
    line("check", &check(&plan.problems));
    line("change", &change_words(plan));
    if let Some(revision) = &plan.revision {
        let now = plan.active_revision.as_deref().map(short);
        let now = match now {
            Some(active) if active == short(revision) => ", as applications follow now".to_owned(),
            Some(active) => format!("; applications follow {active} now"),
            None => String::new(),
        };
        line("revision", &format!("{}{now}", short(revision)));
        line("takes over", &takes_over(plan, today));
    }
    if plan.kind == Kind::ServiceDefinition.name() {
        line("open cases", &open_words(plan));
    }
    line("server", &server(&plan.server));
    out
}

fn check(problems: &[Problem]) -> String {
    let number = |severity| problems.iter().filter(|problem| problem.severity == severity).count() as u64;
    let advice = number(Severity::Warning);
    let advice =
        if advice == 0 { String::new() } else { format!(", {}", count(advice, "piece of advice", "pieces of advice")) };
    match (number(Severity::Error), number(Severity::Publish)) {
        (0, 0) => format!("passes{advice}"),
        (0, some) => {
            format!(
                "{} left before it can be published; a trial platform tries it out{advice}",
                count(some, "thing is", "things are")
            )
        }
        _ => format!("is refused:\n{}", Format::Human.write(problems).trim_end()),
    }
}

fn change_words(plan: &Plan) -> String {
    let places = count(plan.differences as u64, "difference", "differences");
    match plan.change {
        "first" => "first: the cluster has none of this name".to_owned(),
        "none" => "none: it says what the cluster holds".to_owned(),
        change => format!("{change}, {places} (`kubectl xizmat diff` shows them)"),
    }
}

/// `today` as ISO 8601 writes it: dates compare as text.
fn takes_over(plan: &Plan, today: &str) -> String {
    if let Some(from) = plan.effective_from.as_ref().filter(|from| from.as_str() > today) {
        return format!("for submissions from {from} on (spec.effectiveFrom)");
    }
    match plan.change {
        "none" => "nothing changes".to_owned(),
        "presentation" if !plan.steps.is_empty() => {
            format!("for {} of the people, step by step", plan.steps.join(", "))
        }
        _ => "at once, for everybody".to_owned(),
    }
}

fn open_words(plan: &Plan) -> String {
    if plan.open.is_empty() {
        return "none is touched: nobody has one open, as far as the status tells".to_owned();
    }
    let one = |revision: &Revision| {
        format!(
            "{} and {} on {}",
            count(revision.open_cases, "case", "cases"),
            count(revision.drafts, "draft", "drafts"),
            short(&revision.revision)
        )
    };
    let all = plan.open.iter().map(one).collect::<Vec<_>>().join("\n");
    format!("{all}\nSubmitted cases end on the revision that they began on.")
}

fn server(answer: &Answer) -> String {
    match answer {
        Answer::Accepted { warnings } if warnings.is_empty() => "would accept it".to_owned(),
        Answer::Accepted { warnings } => format!("would accept it, and advises:\n{}", warnings.join("\n")),
        Answer::Refused { problems } => format!("would refuse it:\n{}", problems.join("\n")),
        Answer::WebhookAway { why } => {
            format!("would not take it now, for the webhook that judges it does not answer: {why}")
        }
        Answer::NotAllowed { right } => {
            format!("would refuse it: you may not {right}. Ask the platform's administrators.")
        }
        Answer::NoNamespace { namespace } => {
            format!("would refuse it: there is no namespace `{namespace}`. Apply the Agency of that name first.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "2026-11-29";

    fn plan(change: &'static str, server: Answer) -> Plan {
        Plan {
            kind: "ServiceDefinition",
            name: "justice/copy".into(),
            file: "copy/service.yaml".into(),
            problems: Vec::new(),
            change,
            differences: 2,
            revision: Some("c".repeat(64)),
            active_revision: Some("b".repeat(12)),
            effective_from: Some("2026-01-01".into()),
            steps: vec!["5%".into(), "100%".into()],
            open: vec![Revision {
                revision: "b".repeat(12),
                share: 100,
                open_cases: 1,
                drafts: 3,
                effective_from: None,
            }],
            server,
        }
    }

    #[test]
    fn a_presentation_that_is_rolled_out_tells_its_shares_and_whose_cases_stay() {
        let accepted = Answer::Accepted { warnings: Vec::new() };
        let expected = "\
ServiceDefinition justice/copy (copy/service.yaml)
  check       passes
  change      presentation, 2 differences (`kubectl xizmat diff` shows them)
  revision    cccccccccccc; applications follow bbbbbbbbbbbb now
  takes over  for 5%, 100% of the people, step by step
  open cases  1 case and 3 drafts on bbbbbbbbbbbb
              Submitted cases end on the revision that they began on.
  server      would accept it
";
        let told = plan("presentation", accepted);
        assert_eq!(words(&told, TODAY), expected);
        assert!(!told.refused());
    }

    #[test]
    fn what_the_webhook_refuses_is_refused_with_every_problem_and_a_law_is_for_everybody() {
        let problems = vec!["spec.fees[0]: no such fee".to_owned(), "spec.title: no text".to_owned()];
        let told = plan("law", Answer::Refused { problems });
        assert!(told.refused());
        let words = words(&told, TODAY);
        assert!(words.contains("  takes over  at once, for everybody\n"), "{words}");
        assert!(words.ends_with(
            "would refuse it:\n              spec.fees[0]: no such fee\n              spec.title: no text\n"
        ));
    }

    #[test]
    fn a_law_takes_over_on_its_day() {
        let mut told = plan("law", Answer::Accepted { warnings: vec!["write `hosted`".into()] });
        told.effective_from = Some("2027-01-01".into());
        let words = words(&told, TODAY);
        assert!(words.contains("takes over  for submissions from 2027-01-01 on (spec.effectiveFrom)"), "{words}");
        assert!(words.contains("would accept it, and advises:\n              write `hosted`"), "{words}");
    }
}

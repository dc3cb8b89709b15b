//! `kubectl xizmat diff`: the applied definition against the one in the cluster, by path, with what kind of change it is.

use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

use clap::Args;
use controller::kind;
use kernel::Failure;
use kube::Api;
use process::change::Kind;
use serde::Serialize;
use serde_json::Value;

use super::{
    change,
    cluster::{Asked, Cluster, refusal},
    difference::{self, Difference},
    local::{self, Local},
    output::Output,
    resource::{Applied, count, written},
};

#[derive(Args)]
pub struct Options {
    /// A service's folder, an agency's, or a file.
    path: PathBuf,
    #[command(flatten)]
    output: Output,
}

/// One resource beside the one in the cluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    pub kind: &'static str,
    pub name: String,
    /// The cluster has none of this name.
    pub new: bool,
    /// The strictest of all differences of a definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<&'static str>,
    pub differences: Vec<Told>,
    #[serde(skip)]
    pub live: Option<Applied>,
}

#[derive(Serialize)]
pub struct Told {
    #[serde(flatten)]
    pub difference: Difference,
    /// Of a definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<&'static str>,
}

impl Compared {
    fn differs(&self) -> bool {
        self.new || !self.differences.is_empty()
    }
}

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    let mut all = Vec::new();
    for one in local::read(&options.path, cluster)? {
        all.push(compare(cluster, &one).await?);
    }
    options.output.print(&all, || all.iter().map(words).collect());
    Ok(if all.iter().any(Compared::differs) { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

pub async fn compare(cluster: &Cluster, one: &Local) -> Result<Compared, Failure> {
    let resource = kind::resource(one.kind);
    let place = (!one.namespace.is_empty()).then_some(one.namespace.as_str());
    let api: Api<Applied> = match place {
        Some(namespace) => Api::namespaced_with(cluster.client.clone(), namespace, &resource),
        None => Api::all_with(cluster.client.clone(), &resource),
    };
    let named = format!("{}.{}", resource.plural, resource.group);
    let asked = Asked { verb: "get", resource: &named, namespace: place, name: Some(&one.name) };
    let live = api.get_opt(&one.name).await.map_err(|error| refusal(&error, asked))?;
    Ok(beside(one, live))
}

fn beside(one: &Local, live: Option<Applied>) -> Compared {
    let name = one.full_name();
    let Some(applied) = &live else {
        let differences = Vec::new();
        return Compared { kind: one.kind.name(), name, new: true, change: None, differences, live };
    };
    let before = written(one.kind, applied);
    let found = difference::between(&local::canonical(one.kind, &before), &local::canonical(one.kind, &one.value));
    let kinds = one.definition().map(|after| change::Kinds::between(&before, after));
    let told = |difference: Difference| {
        let change = kinds.as_ref().map(|kinds| kinds.of(&difference.path).name());
        Told { difference, change }
    };
    let change = kinds.as_ref().and_then(change::Kinds::strictest).map(Kind::name);
    let differences = found.into_iter().map(told).collect();
    Compared { kind: one.kind.name(), name, new: false, change, differences, live }
}

fn words(compared: &Compared) -> String {
    let Compared { kind, name, new, change, differences, .. } = compared;
    if *new {
        return format!("{kind} {name}: not in the cluster yet\n");
    }
    if differences.is_empty() {
        return format!("{kind} {name}: the same\n");
    }
    let change = change.map(|change| format!(", {change}")).unwrap_or_default();
    let number = count(differences.len() as u64, "difference", "differences");
    let mut out = format!("{kind} {name}: {number}{change}\n");
    for Told { difference, change } in differences {
        let Difference { path, before, after, moved } = difference;
        let change = change.map(|change| format!(" ({change})")).unwrap_or_default();
        let what = match (before, after) {
            _ if *moved => ": in another order",
            (None, _) => ": added",
            (_, None) => ": removed",
            _ => "",
        };
        let _ = writeln!(out, "  {path}{change}{what}");
        let [before, after] = [before, after].map(|value| value.as_ref().map(text).unwrap_or_default());
        let (gone, come) = apart(&before, &after);
        signed('-', &gone, &mut out);
        signed('+', &come, &mut out);
    }
    out
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Without the lines that both begin and end with: a template of many pages differs in a few.
fn apart<'a>(before: &'a str, after: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut before, mut after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let first = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    before.drain(..first);
    after.drain(..first);
    let last = before.iter().rev().zip(after.iter().rev()).take_while(|(one, other)| one == other).count();
    before.truncate(before.len() - last);
    after.truncate(after.len() - last);
    (before, after)
}

const LINES_MAX: usize = 8;
const LETTERS_MAX: usize = 160;

fn signed(sign: char, lines: &[&str], out: &mut String) {
    for line in lines.iter().take(LINES_MAX) {
        let short: String = line.chars().take(LETTERS_MAX).collect();
        let cut = if short.len() < line.len() { " …" } else { "" };
        let _ = writeln!(out, "    {sign} {short}{cut}");
    }
    let more = lines.len().saturating_sub(LINES_MAX);
    if more > 0 {
        let _ = writeln!(out, "    {sign} … {more} more lines");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(path: &str, before: Option<Value>, after: Option<Value>) -> Told {
        Told { difference: Difference { path: path.into(), before, after, moved: false }, change: Some("law") }
    }

    #[test]
    fn a_difference_shows_only_the_lines_that_differ() {
        let template = |line: &str| Some(json!(format!("= Title\n{line}\nThe end")));
        let compared = Compared {
            kind: "ServiceDefinition",
            name: "justice/copy".into(),
            new: false,
            change: Some("law"),
            differences: vec![
                told("spec.documents[0].template", template("Old words"), template("New words")),
                told("spec.fees[1]", None, Some(json!({"name": "duty"}))),
            ],
            live: None,
        };
        let expected = "\
ServiceDefinition justice/copy: 2 differences, law
  spec.documents[0].template (law)
    - Old words
    + New words
  spec.fees[1] (law): added
    + {\"name\":\"duty\"}
";
        assert_eq!(words(&compared), expected);
    }

    #[test]
    fn a_default_that_is_written_out_is_no_difference() {
        let value = |level: bool| {
            let mut spec = json!({"agency": "justice", "title": {"en": "Copy"}});
            if level {
                spec["level"] = "hosted".into();
            }
            let metadata = json!({"name": "copy", "namespace": "justice"});
            json!({"apiVersion": api::API_VERSION, "kind": "ServiceDefinition", "metadata": metadata, "spec": spec})
        };
        let canonical = |level| local::canonical(api::Kind::ServiceDefinition, &value(level));
        assert_eq!(difference::between(&canonical(true), &canonical(false)), []);
    }
}

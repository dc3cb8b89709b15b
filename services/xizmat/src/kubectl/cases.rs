//! `kubectl xizmat cases`: open cases and drafts, a line a revision. Numbers only: whose they are, the cluster does not know.

use std::process::ExitCode;

use api::Kind;
use clap::Args;
use kernel::Failure;
use kube::ResourceExt;
use serde::Serialize;

use super::{
    cluster::Cluster,
    output::Output,
    resource::{Applied, Revision, full_name, short, status},
    revisions::{self, Kept},
};

#[derive(Args)]
pub struct Options {
    /// One service; left out: all of the namespace.
    name: Option<String>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    service: String,
    revision: String,
    /// How many of a hundred people begin with it; none where the status does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<u32>,
    /// None where the status does not tell.
    open_cases: Option<u64>,
    drafts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_from: Option<String>,
    /// What it changed; empty where nobody tells.
    change: String,
}

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    let place = (!cluster.everywhere).then_some(cluster.namespace.as_str());
    let services = match &options.name {
        Some(name) => vec![cluster.definition(name).await?],
        None => cluster.list(Kind::ServiceDefinition, place).await?,
    };
    let kept = revisions::kept(cluster, place).await?;
    let rows: Vec<Row> = services.iter().flat_map(|service| rows(service, &kept)).collect();
    options.output.print(&rows, || table(&rows));
    Ok(ExitCode::SUCCESS)
}

fn rows(applied: &Applied, kept: &[Kept]) -> Vec<Row> {
    let service = full_name(applied);
    let name = applied.name_any();
    let change = |revision: &str| {
        let mut known = kept.iter().filter(|kept| kept.service == name);
        known.find(|kept| short(&kept.revision) == short(revision)).map(|kept| kept.change.clone()).unwrap_or_default()
    };
    let told = &status(applied).revisions;
    if let ([], Some(active)) = (told.as_slice(), &status(applied).active_revision) {
        let open_cases = status(applied).open_cases;
        let (revision, share, change) = (active.clone(), None, change(active));
        return vec![Row { service, revision, share, open_cases, drafts: None, effective_from: None, change }];
    }
    let row = |told: &Revision| Row {
        service: service.clone(),
        revision: told.revision.clone(),
        share: Some(told.share),
        open_cases: Some(told.open_cases),
        drafts: Some(told.drafts),
        effective_from: told.effective_from.clone(),
        change: change(&told.revision),
    };
    told.iter().map(row).collect()
}

fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "No service has a revision here. `kubectl xizmat status -A` shows what there is.\n".to_owned();
    }
    let number = |number: Option<u64>| number.map_or_else(|| "not told".to_owned(), |number| number.to_string());
    let head = ["SERVICE", "REVISION", "SHARE", "OPEN CASES", "DRAFTS", "FROM", "CHANGE"].map(str::to_owned);
    let mut lines = vec![head];
    for row in rows {
        lines.push([
            row.service.clone(),
            short(&row.revision).to_owned(),
            row.share.map(|share| format!("{share} %")).unwrap_or_default(),
            number(row.open_cases),
            number(row.drafts),
            row.effective_from.clone().unwrap_or_default(),
            row.change.clone(),
        ]);
    }
    let width = |column: usize| lines.iter().map(|line| line.get(column).map_or(0, |cell| cell.chars().count())).max();
    let widths: Vec<usize> = (0..7).map(|column| width(column).unwrap_or_default()).collect();
    let line = |cells: &[String; 7]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn applied(status: Value) -> Applied {
        let metadata = json!({"name": "copy", "namespace": "justice"});
        serde_json::from_value(json!({"metadata": metadata, "spec": {}, "status": status})).unwrap()
    }

    #[test]
    fn each_revision_has_a_line_with_its_numbers() {
        let service = applied(json!({"openCases": 5, "revisions": [
            {"revision": "b".repeat(64), "share": 5, "openCases": 1, "drafts": 0, "effectiveFrom": "2026-11-01"},
            {"revision": "a".repeat(64), "share": 95, "openCases": 4, "drafts": 2}]}));
        let kept = [Kept {
            service: "copy".into(),
            revision: "b".repeat(64),
            change: "presentation".into(),
            ..Kept::default()
        }];
        let expected = "\
SERVICE       REVISION      SHARE  OPEN CASES  DRAFTS  FROM        CHANGE
justice/copy  bbbbbbbbbbbb  5 %    1           0       2026-11-01  presentation
justice/copy  aaaaaaaaaaaa  95 %   4           2
";
        assert_eq!(table(&rows(&service, &kept)), expected);
    }

    #[test]
    fn what_the_status_does_not_tell_is_not_a_zero() {
        let rows = rows(&applied(json!({"activeRevision": "a".repeat(12)})), &[]);
        assert_eq!((rows[0].open_cases, rows[0].drafts), (None, None));
        assert!(table(&rows).contains("not told"));
    }
}

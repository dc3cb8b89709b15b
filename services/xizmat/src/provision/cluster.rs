//! A PostgreSQL that CloudNativePG runs for the platform alone: asked for before anything needs it, and waited for.

use std::{path::Path, time::Duration};

use clap::Args;
use controller::cloudnative::Cluster;
use kernel::Failure;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

/// The Job in which this runs has a little more time, so that it can still say what it waited for.
const WAIT: Duration = Duration::from_secs(540);
const LOOK: Duration = Duration::from_secs(2);

#[derive(Args)]
pub struct Asked {
    /// A `Cluster` of CloudNativePG to make for the platform, where no `--administrator-url-file` names a server.
    #[arg(long, value_name = "NAME", requires = "cluster_spec", conflicts_with = "administrator_url_file")]
    cluster: Option<String>,
    /// What that Cluster is to be: its `spec`, as JSON.
    #[arg(long, value_name = "JSON", requires = "cluster", value_parser = spec)]
    cluster_spec: Option<Map<String, Value>>,
}

fn spec(written: &str) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_str(written)
}

impl Asked {
    pub fn is_wanted(&self) -> bool {
        self.cluster.is_some()
    }

    pub async fn connect(&self, namespace: &str, kubeconfig_file: Option<&Path>) -> Result<Option<Cluster>, Failure> {
        match &self.cluster {
            Some(name) => Ok(Some(Cluster::connect(namespace, name, kubeconfig_file).await?)),
            None => Ok(None),
        }
    }

    /// `had`: the platform had databases the last time.
    pub async fn put(&self, cluster: &Cluster, release: &str, had: bool) -> Result<(), Failure> {
        let spec = self.cluster_spec.clone().unwrap_or_default();
        if had && begins_unasked(&spec) && !cluster.exists().await? {
            let message = format!(
                "The platform has had databases, and there is no Cluster `{}` that holds them: an empty one would be \
                 taken for it. Say in `postgresql.cloudNativePG.spec.bootstrap` which backup it begins from, or with \
                 `initdb: {{}}` that it begins empty; or name the server that holds them \
                 (`postgresql.administratorSecret`).",
                self.cluster.as_deref().unwrap_or_default()
            );
            return Err(Failure::conflict("provision.databases-lost", message));
        }
        cluster.put(release, spec).await
    }
}

/// Nobody said what it begins from.
fn begins_unasked(spec: &Map<String, Value>) -> bool {
    spec.get("bootstrap").is_none_or(Value::is_null)
}

/// Says what it waits for whenever that changes.
pub async fn administrator_url(cluster: &Cluster) -> Result<String, Failure> {
    let until = Instant::now() + WAIT;
    let mut told = String::new();
    loop {
        match cluster.administrator_url().await {
            Err(failure) if failure.code == "cloudnativepg.coming" && Instant::now() < until => {
                if failure.message != told {
                    println!("{}", failure.message);
                    told = failure.message;
                }
            }
            answered => return answered,
        }
        sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::provision::Options;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn asked(more: &[&str]) -> Result<Asked, clap::Error> {
        let line = ["provision", "--namespace=xizmat", "--folder=keys"].iter().chain(more);
        Line::try_parse_from(line).map(|line| line.options.cluster)
    }

    #[test]
    fn a_cluster_is_asked_for_by_name_and_form_and_not_beside_another_server() {
        assert!(!asked(&[]).unwrap().is_wanted());
        let both = asked(&["--cluster=x-postgres", r#"--cluster-spec={"instances":3}"#]).unwrap();
        assert!(both.is_wanted() && both.cluster_spec.unwrap()["instances"] == 3);
        assert!(asked(&["--cluster=x-postgres"]).is_err());
        assert!(asked(&["--cluster=x-postgres", "--cluster-spec=[]"]).is_err());
        let beside = ["--cluster=x-postgres", "--cluster-spec={}", "--administrator-url-file=url"];
        assert!(asked(&beside).is_err());
    }

    #[test]
    fn an_empty_cluster_takes_no_other_servers_place_unless_it_is_said_what_it_begins_from() {
        let begins = |spec: Value| begins_unasked(spec.as_object().unwrap());
        assert!(begins(serde_json::json!({"instances": 3})));
        assert!(!begins(serde_json::json!({"bootstrap": {"initdb": {}}})));
        assert!(!begins(serde_json::json!({"bootstrap": {"recovery": {"source": "before"}}})));
    }
}

//! `kubectl xizmat logs`: what the pods say that run a service, each line with the pod it comes from.

use std::{
    collections::HashSet,
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use futures::{AsyncBufReadExt, StreamExt, TryStreamExt};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};
use kernel::Failure;
use kube::{
    Api, ResourceExt,
    api::{ListParams, LogParams},
    runtime::{WatchStreamExt, watcher},
};
use tokio::sync::mpsc;

use super::{
    cluster::{Asked, Cluster, Missing, refusal},
    host::{self, Surroundings},
    trouble,
};

#[derive(Args)]
pub struct Options {
    /// The service.
    name: String,
    /// Goes on as pods say more, with pods that come later.
    #[arg(short, long, conflicts_with = "previous")]
    follow: bool,
    /// The last lines of each pod.
    #[arg(long, default_value_t = 200, value_name = "LINES")]
    tail: i64,
    /// What the container said that ended before the one that runs.
    #[arg(short, long)]
    previous: bool,
}

/// Lines that wait to be printed.
const QUEUE: usize = 1024;

struct Reader {
    pods: Api<Pod>,
    namespace: String,
    how: LogParams,
}

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    cluster.definition(&options.name).await?;
    let labels = labels_of_pods(cluster, &options.name).await?;
    let pods: Api<Pod> = Api::namespaced(cluster.client.clone(), &cluster.namespace);
    let how = LogParams {
        follow: options.follow,
        previous: options.previous,
        tail_lines: Some(options.tail),
        container: Some("eservice".to_owned()),
        ..LogParams::default()
    };
    let reader = Arc::new(Reader { pods, namespace: cluster.namespace.clone(), how });
    if options.follow {
        return follow(reader, &labels).await;
    }
    let listed = reader.pods.list(&ListParams::default().labels(&labels)).await;
    let all = listed.map_err(|error| refusal(&error, reader.asked("list", "pods", None)))?;
    if all.items.is_empty() {
        eprintln!("No pod runs `{}`. `kubectl xizmat why {0}` tells why.", options.name);
    }
    for pod in &all.items {
        reader.print(pod).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The pods of the host; the service's own, or the one that its agency's services share.
async fn labels_of_pods(cluster: &Cluster, name: &str) -> Result<String, Failure> {
    let mut missing = Missing::default();
    let around = Surroundings::read(cluster, &cluster.namespace, &mut missing).await?;
    let hosts = around.hosts_of(name);
    let labels = |deployment: &Deployment| {
        let wanted = host::labels(deployment)?.iter().map(|(label, value)| format!("{label}={value}"));
        Some(wanted.collect::<Vec<_>>().join(","))
    };
    // While it moves, the place that it goes to is the younger one.
    let youngest = hosts.iter().max_by_key(|host| host.deployment.creation_timestamp().map(|time| time.0));
    youngest.and_then(|host| labels(host.deployment)).ok_or_else(|| match missing.rights() {
        [] => {
            let message = format!(
                "No Deployment in the namespace `{}` runs `{name}`. Where the platform's one host of all serves it, its \
                 administrators see the logs: `kubectl logs --namespace PLATFORM deployment/RELEASE-eservice`.",
                cluster.namespace
            );
            Failure::not_found("kubectl.no-host", message)
        }
        rights => {
            let message = format!(
                "You may not {}. Ask the platform's administrators for that right, or for the logs.",
                rights.join(", nor ")
            );
            Failure::forbidden("kubectl.forbidden", message)
        }
    })
}

impl Reader {
    fn asked<'a>(&'a self, verb: &'a str, resource: &'a str, name: Option<&'a str>) -> Asked<'a> {
        Asked { verb, resource, namespace: Some(&self.namespace), name }
    }

    /// A pod that has said nothing yet is named with what it waits for.
    async fn print(&self, pod: &Pod) -> Result<(), Failure> {
        let name = pod.name_any();
        match self.pods.logs(&name, &self.how).await {
            Ok(text) => {
                let mut out = io::stdout().lock();
                // A reader that has seen enough (`head`) is no failure.
                let _ = text.lines().try_for_each(|line| writeln!(out, "{name}: {line}"));
                Ok(())
            }
            Err(kube::Error::Api(status)) if status.code == 400 => {
                let waits =
                    trouble::of_pod(pod, &[]).map(|trouble| format!(" ({}: {})", trouble.reason, trouble.message));
                eprintln!("{name}: {}{}", status.message, waits.unwrap_or_default());
                Ok(())
            }
            Err(error) => Err(refusal(&error, self.asked("get", "pods/log", Some(&name)))),
        }
    }

    /// Until the container ends or nobody reads any more.
    async fn follow(&self, pod: &str, lines: &mpsc::Sender<String>) -> Result<(), Failure> {
        let asked = self.asked("get", "pods/log", Some(pod));
        let stream = self.pods.log_stream(pod, &self.how).await.map_err(|error| refusal(&error, asked))?;
        let mut said = stream.lines();
        while let Ok(Some(line)) = said.try_next().await {
            if lines.send(format!("{pod}: {line}")).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Ends when nobody reads, or when logs may not be read; a container that starts again is followed again.
async fn follow(reader: Arc<Reader>, labels: &str) -> Result<ExitCode, Failure> {
    let (lines, mut said) = mpsc::channel::<String>(QUEUE);
    let (failed, mut failures) = mpsc::channel::<Failure>(1);
    let mut changes = watcher(reader.pods.clone(), watcher::Config::default().labels(labels))
        .default_backoff()
        .touched_objects()
        .boxed();
    let mut followed = HashSet::new();
    loop {
        tokio::select! {
            line = said.recv() => {
                let Some(line) = line else { return Ok(ExitCode::SUCCESS) };
                if writeln!(io::stdout(), "{line}").is_err() {
                    return Ok(ExitCode::SUCCESS);
                }
            }
            Some(failure) = failures.recv() => return Err(failure),
            change = changes.next() => {
                let pod = match change {
                    Some(Ok(pod)) => pod,
                    Some(Err(error)) => match denied(error) {
                        Some(error) => return Err(refusal(&error, reader.asked("watch", "pods", None))),
                        None => continue,
                    },
                    None => return Ok(ExitCode::SUCCESS),
                };
                let Some(container) = running(&pod) else { continue };
                let name = pod.name_any();
                if followed.insert(container) {
                    let (reader, lines, failed) = (reader.clone(), lines.clone(), failed.clone());
                    tokio::spawn(async move {
                        if let Err(failure) = reader.follow(&name, &lines).await {
                            let _ = failed.send(failure).await;
                        }
                    });
                }
            }
        }
    }
}

/// What is away is asked again; a right that is missing does not come by waiting.
fn denied(error: watcher::Error) -> Option<kube::Error> {
    let inner = match error {
        watcher::Error::InitialListFailed(inner) | watcher::Error::WatchStartFailed(inner) => inner,
        _ => return None,
    };
    matches!(&inner, kube::Error::Api(status) if status.is_forbidden()).then_some(inner)
}

/// Which container runs in the pod now; none before it has started.
fn running(pod: &Pod) -> Option<String> {
    let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
    let one = containers.iter().find(|one| one.state.as_ref().is_some_and(|state| state.running.is_some()))?;
    one.container_id.clone()
}

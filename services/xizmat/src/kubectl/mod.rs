//! `kubectl xizmat`: what a person asks of e-services on Kubernetes, with their own kubeconfig and no rights but their own.
//!
//! The program is this one under the name `kubectl-xizmat`, or `xizmat kubectl`.

mod annotation;
mod cases;
mod change;
mod cluster;
mod diff;
mod difference;
mod dry_run;
mod host;
mod local;
mod logs;
mod order;
mod output;
mod paragraph;
mod pause;
mod picture;
mod plan;
mod promote;
mod resource;
mod resume;
mod revisions;
mod rollback;
mod status;
mod tree;
mod trouble;
mod why;

use std::{ffi::OsString, path::Path, process::ExitCode};

use clap::{Parser, Subcommand};
use kernel::Failure;

use crate::{check, serve::install_crypto};

#[derive(Parser)]
#[command(name = "kubectl xizmat", bin_name = "kubectl xizmat", version, about = "E-services on Kubernetes")]
pub struct Arguments {
    #[command(flatten)]
    target: cluster::Target,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Services as a tree, from their agency down to the pods; what is not ready comes first.
    Status(status::Options),
    /// Tells in one paragraph why a service is not Ready, and what to do.
    Why(why::Options),
    /// Prints what would be applied from a service's folder or file.
    Render(check::RenderOptions),
    /// Compares what a folder or file says with what the cluster holds. Ends with 1 when they differ.
    Diff(diff::Options),
    /// Tells what applying a folder or file would do, and which open cases it touches. Ends with 1 when it would be refused.
    Plan(plan::Options),
    /// Gives a revision to everybody, without waiting for the steps of its rollout.
    Promote(promote::Options),
    /// Takes a revision back: applications follow the one before it again.
    Rollback(rollback::Options),
    /// Keeps the operator away from a service; what runs keeps running.
    Pause(pause::Options),
    /// Lets the operator look at a service again.
    Resume(resume::Options),
    /// Counts open cases and drafts, a line a revision.
    Cases(cases::Options),
    /// Shows the logs of the pods that run a service.
    Logs(logs::Options),
}

/// Called as a plugin of kubectl. What the program asks of itself under any name (`worker`) is no command of the plugin.
pub fn is_plugin(arguments: &[OsString]) -> bool {
    let named = arguments.first().and_then(|program| Path::new(program).file_stem()) == Some("kubectl-xizmat".as_ref());
    named && arguments.get(1).is_none_or(|first| first != "worker")
}

/// 0: yes; 1: no, where a command answers a question; 2: it could not be told.
pub fn main(arguments: Arguments) -> ExitCode {
    if let Command::Render(options) = &arguments.command {
        return check::render(options);
    }
    crate::block_on(async {
        run(arguments).await.unwrap_or_else(|failure| {
            eprintln!("xizmat: {failure}");
            ExitCode::from(2)
        })
    })
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    install_crypto();
    let Arguments { target, command } = arguments;
    let cluster = cluster::Cluster::connect(&target).await?;
    match command {
        Command::Status(options) => status::run(&cluster, &options).await,
        Command::Why(options) => why::run(&cluster, &options).await,
        Command::Render(options) => Ok(check::render(&options)),
        Command::Diff(options) => diff::run(&cluster, &options).await,
        Command::Plan(options) => plan::run(&cluster, &options).await,
        Command::Promote(options) => promote::run(&cluster, &options).await,
        Command::Rollback(options) => rollback::run(&cluster, &options).await,
        Command::Pause(options) => pause::run(&cluster, &options).await,
        Command::Resume(options) => resume::run(&cluster, &options).await,
        Command::Cases(options) => cases::run(&cluster, &options).await,
        Command::Logs(options) => logs::run(&cluster, &options).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn called(words: &[&str]) -> bool {
        is_plugin(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_name_of_the_program_makes_it_a_plugin_except_for_its_own_worker() {
        assert!(called(&["/usr/local/bin/kubectl-xizmat", "status"]) && called(&["kubectl-xizmat"]));
        assert!(!called(&["/usr/bin/xizmat", "kubectl", "status"]));
        assert!(!called(&["/usr/local/bin/kubectl-xizmat", "worker"]), "a copy starts itself to render templates");
    }

    #[test]
    fn where_to_look_is_said_before_or_after_the_command() {
        for words in [["-n", "justice", "why", "copy"], ["why", "copy", "-n", "justice"]] {
            let words = ["kubectl xizmat"].into_iter().chain(words);
            assert!(Arguments::try_parse_from(words).is_ok());
        }
        Arguments::command().debug_assert();
    }
}

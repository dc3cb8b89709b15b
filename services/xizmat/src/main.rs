//! The one product binary: every service as a subcommand, the tools of those who write definitions, and `up`.

mod approve;
mod as_operator;
mod audit;
mod authority;
mod booklet;
mod books;
mod cases;
mod check;
mod database;
mod databases;
mod grants;
mod guard;
mod health;
mod journey;
mod kubectl;
mod listing;
mod messages;
mod money;
mod officer;
mod officers;
mod operator;
mod provision;
mod records;
mod recovery;
mod reference;
mod revisions;
mod seals;
mod serve;
mod settings;
mod sign_in;
mod staff;
mod templates;
mod texts;
mod up;
mod verify;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use kernel::Failure;

#[derive(Parser)]
#[command(name = "xizmat", version, about = "Transactional public e-services from one definition each")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the whole platform on this machine: every service, a NATS server, SQLite files in one folder.
    Up(up::Options),
    /// Runs one service.
    Serve(serve::Options),
    /// Makes live what agencies apply to Kubernetes.
    Operator(operator::Options),
    /// E-services on Kubernetes, with your kubeconfig; under the name `kubectl-xizmat` the program is a plugin of kubectl.
    Kubectl(kubectl::Arguments),
    /// Judges definitions: every problem at once, each with its place and what to write instead.
    Check(check::Options),
    /// Makes the one resource for `kubectl apply` out of a service's folder.
    Render(check::RenderOptions),
    /// Runs the scenarios of a service in simulated time.
    Test(check::TestOptions),
    /// Writes a service in plain words for those who have to approve it, and prints the hash of what it wrote.
    Booklet(booklet::Options),
    /// Which languages of a service nobody has reviewed as they stand, and what to write once somebody has.
    Texts(texts::Options),
    /// Approves a service by the hash of its booklet: as the agency's lawyer or as its head.
    Approve(approve::Options),
    /// Services that are only listed: from a spreadsheet, and into one.
    #[command(subcommand)]
    Register(listing::What),
    /// Seals of an agency, and the withdrawal of one whose key may be in other hands.
    #[command(subcommand)]
    Seals(seals::What),
    /// Verifies a document without any connection.
    #[command(subcommand)]
    Verify(verify::What),
    /// The record of who did what.
    #[command(subcommand)]
    Audit(audit::What),
    /// Keys, credentials and databases of a platform on Kubernetes; the chart runs it before each installation and upgrade.
    Provision(provision::Options),
    /// Walks a citizen's journey through an installed platform and says what was not walked; `helm test` runs it.
    Journey(journey::Options),
    /// PostgreSQL databases and the roles that use them.
    #[command(subcommand)]
    Database(database::What),
    /// Legal holds on cases, and their erasure before its time.
    #[command(subcommand)]
    Records(records::What),
    /// Cases that are stuck, and another try of what failed.
    #[command(subcommand)]
    Cases(cases::What),
    /// Refunds that no provider makes.
    #[command(subcommand)]
    Money(money::What),
    /// Closed days of the books.
    #[command(subcommand)]
    Payments(books::What),
    /// What was sent to people.
    #[command(subcommand)]
    Messages(messages::What),
    /// What agencies give each other, and officers' approval of it.
    #[command(subcommand)]
    Grants(grants::What),
    /// After databases were restored: what they disagree about, and the end of the recovery.
    #[command(subcommand)]
    Recovery(recovery::What),
    /// Gives persons their roles in agencies.
    #[command(subcommand)]
    Officers(officers::What),
    /// Which revisions of a service people are offered, and whether new applications are taken.
    #[command(subcommand)]
    Revisions(revisions::What),
    /// The authority whose seals documents bear.
    #[command(subcommand)]
    Ca(authority::What),
    /// Prints the code that a demo officer's authenticator would show now (trial only).
    DemoCode {
        /// The officer's login, as `up` printed it.
        login: String,
        /// The platform's data folder.
        #[arg(long, env = "XIZMAT_DATA", default_value = "data")]
        data: PathBuf,
    },
    /// Renders templates for the sealing process; speaks on standard input and output.
    #[command(hide = true)]
    Worker,
    /// Ends a program when our standard input closes.
    #[command(hide = true)]
    Guard {
        /// Waits until no other program holds this file.
        #[arg(long)]
        alone: Option<PathBuf>,
        #[arg(last = true)]
        program: Vec<OsString>,
    },
    /// Prints the configuration reference (docs/configuration.md), or writes every reference that needs the services.
    #[command(hide = true)]
    Reference(reference::Options),
}

/// Where configuration comes from, for every command that has one.
#[derive(Args, Clone)]
pub struct Sources {
    /// Configuration file (TOML).
    #[arg(long, env = "XIZMAT_CONFIG")]
    pub config: Option<PathBuf>,
    /// Sets one value: `payments.judge_after_s=60`. Stronger than the environment, which is stronger than the file.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Prints the configuration in force and ends.
    #[arg(long)]
    pub dump_config: bool,
}

fn main() -> ExitCode {
    // The worker confines itself to one thread and no files: nothing else may have started before.
    let given: Vec<OsString> = std::env::args_os().collect();
    if kubectl::is_plugin(&given) {
        return kubectl::main(kubectl::Arguments::parse_from(given));
    }
    match Arguments::parse_from(given).command {
        Command::Worker => signing::worker::main(),
        Command::Guard { alone, program } => guard::run(&program, alone.as_deref()),
        Command::Reference(options) => reference::run(&options),
        Command::Check(options) => check::check(&options),
        Command::Render(options) => check::render(&options),
        Command::Test(options) => check::test(&options),
        Command::Booklet(options) => booklet::run(&options),
        Command::Texts(options) => texts::run(&options),
        Command::Approve(options) => run(approve::run(options)),
        Command::Register(what) => listing::run(what),
        Command::DemoCode { login, data } => up::demo_code(&login, &data),
        Command::Verify(what) => verify::run(&what),
        Command::Audit(what) => run(audit::run(what)),
        Command::Provision(options) => run(provision::run(options)),
        Command::Journey(options) => run(journey::run(options)),
        Command::Database(what) => run(database::run(what)),
        Command::Records(what) => run(records::run(what)),
        Command::Cases(what) => run(cases::run(what)),
        Command::Money(what) => run(money::run(what)),
        Command::Payments(what) => run(books::run(what)),
        Command::Messages(what) => run(messages::run(what)),
        Command::Grants(what) => run(grants::run(what)),
        Command::Recovery(what) => run(recovery::run(what)),
        Command::Officers(what) => run(officers::run(what)),
        Command::Revisions(what) => run(revisions::run(what)),
        Command::Seals(what) => run(seals::run(what)),
        Command::Ca(what) => run(async move { authority::run(&what) }),
        Command::Up(options) => run(up::run(options)),
        Command::Serve(options) => run(serve::run(options)),
        Command::Operator(options) => run(operator::run(options)),
        Command::Kubectl(arguments) => kubectl::main(arguments),
    }
}

/// One clear line for a person, and a non-zero exit.
fn run(work: impl Future<Output = Result<(), Failure>>) -> ExitCode {
    block_on(async {
        match work.await {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("xizmat: {failure}");
                ExitCode::FAILURE
            }
        }
    })
}

/// Twice the usual: unoptimised, the deepest request takes nearly all of the usual, and beyond it nothing but an abort is left.
const STACK_BYTES: usize = 4 << 20;

fn block_on(work: impl Future<Output = ExitCode>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK_BYTES).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("xizmat: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(work);
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    code
}

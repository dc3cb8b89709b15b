//! Starts one service, or all of them in the order in which they need each other.

use std::{net::SocketAddr, path::PathBuf, pin::Pin, sync::Arc, time::Duration};

use axum::Router;
use boot::{Kit, Stage, Started, config};
use clap::{Args, ValueEnum};
use kernel::Failure;

use crate::{Sources, health, settings::Settings, templates::Typst};

/// In the order in which they are started; they stop in the opposite one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Exchange,
    Identity,
    Register,
    Signing,
    Notifications,
    Payments,
    Eservice,
    Docket,
    Portal,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Identity => "identity",
            Self::Register => "register",
            Self::Signing => "signing",
            Self::Notifications => "notifications",
            Self::Payments => "payments",
            Self::Eservice => "eservice",
            Self::Docket => "docket",
            Self::Portal => "portal",
        }
    }
}

#[derive(Args)]
pub struct Options {
    /// Which service.
    role: Role,
    #[command(flatten)]
    sources: Sources,
    /// Address of the service's HTTP edge, where it has one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address of the health checks and metrics; left out: none.
    #[arg(long)]
    health: Option<SocketAddr>,
    /// Civil time follows this file (seconds ahead); for trials.
    #[arg(long, hide = true)]
    rehearsal: Option<PathBuf>,
}

/// Real time, or a rehearsal's.
pub fn kit(stage: Stage, rehearsal: Option<PathBuf>) -> Result<Kit, Failure> {
    match rehearsal {
        Some(file) => Kit::rehearsal(stage, file),
        None => Ok(Kit::system(stage)),
    }
}

pub async fn run(options: Options) -> Result<(), Failure> {
    let settings = load(&Settings::default(), &options.sources)?;
    if options.sources.dump_config {
        print!("{}", config::dump(&settings));
        return Ok(());
    }
    // From the first moment on: a container's first process that does not listen cannot be told to stop.
    let interrupted = interrupted();
    tokio::pin!(interrupted);
    let told = boot::telemetry::Manner { name: options.role.name(), json: true };
    let telling = boot::telemetry::start(told, &settings.telemetry)?;
    install_crypto();
    let kit = kit(settings.stage, options.rehearsal.clone())?;
    // Before the service starts: a process that waits for the bus is alive, not ready.
    let running = health::Running::default();
    tell_health(options.health, &running, &kit).await?;
    if let Some(started) = unless(interrupted.as_mut(), start(options.role, &kit, &settings)).await? {
        if let Some(router) = started.edge {
            let listener =
                tokio::net::TcpListener::bind(options.listen).await.map_err(|error| in_use(options.listen, &error))?;
            let router = mount(Router::new(), options.role, Some(router));
            tokio::spawn(serve_http(listener, router, kit.shutdown.clone()));
        }
        running.start();
        interrupted.await;
    }
    kit.stop(Duration::from_secs(5)).await;
    telling.stop().await;
    Ok(())
}

/// Health checks and metrics on an address of their own, where one is given.
pub async fn tell_health(address: Option<SocketAddr>, running: &health::Running, kit: &Kit) -> Result<(), Failure> {
    if let Some(address) = address {
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| in_use(address, &error))?;
        tokio::spawn(serve_http(listener, health::router(running.clone()), kit.shutdown.clone()));
    }
    Ok(())
}

/// A role that was started.
pub struct Running {
    pub edge: Option<Router>,
    /// It serves nobody before `xizmat recovery end` and another start.
    pub recovering: bool,
}

pub async fn start(role: Role, kit: &Kit, settings: &Settings) -> Result<Running, Failure> {
    sql::stage::fix(database(role, settings), kit.stage.as_str()).await?;
    let recovering = sql::recovery::begin(database(role, settings), &settings.recovery).await?;
    let kit = &kit.of(role.name()).over(recovering);
    if recovering {
        tracing::warn!(role = role.name(), "its data is being recovered: it serves nobody until `xizmat recovery end`");
    }
    let started = start_role(role, kit, settings).await?;
    // The portal shows everybody what happens; providers' calls and sign-ins are told to come back.
    let closed = recovering && role != Role::Portal;
    let edge = started.router.map(|router| if closed { closed_edge() } else { router });
    Ok(Running { edge, recovering })
}

fn closed_edge() -> Router {
    use axum::http::{StatusCode, header::RETRY_AFTER};
    Router::new().fallback(async || (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "300")], "platform.recovering\n"))
}

async fn start_role(role: Role, kit: &Kit, settings: &Settings) -> Result<Started, Failure> {
    match role {
        Role::Exchange => exchange::start(kit, settings.exchange.clone()).await,
        Role::Identity => identity::start(kit, settings.identity.clone()).await,
        Role::Register => register::start(kit, settings.register.clone(), Arc::new(Typst::new()?)).await,
        Role::Signing => signing::start(kit, settings.signing.clone()).await,
        Role::Notifications => notifications::start(kit, settings.notifications.clone()).await,
        Role::Payments => payments::start(kit, settings.payments.clone()).await,
        Role::Eservice => eservice::start(kit, settings.eservice.clone()).await,
        Role::Docket => docket::start(kit, settings.docket.clone()).await,
        Role::Portal => portal::start(kit, settings.portal.clone()).await,
    }
}

/// Where a role's edge lies under the platform's one address, in one process or in many.
pub fn mount(router: Router, role: Role, edge: Option<Router>) -> Router {
    match (role, edge) {
        (Role::Identity, Some(edge)) => router.nest("/identity", edge),
        (Role::Payments, Some(edge)) => router.nest("/callback", edge),
        (_, Some(edge)) => router.merge(edge),
        (_, None) => router,
    }
}

fn database(role: Role, settings: &Settings) -> &sql::Settings {
    match role {
        Role::Exchange => &settings.exchange.database,
        Role::Identity => &settings.identity.database,
        Role::Register => &settings.register.database,
        Role::Signing => &settings.signing.database,
        Role::Notifications => &settings.notifications.database,
        Role::Payments => &settings.payments.database,
        Role::Eservice => &settings.eservice.database,
        Role::Docket => &settings.docket.database,
        Role::Portal => &settings.portal.database,
    }
}

pub fn load(base: &Settings, sources: &Sources) -> Result<Settings, Failure> {
    let environment = std::env::vars().collect();
    let sources = config::Sources { file: sources.config.as_deref(), environment, flags: sources.set.clone() };
    let mut settings: Settings = config::load_over(base, &sources)?;
    settings.judge()?;
    Ok(settings)
}

/// One cryptographic provider for every TLS connection and token of the process; a second call does nothing.
pub fn install_crypto() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

pub async fn serve_http(
    listener: tokio::net::TcpListener,
    router: Router,
    shutdown: tokio_util::sync::CancellationToken,
) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(async move { shutdown.cancelled().await }).await;
    if let Err(error) = served {
        tracing::error!(%error, "the HTTP listener ended");
    }
}

pub fn in_use(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::conflict(
        "up.port-in-use",
        format!("Cannot listen on {address}: {error}. Stop what uses it, or choose another address."),
    )
}

/// The process is told to stop. Heard from this call on, not from the first time that it is waited for.
pub fn interrupted() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).expect("signals can be listened to");
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt()), listen(SignalKind::terminate()));
    async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// What comes of some work; nothing when the process is told to stop before: a start may wait for others without an end.
pub async fn unless<T>(
    interrupted: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<Option<T>, Failure> {
    tokio::select! {
        came = work => came.map(Some),
        () = interrupted => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_role_starts_on_the_data_of_another_stage() {
        let folder = testkit::folder();
        for role in Role::value_variants() {
            let mut settings = Settings::default();
            let file = sql::Settings::file(folder.join(format!("{}-of-a-trial.sqlite", role.name())));
            *match role {
                Role::Exchange => &mut settings.exchange.database,
                Role::Identity => &mut settings.identity.database,
                Role::Register => &mut settings.register.database,
                Role::Signing => &mut settings.signing.database,
                Role::Notifications => &mut settings.notifications.database,
                Role::Payments => &mut settings.payments.database,
                Role::Eservice => &mut settings.eservice.database,
                Role::Docket => &mut settings.docket.database,
                Role::Portal => &mut settings.portal.database,
            } = file.clone();
            sql::stage::fix(&file, Stage::Trial.as_str()).await.unwrap();
            let refused = start(*role, &Kit::system(Stage::Production), &settings).await.err().unwrap();
            assert_eq!(refused.code, "store.stage-fixed", "{}", role.name());
        }
    }

    #[tokio::test]
    async fn who_waits_for_others_at_its_start_can_be_told_to_stop() {
        let waits = std::future::pending::<Result<(), Failure>>();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let interrupted = async { stopped.await.unwrap_or_default() };
        tokio::pin!(interrupted);
        let starting = unless(interrupted.as_mut(), waits);
        let (came, ()) = tokio::join!(starting, async { stop.send(()).unwrap() });
        assert_eq!(came.unwrap(), None);
        let never = std::future::pending();
        tokio::pin!(never);
        assert_eq!(unless(never.as_mut(), async { Ok(7) }).await.unwrap(), Some(7));
        let failed = unless(never.as_mut(), async { Err::<(), _>(Failure::invalid("test.wrong", "Wrong.")) }).await;
        assert_eq!(failed.unwrap_err().code, "test.wrong");
    }

    #[test]
    fn production_keeps_real_time() {
        let refused = kit(Stage::Production, Some(testkit::folder().join("clock-shift"))).err().unwrap();
        assert_eq!(refused.code, "up.rehearsal-in-production");
        assert!(kit(Stage::Production, None).is_ok());
    }
}

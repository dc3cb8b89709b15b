//! The only pusher of account claims: computes them from the database and pushes all of them on every connection.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_nats::Client;
use kernel::{Clock, Failure, Random, Time};
use sql::{Database, Tx};
use tokio::sync::{Mutex, Notify};

use crate::{
    bus::{announced, deliver_event},
    domain::{
        claims::{self, Account, Export, Import, Storage},
        grant,
    },
    keys::Folder,
    permissions,
    provision::PLATFORM,
    servers, store,
};

/// An expired grant ends at the call at once; its export ends with the next look.
const LOOK_EVERY: Duration = Duration::from_secs(30);
const PUSH_LIMIT: Duration = Duration::from_secs(5);

/// What one agency's own systems may take of the bus.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    pub connections: u32,
    pub subscriptions: u32,
}

pub struct Accounts {
    client: Client,
    database: Database,
    folder: Folder,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    quota: Quota,
    /// What the server has, as far as we know.
    pushed: Mutex<HashMap<String, Account>>,
    reconnected: Arc<Notify>,
}

impl Accounts {
    /// Connects to the system account, pushes every account once, and keeps them right from then on.
    pub(crate) async fn start(
        kit: &boot::Kit,
        bus: &bus::Settings,
        folder: &Folder,
        database: &Database,
        quota: Quota,
    ) -> Result<Arc<Self>, Failure> {
        let reconnected = Arc::new(Notify::new());
        let client = connect(bus, folder, &reconnected).await;
        let accounts = Arc::new(Self {
            client,
            database: database.clone(),
            folder: folder.clone(),
            clock: kit.clock.clone(),
            random: kit.random.clone(),
            quota,
            pushed: Mutex::default(),
            reconnected,
        });
        accounts.push_all().await?;
        servers::watch(kit, &accounts.client);
        let (kept, shutdown) = (accounts.clone(), kit.shutdown.clone());
        kit.spawn_always("accounts", move || {
            let (accounts, shutdown) = (kept.clone(), shutdown.clone());
            async move {
                tokio::select! {
                    () = shutdown.cancelled() => Ok(()),
                    outcome = accounts.keep() => outcome,
                }
            }
        });
        Ok(accounts)
    }

    async fn keep(&self) -> Result<(), Failure> {
        loop {
            tokio::select! {
                // The server may have lost what was pushed.
                () = self.reconnected.notified() => self.push_all().await?,
                () = tokio::time::sleep(LOOK_EVERY) => self.push_changed().await?,
            }
        }
    }

    async fn push_all(&self) -> Result<(), Failure> {
        self.pushed.lock().await.clear();
        self.push_changed().await
    }

    /// Pushes the accounts whose claims differ from what the server has. Agencies come before the platform, which imports from them.
    pub async fn push_changed(&self) -> Result<(), Failure> {
        let mut pushed = self.pushed.lock().await;
        let now = self.clock.now();
        let mut tx = self.database.read().await?;
        let accounts = wanted(&mut tx, &self.folder, &*self.random, self.quota, now).await?;
        drop(tx);
        let operator = self.folder.operator(&*self.random)?;
        for (key, account) in accounts {
            if pushed.get(&key) == Some(&account) {
                continue;
            }
            let token = claims::account(&operator, &key, &account, now)?;
            self.push(&account.name, token).await?;
            pushed.insert(key, account);
        }
        Ok(())
    }

    async fn push(&self, name: &str, token: String) -> Result<(), Failure> {
        let failed = |detail: String| {
            Failure::unavailable("exchange.push", "The bus does not take the accounts now.")
                .with_detail(format!("{name}: {detail}"))
        };
        let request = async_nats::Request::new().payload(token.into()).timeout(Some(PUSH_LIMIT));
        let reply = self.client.send_request(permissions::CLAIMS_UPDATE, request).await;
        let reply = reply.map_err(|error| failed(error.to_string()))?;
        let answer: serde_json::Value =
            serde_json::from_slice(&reply.payload).map_err(|error| failed(error.to_string()))?;
        if answer["data"]["code"] != 200 {
            return Err(failed(answer["error"]["description"].to_string()));
        }
        tracing::info!(account = name, "account claims pushed");
        Ok(())
    }
}

async fn connect(bus: &bus::Settings, folder: &Folder, reconnected: &Arc<Notify>) -> Client {
    let mut pause = Duration::from_millis(50);
    loop {
        match attempt(bus, folder, reconnected.clone()).await {
            Ok(client) => return client,
            Err(refusal) => tracing::debug!(url = bus.url, refusal, "waiting for the NATS server"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

async fn attempt(bus: &bus::Settings, folder: &Folder, reconnected: Arc<Notify>) -> Result<Client, String> {
    let file = folder.credentials(permissions::PUSHER);
    bus.connect_options()
        .name("xizmat exchange (accounts)")
        .custom_inbox_prefix(bus::subject::inbox_prefix(permissions::PUSHER))
        .event_callback(move |event| {
            let reconnected = reconnected.clone();
            async move {
                if matches!(event, async_nats::Event::Connected) {
                    reconnected.notify_one();
                }
            }
        })
        .credentials_file(&file)
        .await
        .map_err(|error| format!("{}: {error}", file.display()))?
        .connect(bus.servers())
        .await
        .map_err(|error| error.to_string())
}

/// Every account with the claims it should have now: an operation is exported only while a grant in force needs it.
async fn wanted(
    tx: &mut Tx,
    folder: &Folder,
    random: &dyn Random,
    quota: Quota,
    now: Time,
) -> Result<Vec<(String, Account)>, Failure> {
    let accounts = store::accounts::all(tx).await?;
    let mut refused = refused(store::agents::ended(tx).await?);
    let in_force = grant::in_force(store::grants::all(tx).await?, now);
    let mut exported: HashMap<String, Vec<Export>> = HashMap::new();
    let mut imports = Vec::new();
    for version in &in_force {
        let gives = |account: &&store::accounts::Account| account.agency == version.agency && !account.closed;
        let Some(account) = accounts.iter().find(gives) else { continue };
        for (registry, operation) in operations(tx, version).await? {
            let subject = format!("registry.{registry}.{operation}");
            let local = format!("registry.{}.{registry}.{operation}", version.agency);
            exported.entry(account.agency.clone()).or_default().push(Export::service(&subject, subject.clone()));
            imports.push(Import::service(&local, &account.public_key, subject, local.clone()));
        }
    }
    // What an agency's services announce, its own system takes: nobody has to agree to that.
    for account in accounts.iter().filter(|account| !account.closed) {
        let (subject, local) = (deliver_event::SUBJECT, format!("{}.{}", deliver_event::SUBJECT, account.agency));
        exported.entry(account.agency.clone()).or_default().push(Export::service(subject, subject.to_owned()));
        imports.push(Import::service(&local, &account.public_key, subject.to_owned(), local.clone()));
    }
    imports.sort();
    imports.dedup();
    let platform = folder.account(PLATFORM, random)?;
    let platform_key = platform.identity.public_key();
    let mut wanted = Vec::with_capacity(accounts.len() + 1);
    for account in accounts {
        let mut exports = exported.remove(&account.agency).unwrap_or_default();
        exports.sort();
        exports.dedup();
        // Whose system announces something, the subject says: the agency cannot choose it.
        let theirs = format!("{}.{}", announced::SUBJECT, account.agency);
        let own = announced::SUBJECT;
        let claims = Account {
            imports: vec![Import::service(own, &platform_key, theirs, own.to_owned())],
            revocations: refused.remove(&account.agency).unwrap_or_default(),
            name: account.agency,
            signing_keys: vec![account.signing_key],
            exports,
            // Whoever is connected when it is closed is put out.
            connections: Some(if account.closed { 0 } else { quota.connections.into() }),
            subscriptions: Some(quota.subscriptions.into()),
            ..Account::default()
        };
        wanted.push((account.public_key, claims));
    }
    let taken = format!("{}.*", announced::SUBJECT);
    let claims = Account {
        name: PLATFORM.into(),
        exports: vec![Export::service(announced::SUBJECT, taken)],
        signing_keys: vec![platform.signing.public_key()],
        imports,
        revocations: revoked(store::hosts::all(tx).await?),
        storage: Storage::Bytes(-1),
        ..Account::default()
    };
    wanted.push((platform_key, claims));
    Ok(wanted)
}

/// Users of hosts that ended, with when; one that was admitted again is let in by newer credentials.
fn revoked(hosts: Vec<store::hosts::Host>) -> Vec<(String, i64)> {
    let ended = |host: store::hosts::Host| Some((host.nats_user, host.ended?.seconds()));
    hosts.into_iter().filter_map(ended).collect()
}

/// Keys that agencies' systems had before, by agency.
fn refused(ended: Vec<store::agents::Ended>) -> HashMap<String, Vec<(String, i64)>> {
    let mut refused: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    for store::agents::Ended { agency, nats_user, at } in ended {
        refused.entry(agency).or_default().push((nats_user, at.seconds()));
    }
    refused
}

/// The operations of a grant that its registry really has.
async fn operations(tx: &mut Tx, version: &grant::Version) -> Result<Vec<(String, String)>, Failure> {
    let Some(name) = &version.spec.registry else {
        return Ok(Vec::new());
    };
    let registry = store::resources::registry(tx, &version.agency, name).await?;
    let has = |operation: &&String| registry.as_ref().is_some_and(|registry| registry.operation(operation).is_some());
    Ok(version.spec.operations.iter().filter(has).map(|operation| (name.clone(), operation.clone())).collect())
}

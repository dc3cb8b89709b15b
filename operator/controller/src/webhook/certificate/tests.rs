//! Certificates change under load, and whoever asks does not notice.

use std::{
    sync::{
        Mutex, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kernel::{ManualClock, SeededRandom};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use super::{
    kept::Kept,
    made::make,
    rotation::{Rotation, Seen},
    served::Shown,
    *,
};
use crate::webhook::{OTHERS, desk, listen, verdict::Site};

const SETTLE: Duration = Duration::from_secs(30);
const WORKERS: usize = 4;
const BODY: &str = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","kind":{"group":"","kind":"Pod"}}}"#;

/// A webhook that serves, and an API server that asks it without end.
struct World {
    clock: ManualClock,
    random: SeededRandom,
    served: Arc<Served>,
    kept: Kept,
    rotation: Rotation,
    told: Arc<RwLock<String>>,
    rounds: Arc<[AtomicU64; WORKERS]>,
}

impl World {
    fn look(&mut self, asked: bool) -> bool {
        if let Some(pair) = &self.kept.current {
            self.served.show(Shown { chain: &pair.certificate, key: &pair.key }).unwrap();
        }
        let told = *self.told.read().unwrap() == self.kept.bundle();
        let (names, now, random) = (["localhost".to_owned()], self.clock.now(), &self.random);
        let seen = Seen { told, asked, names: &names, now };
        let make = || make(&names, Duration::from_secs(90 * 86_400), now, random);
        let Some(kept) = self.rotation.step(&self.kept, seen, make).unwrap() else { return false };
        self.kept = kept;
        true
    }

    fn tell(&self) {
        *self.told.write().unwrap() = self.kept.bundle();
    }

    /// As long as a change takes to arrive: until everybody who asks has begun anew.
    async fn settle(&mut self) {
        self.look(false);
        let before: Vec<u64> = self.rounds.iter().map(|rounds| rounds.load(Ordering::SeqCst)).collect();
        while self.rounds.iter().zip(&before).any(|(rounds, before)| rounds.load(Ordering::SeqCst) < before + 2) {
            tokio::task::yield_now().await;
        }
        self.clock.advance(SETTLE);
    }
}

/// Believes what was told when it connects, then asks three times over the same connection.
async fn ask(address: std::net::SocketAddr, bundle: &str) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(bundle.as_bytes()) {
        roots.add(authority.unwrap()).unwrap();
    }
    let believing = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream =
        TlsConnector::from(Arc::new(believing)).connect(name, stream).await.map_err(|error| error.to_string())?;
    for _ in 0..3 {
        let request =
            format!("POST /judge HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{BODY}", BODY.len());
        stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut answer = Vec::new();
        // The answer ends with the object.
        while !answer.ends_with(b"}}") {
            let mut part = [0; 4096];
            match stream.read(&mut part).await {
                Ok(length) if length > 0 => answer.extend_from_slice(&part[..length]),
                ended => return Err(format!("{ended:?}")),
            }
        }
        let answer = String::from_utf8_lossy(&answer);
        if !answer.starts_with("HTTP/1.1 200 ") || !answer.contains("\"allowed\":true") {
            return Err(answer.into_owned());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn certificates_change_under_load_without_a_request_that_fails() {
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
    let (address, shutdown, served) = (listener.local_addr().unwrap(), CancellationToken::new(), Served::nothing_yet());
    let (tls, router) = (served.configuration().unwrap(), desk::router(Site { trial: true, hosts: true }, OTHERS));
    let serving = tokio::spawn(listen::listen(listener, tls, router, shutdown.clone()));
    let mut world = World {
        // Clients judge certificates by the time it is.
        clock: ManualClock::at(boot::SystemClock::default().now()),
        random: SeededRandom::new(5),
        served,
        kept: Kept::default(),
        rotation: Rotation::new(SETTLE),
        told: Arc::default(),
        rounds: Arc::default(),
    };
    assert!(world.look(false), "the first certificate");
    world.look(false);
    world.tell();

    let (failures, enough): (Arc<Mutex<Vec<String>>>, _) = (Arc::default(), CancellationToken::new());
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let (told, rounds, failures, enough) =
                (world.told.clone(), world.rounds.clone(), failures.clone(), enough.clone());
            tokio::spawn(async move {
                while !enough.is_cancelled() {
                    let bundle = told.read().unwrap().clone();
                    if let Err(failure) = ask(address, &bundle).await {
                        failures.lock().unwrap().push(failure);
                    }
                    rounds[worker].fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for _ in 0..5 {
        let before = world.kept.current.clone();
        assert!(world.look(true), "the next certificate is made");
        world.tell();
        world.settle().await;
        assert!(world.look(false), "it takes over");
        assert_ne!(world.kept.current, before);
        world.look(false);
        world.tell();
        while world.kept.previous.is_some() {
            world.settle().await;
            world.look(false);
        }
        world.tell();
        world.settle().await;
    }
    enough.cancel();
    for worker in workers {
        worker.await.unwrap();
    }
    shutdown.cancel();
    serving.await.unwrap().unwrap();
    assert_eq!(*failures.lock().unwrap(), Vec::<String>::new());
}

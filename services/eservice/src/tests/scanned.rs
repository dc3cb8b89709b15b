//! Files in quarantine: nobody reads one before the scanner called it clean, and of a harmful one nothing stays.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kernel::Failure;
use proto::eservice::v1::SubmitReply;
use sql::args;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    files::{acts, answer_the_rest, code, exempt, field, read, remove, scan, send},
    uploads,
    world::{CITIZEN, World},
};
use crate::{
    bus::submit,
    scanner::{Scanner, Settings},
    scanning::scan_due,
    store::MIGRATIONS,
};

/// What this scanner knows.
const HARM: &[u8] = b"harmful-for-this-test";

/// Speaks clamd's protocol, except while it is away.
#[derive(Clone, Default)]
struct Clamd {
    away: Arc<AtomicBool>,
}

impl Clamd {
    /// A host in whose configuration it stands.
    async fn beside(&self, database: sql::Database) -> World {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = Settings { address: listener.local_addr().unwrap().to_string(), ..Settings::default() };
        let clamd = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever is away closes without a word.
                if !clamd.away.load(Ordering::SeqCst) {
                    tokio::spawn(converse(stream));
                }
            }
        });
        let mut world = World::new(database).await;
        let host = Arc::get_mut(&mut world.host).expect("nobody else has the host yet");
        host.scanner = Some(Scanner::new(&settings, boot::Stage::Trial).unwrap());
        world
    }
}

async fn converse(mut stream: TcpStream) -> io::Result<()> {
    let mut command = [0; 10];
    stream.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut file = Vec::new();
    loop {
        let length = stream.read_u32().await?;
        if length == 0 {
            break;
        }
        let mut piece = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut piece).await?;
        file.extend(piece);
    }
    let harmful = file.windows(HARM.len()).any(|window| window == HARM);
    let answer: &[u8] = if harmful { b"stream: Test.Harm FOUND\0" } else { b"stream: OK\0" };
    stream.write_all(answer).await
}

async fn submitted(world: &World, case: &[u8]) -> Result<SubmitReply, Failure> {
    let request = Box::pin(world.submission(CITIZEN, case)).await;
    Box::pin(submit::submit(world.host.clone(), world.call(CITIZEN, request))).await
}

fn counted(outcome: &str) -> f64 {
    let values = boot::metrics::FILES_SCANNED.values();
    values.into_iter().find(|(labels, _)| labels[0] == outcome).map_or(0.0, |(_, count)| count)
}

#[tokio::test]
async fn a_file_is_read_and_sent_only_after_it_was_checked_however_long_the_scanner_is_away() {
    let content = scan(300_000);
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let clamd = Clamd::default();
        let world = clamd.beside(database).await;
        let case = exempt(&world).await;
        send(&world, &case, "scan.pdf", &content).await.unwrap();
        let file = field(&world, &case).await.files[0].clone();
        assert_eq!(file.state, "checking", "{engine}");
        answer_the_rest(&world, &case).await;
        assert_eq!(code(read(&world, CITIZEN, &case, &file.id, &[]).await), "file.being-checked", "{engine}");
        assert_eq!(code(submitted(&world, &case).await), "file.being-checked", "{engine}");
        clamd.away.store(true, Ordering::SeqCst);
        let failed = counted("failed");
        assert_eq!(scan_due(&world.host).await.unwrap(), 0, "{engine}");
        assert!(counted("failed") > failed, "{engine}: somebody hears of it");
        assert_eq!(field(&world, &case).await.files[0].state, "checking", "{engine}: it stays where it is");
        clamd.away.store(false, Ordering::SeqCst);
        assert_eq!(scan_due(&world.host).await.unwrap(), 0, "{engine}: not at once again");
        world.clock.advance(Duration::from_secs(30));
        assert_eq!(scan_due(&world.host).await.unwrap(), 1, "{engine}");
        assert_eq!(field(&world, &case).await.files[0].state, "", "{engine}");
        assert!(read(&world, CITIZEN, &case, &file.id, &[]).await.unwrap() == content, "{engine}");
        submitted(&world, &case).await.unwrap();
        assert_eq!(scan_due(&world.host).await.unwrap(), 0, "{engine}: once");
    }
}

#[tokio::test]
async fn a_harmful_file_is_destroyed_named_to_its_applicant_and_keeps_the_application_back_until_it_is_taken_away() {
    let harmful = [scan(100), HARM.to_vec()].concat();
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = Clamd::default().beside(database).await;
        let case = exempt(&world).await;
        send(&world, &case, "letter.pdf", &harmful).await.unwrap();
        send(&world, &case, "scan.pdf", &scan(100)).await.unwrap();
        answer_the_rest(&world, &case).await;
        assert_eq!(scan_due(&world.host).await.unwrap(), 2, "{engine}");
        let files = field(&world, &case).await.files;
        let told: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.state.as_str())).collect();
        assert_eq!(told, [("letter.pdf", "harmful"), ("scan.pdf", "")], "{engine}");
        assert_eq!(code(read(&world, CITIZEN, &case, &files[0].id, &[]).await), "file.harmful", "{engine}");
        assert!(read(&world, CITIZEN, &case, &files[1].id, &[]).await.unwrap() == scan(100), "{engine}");
        assert_eq!(code(submitted(&world, &case).await), "file.harmful", "{engine}");
        assert_eq!(acts(&world, "file.harmful").await, 1, "{engine}");
        let mut tx = world.host.database.read().await.unwrap();
        let left = tx.fetch_one("SELECT COUNT(*) FROM case_pieces", args![]).await.unwrap().int(0).unwrap();
        drop(tx);
        assert_eq!(left, 1, "{engine}: only the clean one is kept");
        remove(&world, &case, &files[0].id).await;
        submitted(&world, &case).await.unwrap();
    }
}

#[tokio::test]
async fn an_upload_of_what_was_found_harmful_meanwhile_ends_and_becomes_no_file() {
    let harmful = [scan(100), HARM.to_vec()].concat();
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = Clamd::default().beside(database).await;
        let case = exempt(&world).await;
        let id = uploads::begin(&world, &case, "again.pdf", harmful.len()).await.unwrap().id;
        uploads::put(&world, CITIZEN, &case, &id, (0, &[&harmful])).await.unwrap();
        send(&world, &case, "letter.pdf", &harmful).await.unwrap();
        assert_eq!(scan_due(&world.host).await.unwrap(), 1, "{engine}");
        assert_eq!(code(uploads::attach(&world, &case, &id).await), "file.not-stored", "{engine}");
        assert_eq!(code(uploads::stands(&world, CITIZEN, &case, &id).await), "file.no-upload", "{engine}: it ended");
        assert!(field(&world, &case).await.uploads.is_empty(), "{engine}");
    }
}

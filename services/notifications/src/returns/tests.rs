//! Mail servers at the door, honest and hostile: what is ours is taken once, what is not ours changes nothing.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Clock, MessageId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{dialogue, take::Taken};
use crate::{
    bus::{
        Office, Reach,
        tests::{CITIZEN, World, worlds},
    },
    channels::{Carrier, Carriers},
    deliver::{Rules, Sender},
    domain::{
        delivery::{Fate, Outcome},
        quiet::Quiet,
        report::{BYTES_MAX, Report, tests::report},
        text::Letter,
    },
    store::deliveries,
};

/// A report about a letter, as it takes effect.
pub async fn came_back(world: &World, letter: MessageId, report: Report) {
    let taken = super::take::take(&world.office, world.office.returns.as_ref().unwrap(), letter, report).await;
    assert_eq!(taken.unwrap(), Taken::Failed);
}

struct Taking;

#[async_trait]
impl Carrier for Taking {
    async fn send(&self, _id: MessageId, _letter: &Letter, _reach: &Reach) -> Outcome {
        Outcome::Accepted(None)
    }

    async fn fate(&self, _gateway_id: &str) -> Result<Fate, kernel::Failure> {
        Ok(Fate::Pending)
    }
}

/// A letter that left.
async fn letter(world: &World, action: u8) -> MessageId {
    let told = world.tell(action, "JUS-1", "letter").await.unwrap();
    round(world).await;
    MessageId::from_slice(&told.message_id).unwrap()
}

async fn round(world: &World) {
    let carriers = Carriers { sms: Some(Arc::new(Taking)), email: Some(Arc::new(Taking)) };
    let rules = Rules { quiet: Quiet::default(), texting: None };
    Sender { office: world.office.clone(), carriers, rules }.round().await.unwrap();
}

/// The codes of what a mail server is answered, the greeting's first.
async fn heard(office: &Office, said: &[u8]) -> Vec<String> {
    let (mut theirs, ours) = tokio::io::duplex(1_024);
    let returns = office.returns.clone().unwrap();
    let office = office.clone();
    let door = tokio::spawn(async move { dialogue::hold(ours, &office, &returns).await });
    let (mut read, mut write) = tokio::io::split(&mut theirs);
    let said = said.to_vec();
    let talk = async move {
        // Whoever is shown the door cannot say the rest.
        let _ = write.write_all(&said).await;
        let _ = write.shutdown().await;
    };
    let mut answers = Vec::new();
    let listen = async { read.read_to_end(&mut answers).await };
    let ((), listened) = tokio::join!(talk, listen);
    listened.unwrap();
    let _ = door.await.unwrap();
    let answers = String::from_utf8(answers).unwrap();
    let last = answers.lines().filter(|line| line.as_bytes().get(3) == Some(&b' '));
    last.map(|line| line[..3].to_owned()).collect()
}

fn handed(to: &str, content: &str) -> String {
    format!("EHLO mail.example.uz\r\nMAIL FROM:<> SIZE=2000\r\nRCPT TO:<{to}>\r\nDATA\r\n{content}.\r\nQUIT\r\n")
}

fn address(world: &World, letter: MessageId) -> String {
    world.office.returns.as_ref().unwrap().path.address(letter)
}

async fn states(world: &World, letter: MessageId) -> Vec<(String, String, String)> {
    let mut tx = world.office.database.read().await.unwrap();
    let all = deliveries::of_message(&mut tx, letter).await.unwrap().into_iter().skip(1);
    all.map(|one| (one.channel, one.state.as_str().to_owned(), one.note.as_str().to_owned())).collect()
}

fn state(channel: &str, state: &str, note: &str) -> (String, String, String) {
    (channel.into(), state.into(), note.into())
}

#[tokio::test]
async fn a_letter_that_came_back_goes_on_by_the_next_channel_once() {
    for world in worlds().await {
        let letter = letter(&world, 1).await;
        let to = address(&world, letter);
        assert_eq!(states(&world, letter).await, [state("email", "sent", ""), state("sms", "reserve", "")]);
        let delayed = heard(&world.office, handed(&to, &report("delayed", "4.4.1")).as_bytes()).await;
        assert_eq!(delayed, ["220", "250", "250", "250", "354", "250", "221"]);
        assert_eq!(states(&world, letter).await[0], state("email", "sent", "delayed"), "it may still arrive");
        for _ in 0..3 {
            heard(&world.office, handed(&to, &report("failed", "5.1.1")).as_bytes()).await;
        }
        assert_eq!(states(&world, letter).await, [state("email", "failed", "returned"), state("sms", "queued", "")]);
        round(&world).await;
        heard(&world.office, handed(&to, &report("failed", "5.1.1")).as_bytes()).await;
        assert_eq!(states(&world, letter).await[1], state("sms", "sent", ""));
        assert_eq!(world.count("SELECT times FROM returned_mail").await, 1, "one letter counts once");
        assert!(!world.preferences(CITIZEN).await.email_returned, "one letter says little");
    }
}

#[tokio::test]
async fn a_letter_that_failed_by_no_fault_of_its_address_does_not_count_against_it() {
    for world in worlds().await {
        for (action, status) in [(1, "4.4.7"), (2, "5.7.1")] {
            let letter = letter(&world, action).await;
            heard(&world.office, handed(&address(&world, letter), &report("failed", status)).as_bytes()).await;
            assert_eq!(states(&world, letter).await[0], state("email", "failed", "returned"), "{status}");
        }
        assert_eq!(world.count("SELECT COUNT(*) FROM returned_mail").await, 0);
    }
}

#[tokio::test]
async fn a_report_that_overtakes_its_letter_comes_again() {
    for world in worlds().await {
        let told = world.tell(1, "JUS-1", "letter").await.unwrap();
        let letter = MessageId::from_slice(&told.message_id).unwrap();
        let now = world.clock.now();
        let mut tx = world.office.database.begin().await.unwrap();
        let due = deliveries::due(&mut tx, now, 10).await.unwrap();
        let lease = now.plus(std::time::Duration::from_secs(60));
        assert!(deliveries::claim(&mut tx, &due[0], crate::domain::delivery::State::Sending, lease).await.unwrap());
        tx.commit().await.unwrap();
        let said = handed(&address(&world, letter), &report("failed", "5.1.1"));
        let early = heard(&world.office, said.as_bytes()).await;
        assert_eq!(early[5], "451", "{early:?}");
        assert_eq!(states(&world, letter).await[0].1, "sending");
    }
}

#[tokio::test]
async fn what_is_not_ours_changes_nothing() {
    for world in worlds().await {
        let letter = letter(&world, 1).await;
        let to = address(&world, letter);
        let before = states(&world, letter).await;
        let failed = report("failed", "5.1.1");
        let (mark, forged) = (&to[39..63], "0".repeat(24));
        let cases = [
            ("a mark that somebody made up", handed(&to.replace(mark, &forged), &failed), "550"),
            ("another's mailbox", handed("a@example.uz", &failed), "550"),
            ("a holiday", handed(&to, "Auto-Submitted: auto-replied\r\n\r\nI am away.\r\n"), "250"),
            ("a text that only speaks of failing", handed(&to, &failed.replace("multipart/report", "x/y")), "250"),
            ("a sender who wants an answer", handed(&to, &failed).replace("FROM:<>", "FROM:<a@example.uz>"), "550"),
            ("a size that is said", handed(&to, &failed).replace("SIZE=2000", "SIZE=10485760"), "552"),
        ];
        for (what, said, answer) in cases {
            let heard = heard(&world.office, said.as_bytes()).await;
            assert!(heard.iter().skip(2).any(|code| code == answer), "{what}: {heard:?}");
            assert_eq!(states(&world, letter).await, before, "{what}");
        }
        let unknown = address(&world, MessageId::from_bytes([9; 16]));
        let gone = heard(&world.office, handed(&unknown, &failed).as_bytes()).await;
        assert_eq!(gone[5], "250", "of an erased case: {gone:?}");
        assert_eq!(world.count("SELECT COUNT(*) FROM returned_mail").await, 0);
    }
}

#[tokio::test]
async fn whoever_says_too_much_is_shown_the_door() {
    let world = worlds().await.remove(0);
    let to = address(&world, letter(&world, 1).await);
    // Ten megabytes, in one line and in many, without having said so before.
    for content in ["x".repeat(10 * 1024 * 1024), "0123456789\r\n".repeat(1024 * 1024)] {
        let said = heard(&world.office, handed(&to, &content).as_bytes()).await;
        assert_eq!(said.last().map(String::as_str), Some("552"), "{said:?}");
    }
    let long = heard(&world.office, &vec![b'E'; 1024 * 1024]).await;
    assert_eq!(long, ["220", "500"]);
    let endless = heard(&world.office, "NOOP\r\n".repeat(5_000).as_bytes()).await;
    assert_eq!(endless.last().map(String::as_str), Some("421"));
    let strange = heard(&world.office, b"\xff\xfe\r\nVRFY a\r\nDATA\r\nRCPT TO:<a>\r\nMAIL FROM\r\nQUIT\r\n").await;
    assert_eq!(strange, ["220", "502", "502", "503", "503", "550", "221"]);
    let two = format!("LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<{to}>\r\nRCPT TO:<{to}>\r\nRSET\r\nDATA\r\n");
    assert_eq!(heard(&world.office, two.as_bytes()).await, ["220", "250", "250", "250", "452", "250", "503"]);
    let whole = format!("{}\r\n", "x".repeat(BYTES_MAX - 2));
    let fits = heard(&world.office, handed(&to, &whole).as_bytes()).await;
    assert_eq!(fits, ["220", "250", "250", "250", "354", "250", "221"]);
}

//! A rotated key counts at once, an ended one no longer than a minute, and strangers' key ids do not keep us reading.

use std::{path::Path, time::Duration};

use boot::{Kit, Stage};
use kernel::{Failure, Hash, Time, id::MessageId};

use crate::{
    keys::{Key, TrustedKey, TrustedKeys},
    signature::{self, Signed},
};

const SIGNED_AT: Time = Time::from_seconds(1_000_000);

fn trust(file: &Path, keys: &[TrustedKey]) {
    std::fs::write(file, serde_json::to_vec(keys).unwrap()).unwrap();
}

fn counts(keys: &TrustedKeys, key: &Key) -> bool {
    judged(keys, key).is_ok()
}

fn judged(keys: &TrustedKeys, key: &Key) -> Result<(), Failure> {
    let message_id = MessageId::from_bytes([1; 16]);
    let signed =
        Signed { subject: "a.v1.b.c.d", message_id, time: SIGNED_AT, body_hash: Hash::of(b"body"), bound: &[] };
    signature::verify(keys, &signature::sign(key, &signed), &signed).map(|_| ())
}

#[tokio::test(start_paused = true)]
async fn a_new_key_counts_at_once_and_strangers_key_ids_do_not_keep_us_reading() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trusted.json");
    let kit = Kit::system(Stage::Trial);
    let [first, second, third, stranger] = std::array::from_fn(|_| Key::generate(&*kit.random));
    let always = |key: &Key| key.trusted("payments", Time::from_seconds(0), None);
    trust(&file, &[always(&first)]);
    let keys = TrustedKeys::read(&file).unwrap();

    trust(&file, &[always(&first), always(&second)]);
    assert!(counts(&keys, &second), "a rotation is seen with the first message");
    assert!(!counts(&keys, &stranger));
    trust(&file, &[always(&first), always(&second), always(&third)]);
    assert!(!counts(&keys, &third), "the file was read less than a second ago");
    assert!(counts(&keys, &first), "nobody else waits");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(counts(&keys, &third));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_ended_is_trusted_for_a_minute_at_most_and_a_half_written_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trusted.json");
    let kit = Kit::system(Stage::Trial);
    let key = Key::generate(&*kit.random);
    let from = Time::from_seconds(0);
    trust(&file, &[key.trusted("payments", from, None)]);
    let keys = TrustedKeys::read(&file).unwrap();
    std::fs::write(&file, "[{\"service\":").unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(counts(&keys, &key));
    trust(&file, &[key.trusted("payments", from, Some(SIGNED_AT))]);
    assert!(counts(&keys, &key), "the file was read less than a minute ago");
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(!counts(&keys, &key));
}

/// Whoever is refused does not ask again: an e-service's case would stand still because the exchange started a moment later.
#[tokio::test(start_paused = true)]
async fn who_may_be_a_host_is_told_to_come_back_while_the_keeper_of_hosts_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trusted.json");
    let kit = Kit::system(Stage::Trial);
    let [role, host, stranger] = std::array::from_fn(|_| Key::generate(&*kit.random));
    let always = |key: &Key| key.trusted("eservice", Time::from_seconds(0), None);
    trust(&file, &[always(&role)]);
    let keys = TrustedKeys::read(&file).unwrap();
    let code = |key: &Key| judged(&keys, key).unwrap_err().code.into_owned();

    assert!(keys.should_ask(host.kid()), "the keeper is asked, and does not answer");
    assert!(judged(&keys, &host).unwrap_err().kind.retry());
    assert_eq!(code(&host), "bus.signer-not-known-yet");
    assert!(!keys.should_ask(host.kid()), "it was asked less than a second ago");
    assert_eq!(code(&host), "bus.signer-not-known-yet", "and has told nothing since");
    keys.trust_hosts(&[always(&host)]).unwrap();
    assert!(counts(&keys, &host));
    assert_eq!(code(&stranger), "bus.signature", "what the keeper told does not know it");
}

//! Deliveries on both engines.

use kernel::{MessageId, Time};

use super::{Delivery, MIGRATIONS, due, finish, hand_over, insert, of_message, start};
use crate::domain::delivery::State;

fn delivery(channel: &str, place: i64, state: State) -> Delivery {
    Delivery {
        message_id: MessageId::from_bytes([1; 16]),
        channel: channel.into(),
        place,
        state: state.as_str().into(),
        at_most_once: false,
        attempts: 0,
        address: vec![1],
        reference: String::new(),
        sent: None,
    }
}

#[tokio::test]
async fn an_attempt_belongs_to_one_loop_and_a_failed_channel_hands_over_to_the_next() {
    let at = Time::from_seconds;
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        insert(&mut tx, &delivery("sms", 1, State::Queued), at(10)).await.unwrap();
        insert(&mut tx, &delivery("email", 2, State::Standby), at(10)).await.unwrap();
        assert!(due(&mut tx, at(9), 10).await.unwrap().is_empty(), "{engine}");
        let sms = due(&mut tx, at(10), 10).await.unwrap().remove(0);
        assert!(start(&mut tx, &sms, at(70)).await.unwrap(), "{engine}");
        assert!(!start(&mut tx, &sms, at(70)).await.unwrap(), "{engine}: a second loop with the same row");
        finish(&mut tx, &sms, State::Failed, at(11), None).await.unwrap();
        assert!(hand_over(&mut tx, &sms, at(11)).await.unwrap(), "{engine}");
        let next = due(&mut tx, at(11), 10).await.unwrap();
        assert_eq!(next.iter().map(|one| one.channel.as_str()).collect::<Vec<_>>(), ["email"], "{engine}");
        assert!(!hand_over(&mut tx, &sms, at(11)).await.unwrap(), "{engine}: nothing stands by any more");
        let states = of_message(&mut tx, sms.message_id).await.unwrap();
        assert_eq!(states.iter().map(|one| one.state.as_str()).collect::<Vec<_>>(), ["failed", "queued"], "{engine}");
        tx.commit().await.unwrap();
    }
}

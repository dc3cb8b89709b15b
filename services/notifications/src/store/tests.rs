//! What was kept before is read today, on both engines.

use kernel::PersonId;

use super::{MIGRATIONS, messages};

#[tokio::test]
async fn an_inbox_of_an_older_release_is_read_by_this_one() {
    let person = PersonId::from_bytes([4; 16]);
    let recipient = person.to_vec();
    let rows: [(&str, &[&[u8]]); 1] = [(
        "INSERT INTO message (message, case_id, recipient, agency, service, notification, language, once, letter, time_us, read_us)
         VALUES ($1, $1, $2, 'justice', 'copy', 'issued', 'uz', 0, $1, 1, 0)",
        &[&[1; 16], &recipient],
    )];
    for (engine, _, database) in testkit::expanded(MIGRATIONS, 1, &rows).await {
        let mut tx = database.read().await.unwrap();
        let inbox = messages::of_person(&mut tx, person, None, 10).await.unwrap();
        assert_eq!(
            inbox.iter().map(|message| message.notification.as_str()).collect::<Vec<_>>(),
            ["issued"],
            "{engine}"
        );
    }
}

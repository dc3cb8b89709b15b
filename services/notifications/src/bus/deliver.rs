//! The loop that hands messages to channels and learns what became of them.

use std::{sync::Arc, time::Duration};

use boot::Kit;
use kernel::{Failure, Personal};

use super::Post;
use crate::{
    channels::Letter,
    domain::delivery::{self, Next, Outcome, STATUS_WITHIN, State},
    store::{self, Delivery},
};

const EVERY: Duration = Duration::from_millis(500);
const TOGETHER: i64 = 20;
/// After an attempt that was never finished (we were killed meanwhile).
const UNFINISHED_AFTER: Duration = Duration::from_secs(60);
const ASK_FATE_EVERY: Duration = Duration::from_secs(20);

pub fn run(kit: &Kit, post: Arc<Post>) {
    let shutdown = kit.shutdown.clone();
    kit.spawn("deliveries", move || {
        let (post, shutdown) = (post.clone(), shutdown.clone());
        async move {
            loop {
                deliver_due(&post).await?;
                settle(&post).await?;
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {}
                    () = shutdown.cancelled() => return Ok(()),
                }
            }
        }
    });
}

async fn deliver_due(post: &Post) -> Result<(), Failure> {
    let mut tx = post.database.read().await?;
    let due = store::due(&mut tx, post.clock.now(), TOGETHER).await?;
    drop(tx);
    for delivery in due {
        attempt(post, delivery).await?;
    }
    Ok(())
}

async fn attempt(post: &Post, delivery: Delivery) -> Result<(), Failure> {
    let interrupted = delivery.state == State::Started.as_str();
    let mut tx = post.database.begin().await?;
    let mine = store::start(&mut tx, &delivery, post.clock.now().plus(UNFINISHED_AFTER)).await?;
    let text = store::text(&mut tx, delivery.message_id).await?;
    tx.commit().await?;
    if !mine {
        return Ok(());
    }
    let outcome = match post.channels.get(delivery.channel.as_str()) {
        // An attempt was begun before and nobody knows how it ended.
        _ if interrupted && delivery.at_most_once => Outcome::Unknown,
        Some(channel) => channel.send(&letter(post, &delivery, &text)?).await,
        None => Outcome::Refused,
    };
    record(post, &delivery, &outcome).await
}

fn letter(post: &Post, delivery: &Delivery, sealed: &[u8]) -> Result<Letter, Failure> {
    let text = post.vault.open(delivery.message_id, "text", sealed)?;
    let unreadable =
        |error| Failure::internal("notification.unreadable", "A message cannot be read.").with_detail(error);
    let (title, body, short): (String, String, String) = serde_json::from_str(&text).map_err(unreadable)?;
    let address = post.vault.open(delivery.message_id, &delivery.channel, &delivery.address)?;
    Ok(Letter {
        address: Personal::new(address),
        title: Personal::new(title),
        body: Personal::new(body),
        short: Personal::new(short),
        reference: delivery.message_id.to_string(),
    })
}

async fn record(post: &Post, delivery: &Delivery, outcome: &Outcome) -> Result<(), Failure> {
    let now = post.clock.now();
    let mut tx = post.database.begin().await?;
    match delivery::next(outcome, delivery.attempts + 1, delivery.at_most_once, now) {
        Next::Sent => {
            let reference = if let Outcome::Sent { reference } = outcome { reference.as_str() } else { "" };
            store::finish(&mut tx, delivery, State::Sent, now.plus(ASK_FATE_EVERY), Some((now, reference))).await?;
        }
        Next::RetryAt(at) => store::finish(&mut tx, delivery, State::Queued, at, None).await?,
        Next::HandOver => give_up(&mut tx, delivery, now).await?,
    }
    tx.commit().await?;
    Ok(())
}

async fn give_up(tx: &mut sql::Tx, delivery: &Delivery, now: kernel::Time) -> Result<(), Failure> {
    store::finish(tx, delivery, State::Failed, now, None).await?;
    let handed_over = store::hand_over(tx, delivery, now).await?;
    tracing::warn!(message = %delivery.message_id, channel = delivery.channel, handed_over, code = "notification.undelivered", "a channel failed");
    Ok(())
}

async fn settle(post: &Post) -> Result<(), Failure> {
    let now = post.clock.now();
    let mut tx = post.database.read().await?;
    let sent = store::unsettled(&mut tx, now, TOGETHER).await?;
    drop(tx);
    for delivery in sent {
        let Some(channel) = post.channels.get(delivery.channel.as_str()) else { continue };
        let fate = channel.fate(&delivery.reference).await;
        let overdue = delivery.sent.is_none_or(|sent| now.since(sent) > STATUS_WITHIN);
        let mut tx = post.database.begin().await?;
        match fate {
            Some(State::Failed) => give_up(&mut tx, &delivery, now).await?,
            Some(state) => store::finish(&mut tx, &delivery, state, now, None).await?,
            // The gateway keeps silent: it stays "sent" and is not asked any more.
            None if overdue => store::finish(&mut tx, &delivery, State::Sent, now, Some((now, ""))).await?,
            None => store::finish(&mut tx, &delivery, State::Sent, now.plus(ASK_FATE_EVERY), None).await?,
        }
        tx.commit().await?;
    }
    Ok(())
}

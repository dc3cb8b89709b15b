//! How each channel of a message got on, in the words that people are told.

use std::collections::BTreeMap;

use proto::notifications::v1::ChannelState;

use crate::{
    domain::delivery::{Note, State},
    store::deliveries::Delivery,
};

/// In the order in which they are tried; what only stands by is left out.
pub fn channels(deliveries: &[Delivery]) -> Vec<ChannelState> {
    deliveries.iter().filter_map(channel).collect()
}

/// The same for portals of an older release, which know four words.
pub fn words(deliveries: &[Delivery]) -> BTreeMap<String, String> {
    let channels = channels(deliveries).into_iter();
    channels.filter(|one| one.state != OFF).map(|one| (one.channel, one.state)).collect()
}

const OFF: &str = "off";

fn channel(delivery: &Delivery) -> Option<ChannelState> {
    let state = match (delivery.state, delivery.note) {
        (State::Queued | State::Sending, _) => "queued",
        (State::Sent | State::Unknown, _) => "sent",
        (State::Delivered, _) => "delivered",
        (State::Failed, _) => "failed",
        (State::Unneeded, Note::Unwanted) => OFF,
        (State::Reserve | State::Unneeded, _) => return None,
    };
    let waits = delivery.state == State::Queued && matches!(delivery.note, Note::Quiet | Note::Limit);
    let why = match (delivery.state, delivery.note) {
        (State::Sent, Note::Delayed) | (State::Failed, Note::Returned | Note::Unreachable | Note::Limit) => {
            delivery.note.as_str()
        }
        _ => "",
    };
    Some(ChannelState {
        channel: delivery.channel.clone(),
        state: state.to_owned(),
        waits: if waits { delivery.note.as_str().to_owned() } else { String::new() },
        sent_us: delivery.sent,
        settled_us: delivery.settled,
        until_us: if waits { delivery.next } else { 0 },
        why: why.to_owned(),
    })
}

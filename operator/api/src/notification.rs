//! Messages that a service sends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Text, is_default};

/// A message to the applicant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Notification {
    /// Name used by the `notify` step.
    pub name: String,
    /// Channels: the inbox always gets it; of the others the first that works.
    pub channels: Vec<Channel>,
    /// Subject line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The message. `{{ case.number }}`, `{{ service.title }}` and `{{ agency.title }}` are replaced.
    pub text: Text,
    /// A shorter text for SMS, without personal data. When left out: the message itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<Text>,
    /// What happens when it is unknown whether an e-mail or SMS was sent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub delivery: Delivery,
}

/// A way to reach a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Channel {
    /// The portal's own inbox.
    Inbox,
    /// A text message.
    Sms,
    /// An e-mail.
    Email,
}

/// What happens when it is unknown whether a message was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Delivery {
    /// It is sent again: a person may get it twice.
    #[default]
    AtLeastOnce,
    /// It is not sent again: a person may miss it.
    AtMostOnce,
}

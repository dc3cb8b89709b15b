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
    /// Why the person gets it, in a sentence: shown under "Why did I get this". The same placeholders as in `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
    /// Whether the person may switch it off. When left out: they may not.
    #[serde(default, skip_serializing_if = "is_default")]
    pub class: MessageClass,
    /// SMS and e-mail leave at night, too. Only where the morning is too late.
    #[serde(default, skip_serializing_if = "is_default")]
    pub urgent: bool,
    /// What happens when it is unknown whether an e-mail or SMS was sent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub delivery: Delivery,
}

/// Whether a person may switch a message off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MessageClass {
    /// A decision, a deadline, money or a legal notice: it goes out whatever the person prefers.
    #[default]
    Mandatory,
    /// Good to know: the person may switch SMS and e-mail off. The inbox has it in any case.
    Informative,
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

//! On how many servers each stream lies: a setting that knows no number but those that make sense.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Of three, the loss of any one loses nothing and stops nothing; two are no better than one, for both have to be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
pub enum Replicas {
    #[default]
    One,
    Three,
}

impl From<Replicas> for u8 {
    fn from(replicas: Replicas) -> Self {
        match replicas {
            Replicas::One => 1,
            Replicas::Three => 3,
        }
    }
}

impl TryFrom<u8> for Replicas {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self::One),
            3 => Ok(Self::Three),
            _ => Err(format!("a stream lies on 1 server or on 3 (`bus.replicas`), not on {number}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn a_stream_lies_on_one_server_unless_three_are_wanted_and_on_no_other_number() {
        let read = |text: &str| serde_json::from_str::<Settings>(text).map(|settings| u8::from(settings.replicas));
        assert_eq!(read("{}").unwrap(), 1);
        assert_eq!(read(r#"{"replicas": 3}"#).unwrap(), 3);
        for number in ["0", "2", "5", "256", "\"3\""] {
            assert!(read(&format!(r#"{{"replicas": {number}}}"#)).is_err(), "{number}");
        }
        assert!(serde_json::to_string(&Settings::default()).unwrap().contains(r#""replicas":1"#));
    }
}

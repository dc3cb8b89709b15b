//! What a statement may bind: integers, text, bytes and their absence; everything else is one of these.

use kernel::{Hash, Time, id};

#[derive(Debug, Clone)]
pub enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

/// A Rust type that is stored as one of the three column types; the type of a missing value stays known to PostgreSQL.
pub trait ToValue {
    const NULL: Value;
    fn to_value(self) -> Value;
}

/// The arguments of a statement, in the order of `$1`, `$2`, ….
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        ::std::vec![$($crate::ToValue::to_value($value)),*]
    };
}

macro_rules! stored {
    ($column:ident: $($kind:ty, |$value:ident| $convert:expr);* $(;)?) => {$(
        impl ToValue for $kind {
            const NULL: Value = Value::$column(None);
            fn to_value(self) -> Value {
                let $value = self;
                Value::$column(Some($convert))
            }
        }
    )*};
}

stored!(Int:
    i64, |value| value;
    i32, |value| i64::from(value);
    u32, |value| i64::from(value);
    bool, |value| i64::from(value);
    Time, |value| value.micros();
);
stored!(Text:
    String, |value| value;
    &String, |value| value.clone();
    &str, |value| value.to_owned();
);
stored!(Blob:
    Vec<u8>, |value| value;
    &Vec<u8>, |value| value.clone();
    &[u8], |value| value.to_vec();
    Hash, |value| value.to_vec();
    id::CaseId, |value| value.to_vec();
    id::PersonId, |value| value.to_vec();
    id::TaskId, |value| value.to_vec();
    id::CommandId, |value| value.to_vec();
    id::IntentId, |value| value.to_vec();
    id::AttemptId, |value| value.to_vec();
    id::RefundId, |value| value.to_vec();
    id::DocumentId, |value| value.to_vec();
    id::MessageId, |value| value.to_vec();
    id::SessionId, |value| value.to_vec();
);

impl<const N: usize> ToValue for [u8; N] {
    const NULL: Value = Value::Blob(None);
    fn to_value(self) -> Value {
        Value::Blob(Some(self.to_vec()))
    }
}

impl<const N: usize> ToValue for &[u8; N] {
    const NULL: Value = Value::Blob(None);
    fn to_value(self) -> Value {
        Value::Blob(Some(self.to_vec()))
    }
}

impl<T: ToValue> ToValue for Option<T> {
    const NULL: Value = T::NULL;
    fn to_value(self) -> Value {
        self.map_or(Self::NULL, T::to_value)
    }
}

impl ToValue for Value {
    const NULL: Value = Value::Blob(None);
    fn to_value(self) -> Value {
        self
    }
}

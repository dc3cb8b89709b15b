//! How a person wants to be told what they may switch off, and in which language.

use kernel::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferences {
    pub sms: bool,
    pub email: bool,
    /// `None`: that of the application.
    pub language: Option<Language>,
}

/// Whoever never said anything is told everything.
impl Default for Preferences {
    fn default() -> Self {
        Self { sms: true, email: true, language: None }
    }
}

impl Preferences {
    pub fn wants(self, channel: &str) -> bool {
        match channel {
            "sms" => self.sms,
            "email" => self.email,
            _ => true,
        }
    }

    /// What differs, for the record.
    pub fn changed(self, new: Self) -> Vec<&'static str> {
        let parts = [
            ("sms", self.sms != new.sms),
            ("email", self.email != new.email),
            ("language", self.language != new.language),
        ];
        parts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

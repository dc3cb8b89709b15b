//! When a person's e-mail address is taken for one that does not work, so that the next channel is used at once.

use std::time::Duration;

use kernel::Failure;

use super::return_path::ReturnPath;

/// What came back earlier counts for nothing: whoever put their mailbox in order gets letters again.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(30 * 24 * 3_600);

pub struct Returns {
    pub path: ReturnPath,
    /// So many letters came back: the address does not work.
    pub enough: u32,
}

impl Returns {
    pub fn new(path: ReturnPath, enough: u32) -> Result<Self, Failure> {
        if enough > 0 {
            return Ok(Self { path, enough });
        }
        Err(Failure::invalid(
            "notification.bounce-count",
            "`notifications.bounces.unreachable_after` is at least 1: an address is taken to work until a letter came back.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_works_until_a_letter_came_back() {
        let path = || ReturnPath::new([1; 32], "example.uz").unwrap();
        assert_eq!(Returns::new(path(), 0).err().unwrap().code, "notification.bounce-count");
        assert_eq!(Returns::new(path(), 1).unwrap().enough, 1);
    }
}

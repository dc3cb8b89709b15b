//! Lists that go on: a link to what is older and one back to the beginning.

use schemars::JsonSchema;
use serde::Deserialize;

/// Where in a list a visitor is: a place that the list's owner gave, or its beginning.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Wanted {
    /// The place after which the list goes on; left out: its beginning.
    #[serde(default)]
    pub after: String,
}

/// The links under a list, where it has more than one page.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pages {
    pub newest: Option<String>,
    pub older: Option<String>,
}

impl Pages {
    /// `path`: of the list's first page; `next`: where its owner says that the next one begins.
    pub fn of(path: &str, after: &str, next: &str) -> Self {
        let joint = if path.contains('?') { '&' } else { '?' };
        let place: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        Self {
            newest: (!after.is_empty()).then(|| path.to_owned()),
            older: (!next.is_empty()).then(|| format!("{path}{joint}after={place}")),
        }
    }

    pub fn several(&self) -> bool {
        self.newest.is_some() || self.older.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_one_page_has_no_links_and_a_longer_one_leads_on_and_back() {
        assert!(!Pages::of("/inbox", "", "").several());
        let first = Pages::of("/officer?agency=justice", "", "5.a&b");
        assert_eq!(first.older.as_deref(), Some("/officer?agency=justice&after=5.a%26b"));
        let last = Pages::of("/inbox", "5", "");
        assert_eq!((last.newest.as_deref(), last.older), (Some("/inbox"), None));
    }
}

//! Whether a case that ended may keep the money it took.

/// When the law says a fee is earned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earned {
    OnResult,
    /// On review or on submission: kept whatever the outcome, where the law says so.
    Earlier,
}

/// How a case ended, as far as money cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending<'a> {
    /// What the end promises to deliver.
    pub promised: &'a [String],
    /// What the case did deliver.
    pub delivered: &'a [String],
}

/// Money stays when the fee was earned before the result, or when everything the end promised is there (and it promised something).
pub fn may_keep(earned: Earned, ending: Ending<'_>) -> bool {
    let everything = || ending.promised.iter().all(|name| ending.delivered.contains(name));
    earned == Earned::Earlier || (!ending.promised.is_empty() && everything())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_for_a_service_that_was_not_delivered_is_not_kept() {
        let certificate = ["certificate".to_owned()];
        let nothing: [String; 0] = [];
        let ending = |promised, delivered| Ending { promised, delivered };
        assert!(may_keep(Earned::OnResult, ending(&certificate, &certificate)));
        assert!(!may_keep(Earned::OnResult, ending(&certificate, &nothing)));
        assert!(!may_keep(Earned::OnResult, ending(&nothing, &nothing)));
        assert!(!may_keep(Earned::OnResult, ending(&nothing, &certificate)));
        assert!(may_keep(Earned::Earlier, ending(&nothing, &nothing)));
    }
}

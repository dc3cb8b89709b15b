//! A sign-in that is asked for at sending leaves time to read the page once more, and is no longer ago than a session lasts.

use api::ServiceDefinition;

use super::findings::Findings;

const WITHIN_S: std::ops::RangeInclusive<u64> = 300..=8 * 3600;

/// Judges what sending an application asks of its sign-in.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    let Some(asked) = &definition.spec.access.submission else { return };
    if asked.within.seconds().is_none_or(|within| !WITHIN_S.contains(&within)) {
        findings.error(
            "access.submission-within",
            "spec.access.submission.within",
            "the sign-in can be asked to be at most 5 minutes to 8 hours old",
            "write for example `within: 15 min`",
        );
    }
}

//! What others met with in a service: how long decided cases took and how people rated it, told only of enough of them.

use process::{
    CaseState,
    calendar::Calendar,
    event::{Event, What},
};
use proto::eservice::v1::Experience;

/// Fewer cases, or ratings, say more about these than about the service.
const ENOUGH: usize = 20;

/// Working days from the submission to the end that these events bring; none of a case that was not decided.
pub fn took(events: &[Event], state: &CaseState, calendar: &Calendar) -> Option<u32> {
    let ends = events.iter().any(|event| matches!(event.what, What::Ended { .. }));
    // What lapsed, was withdrawn or only met with another agency's opinion says nothing about how fast anybody decides.
    let decided = state.decision().is_some() || !state.delivers.is_empty();
    let withdrawn = state.timeline.iter().any(|entry| entry.code == "withdrawn");
    let (submitted, ended) = (state.submitted?, state.ended?);
    (ends && decided && !withdrawn).then(|| calendar.working_days(submitted, ended))
}

/// `days` of decided cases; how often each score was given.
pub fn told(mut days: Vec<i64>, scores: &[(i64, i64)]) -> Experience {
    let mut told = Experience::default();
    days.sort_unstable();
    if days.len() >= ENOUGH {
        told.decided = count(days.len());
        told.half_days = within(&days, 1, 2);
        told.nine_of_ten_days = within(&days, 9, 10);
    }
    let rated: i64 = scores.iter().map(|(_, given)| given).sum();
    if rated >= count(ENOUGH) {
        let sum: i64 = scores.iter().map(|(score, given)| score * given).sum();
        told.rated = rated;
        told.score_hundredths = sum * 100 / rated;
    }
    told
}

/// The least number of days within which this share of the cases was decided.
fn within(sorted: &[i64], share: usize, of: usize) -> i64 {
    let least = (sorted.len() * share).div_ceil(of);
    sorted.get(least.saturating_sub(1)).copied().unwrap_or_default()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_nine_of_ten_are_the_least_days_within_which_so_many_were_decided() {
        let mut days = vec![1; 9];
        days.extend([2; 2]);
        days.extend([3; 7]);
        days.extend([9, 40]);
        let told = told(days, &[]);
        assert_eq!((told.decided, told.half_days, told.nine_of_ten_days), (20, 2, 3));
    }

    #[test]
    fn of_too_few_nothing_is_told() {
        assert_eq!(told(vec![1; 19], &[(5, 19)]), Experience::default());
        let told = told(Vec::new(), &[(1, 5), (4, 5), (5, 10)]);
        assert_eq!((told.rated, told.score_hundredths, told.decided), (20, 375, 0));
    }
}

//! How the cases of each revision fare, from their marks: drop-off per page, time per step, what failed.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{CaseId, Hash, Time};
use proto::eservice::v1::{Figures, PageFigures, StepFigures};

use super::marks::Kind;

/// A mark with its case and the revision that the case ran on then.
#[derive(Debug, Clone)]
pub struct Marked {
    pub case: CaseId,
    pub sequence: i64,
    pub revision: Hash,
    pub kind: Kind,
    pub name: String,
    pub at: Time,
}

/// What one case shows.
#[derive(Default)]
struct Course<'a> {
    opened: bool,
    submitted: bool,
    failed_expression: bool,
    failed_call: bool,
    pages: BTreeSet<&'a str>,
    /// Steps it stands in, and since when.
    standing: BTreeMap<&'a str, Time>,
    /// Steps it left, and how long it was there.
    left: Vec<(&'a str, u64)>,
}

/// By revision. `pages` are those of each revision in the order of its form. A draft that moved from one revision to another
/// says nothing about either and is left out.
pub fn figures(marks: &[Marked], pages: &BTreeMap<Hash, Vec<String>>) -> BTreeMap<Hash, Figures> {
    let mut cases: BTreeMap<CaseId, Vec<&Marked>> = BTreeMap::new();
    for mark in marks {
        cases.entry(mark.case).or_default().push(mark);
    }
    let mut courses: BTreeMap<Hash, Vec<Course<'_>>> = BTreeMap::new();
    for mut marks in cases.into_values() {
        marks.sort_by_key(|mark| mark.sequence);
        let revision = marks.first().map(|mark| mark.revision);
        if let Some(revision) = revision.filter(|revision| marks.iter().all(|mark| mark.revision == *revision)) {
            courses.entry(revision).or_default().push(course(&marks));
        }
    }
    let none = Vec::new();
    let told = |(revision, courses): (Hash, Vec<Course<'_>>)| {
        (revision, told(&courses, pages.get(&revision).unwrap_or(&none)))
    };
    courses.into_iter().map(told).collect()
}

fn course<'a>(marks: &[&'a Marked]) -> Course<'a> {
    let mut course = Course::default();
    for mark in marks {
        let name = mark.name.as_str();
        match mark.kind {
            Kind::Opened => course.opened = true,
            Kind::Submitted => course.submitted = true,
            Kind::FailedExpression => course.failed_expression = true,
            Kind::FailedCall => course.failed_call = true,
            Kind::Page => {
                course.pages.insert(name);
            }
            Kind::Entered => {
                course.standing.insert(name, mark.at);
            }
            Kind::Left => {
                if let Some(since) = course.standing.remove(name) {
                    let took = u64::try_from(mark.at.since(since).as_millis()).unwrap_or(u64::MAX);
                    course.left.push((name, took));
                }
            }
        }
    }
    course
}

fn told(courses: &[Course<'_>], pages: &[String]) -> Figures {
    // Only applications that began here: of two revisions, the older one has cases of all ages, which fail in their own ways.
    let begun = || courses.iter().filter(|course| course.opened);
    let number = |holds: fn(&Course<'_>) -> bool| count(begun().filter(|course| holds(course)).count());
    Figures {
        drafts_opened: number(|_| true),
        submitted: number(|course| course.submitted),
        failed_expressions: number(|course| course.failed_expression),
        failed_calls: number(|course| course.failed_call),
        cases: count(courses.len()),
        pages: pages.iter().enumerate().map(|(index, page)| page_figures(courses, pages, index, page)).collect(),
        steps: steps(courses),
    }
}

/// Only drafts that began here: an older one may have answered its first pages before anybody counted.
fn page_figures(courses: &[Course<'_>], pages: &[String], index: usize, page: &str) -> PageFigures {
    let begun = || courses.iter().filter(|course| course.opened);
    let answered = begun().filter(|course| course.pages.contains(page)).count();
    let stands_before = |course: &&Course<'_>| !course.submitted && next(course, pages) == Some(index);
    let reached = answered + begun().filter(stands_before).count();
    PageFigures { page: page.to_owned(), reached: count(reached), answered: count(answered) }
}

/// The page that follows the last one that was answered, where it is not answered itself.
fn next(course: &Course<'_>, pages: &[String]) -> Option<usize> {
    let next = pages.iter().rposition(|page| course.pages.contains(page.as_str())).map_or(0, |last| last + 1);
    (next < pages.len()).then_some(next)
}

fn steps(courses: &[Course<'_>]) -> Vec<StepFigures> {
    let mut times: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (step, took) in courses.iter().flat_map(|course| &course.left) {
        times.entry(step).or_default().push(*took);
    }
    let told = times.into_iter().map(|(step, mut times)| {
        times.sort_unstable();
        let median = times[times.len() / 2];
        StepFigures {
            step: step.to_owned(),
            left: count(times.len()),
            median_ms: i64::try_from(median).unwrap_or(i64::MAX),
        }
    });
    told.collect()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: u8 = 1;
    const NEW: u8 = 2;

    fn mark(case: u8, sequence: i64, revision: u8, kind: Kind, name: &str, second: i64) -> Marked {
        Marked {
            case: CaseId::from_bytes([case; 16]),
            sequence,
            revision: Hash::of(&[revision]),
            kind,
            name: name.into(),
            at: Time::from_seconds(second),
        }
    }

    fn of(marks: &[Marked], revision: u8) -> Figures {
        let pages = ["f/a", "f/b", "f/c"].map(str::to_owned).to_vec();
        let pages = [OLD, NEW].map(|number| (Hash::of(&[number]), pages.clone())).into();
        figures(marks, &pages).remove(&Hash::of(&[revision])).unwrap_or_default()
    }

    #[test]
    fn a_page_is_reached_by_whoever_answered_it_or_stands_before_it() {
        let marks = [
            mark(1, 1, OLD, Kind::Opened, "", 0),
            mark(1, 2, OLD, Kind::Page, "f/a", 1),
            mark(1, 3, OLD, Kind::Page, "f/b", 2),
            mark(1, 4, OLD, Kind::Page, "f/c", 3),
            mark(1, 5, OLD, Kind::Submitted, "", 4),
            mark(2, 1, OLD, Kind::Opened, "", 0),
            mark(2, 2, OLD, Kind::Page, "f/a", 1),
            mark(2, 3, OLD, Kind::Page, "f/a", 2),
            mark(3, 1, OLD, Kind::Opened, "", 0),
            // Begun before anybody counted: says nothing about pages.
            mark(4, 9, OLD, Kind::Page, "f/b", 0),
        ];
        let figures = of(&marks, OLD);
        let pages: Vec<_> = figures.pages.iter().map(|page| (page.reached, page.answered)).collect();
        assert_eq!(pages, [(3, 2), (2, 1), (1, 1)]);
        assert_eq!((figures.drafts_opened, figures.submitted, figures.cases), (3, 1, 4));
    }

    #[test]
    fn a_case_counts_once_for_what_failed_and_a_step_each_time_it_was_left() {
        let marks = [
            mark(1, 0, NEW, Kind::Opened, "", 9),
            mark(1, 1, NEW, Kind::Entered, "review", 10),
            mark(1, 2, NEW, Kind::Left, "review", 14),
            mark(1, 3, NEW, Kind::Entered, "review", 20),
            mark(1, 4, NEW, Kind::Left, "review", 30),
            mark(1, 5, NEW, Kind::FailedCall, "lookup", 31),
            mark(1, 6, NEW, Kind::FailedCall, "lookup", 32),
            mark(1, 7, NEW, Kind::FailedExpression, "expr.missing", 33),
            mark(2, 1, NEW, Kind::Left, "review", 5),
            // Begun before anybody counted: it says nothing about what fails in new applications.
            mark(2, 2, NEW, Kind::FailedCall, "lookup", 6),
        ];
        let figures = of(&marks, NEW);
        assert_eq!((figures.failed_calls, figures.failed_expressions, figures.cases), (1, 1, 2));
        let steps: Vec<_> = figures.steps.iter().map(|step| (step.step.as_str(), step.left, step.median_ms)).collect();
        assert_eq!(steps, [("review", 2, 10_000)], "who was in it before anybody counted has no time");
    }

    #[test]
    fn a_draft_that_moved_says_nothing_about_either_revision() {
        let marks = [
            mark(1, 1, OLD, Kind::Opened, "", 0),
            mark(1, 2, NEW, Kind::Page, "f/a", 1),
            mark(2, 1, NEW, Kind::Opened, "", 0),
        ];
        assert_eq!((of(&marks, OLD).cases, of(&marks, NEW).cases), (0, 1));
    }
}

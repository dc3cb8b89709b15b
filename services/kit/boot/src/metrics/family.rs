//! One thing that is counted, by the values of its labels.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

/// Upper bounds of a histogram's buckets, in seconds: from a database read to the longest request.
pub const BOUNDS_S: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Combinations of labels that one family keeps.
const SERIES_MAX: usize = 500;
const OTHER: &str = "(other)";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Declared once, in the list of everything that is counted.
#[derive(Debug)]
pub struct Family {
    pub kind: Kind,
    pub name: &'static str,
    pub about: &'static str,
    pub labels: &'static [&'static str],
    series: Mutex<BTreeMap<Vec<String>, Series>>,
}

/// What was counted under one combination of labels.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// How often, a gauge's value, a histogram's sum.
    pub value: f64,
    pub count: u64,
    /// Observations up to each bound.
    within: [u64; BOUNDS_S.len()],
}

impl Series {
    /// Observations between one bound and the next, and at last those above all of them.
    pub fn between(&self) -> Vec<u64> {
        let below = [0].into_iter().chain(self.within);
        self.within.into_iter().chain([self.count]).zip(below).map(|(upto, below)| upto - below).collect()
    }
}

impl Family {
    pub const fn new(kind: Kind, name: &'static str, about: &'static str, labels: &'static [&'static str]) -> Self {
        Self { kind, name, about, labels, series: Mutex::new(BTreeMap::new()) }
    }

    /// What happened once more.
    pub fn count(&self, labels: &[&str]) {
        self.at(labels, |series| series.value += 1.0);
    }

    /// What happened so many times more.
    pub fn add(&self, labels: &[&str], times: u32) {
        self.at(labels, |series| series.value += f64::from(times));
    }

    /// What has not happened yet stands there as 0: whoever reads sees the first time, too, as a rise.
    pub fn not_yet(&self, labels: &[&str]) {
        self.at(labels, |_| {});
    }

    /// What a gauge shows now.
    pub fn set(&self, labels: &[&str], value: f64) {
        self.at(labels, |series| series.value = value);
    }

    /// What a gauge of one label shows now, for every value of the label: what is not named here is 0.
    pub fn replace(&self, values: &[(&str, f64)]) {
        for series in self.locked().values_mut() {
            series.value = 0.0;
        }
        for (label, value) in values {
            self.set(&[label], *value);
        }
    }

    /// The same for a gauge of two labels, under one value of the first.
    pub fn replace_under(&self, first: &str, values: &[(&str, f64)]) {
        for (labels, series) in &mut *self.locked() {
            if labels[0] == first {
                series.value = 0.0;
            }
        }
        for (second, value) in values {
            self.set(&[first, second], *value);
        }
    }

    /// What there is no more.
    pub fn forget(&self, labels: &[&str]) {
        let key: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        self.locked().remove(&key);
    }

    /// Something that took this long.
    pub fn observe(&self, labels: &[&str], took: Duration) {
        let seconds = took.as_secs_f64();
        self.at(labels, |series| {
            series.value += seconds;
            series.count += 1;
            for (within, bound) in series.within.iter_mut().zip(BOUNDS_S) {
                *within += u64::from(seconds <= bound);
            }
        });
    }

    /// Each combination of labels with its value.
    pub fn values(&self) -> Vec<(Vec<String>, f64)> {
        self.locked().iter().map(|(labels, series)| (labels.clone(), series.value)).collect()
    }

    /// Each combination of labels with what was counted under it.
    pub fn series(&self) -> Vec<(Vec<String>, Series)> {
        self.locked().iter().map(|(labels, series)| (labels.clone(), series.clone())).collect()
    }

    fn at(&self, labels: &[&str], change: impl FnOnce(&mut Series)) {
        debug_assert_eq!(labels.len(), self.labels.len(), "{} has its labels", self.name);
        let mut all = self.locked();
        let mut key: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        if all.len() >= SERIES_MAX && !all.contains_key(&key) {
            key = labels.iter().map(|_| OTHER.to_owned()).collect();
        }
        change(all.entry(key).or_default());
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<Vec<String>, Series>> {
        self.series.lock().expect("no holder of this lock panics")
    }

    /// The family in Prometheus' text format.
    pub fn text(&self) -> String {
        let mut text = format!("# HELP {0} {1}\n# TYPE {0} {2}\n", self.name, self.about, self.kind.as_str());
        for (labels, series) in &*self.locked() {
            let labels: Vec<String> =
                self.labels.iter().zip(labels).map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            self.write(&mut text, &labels, series).expect("writing to a string does not fail");
        }
        text
    }

    fn write(&self, text: &mut String, labels: &[String], series: &Series) -> std::fmt::Result {
        let name = self.name;
        let braced =
            |labels: &[String]| if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        if self.kind != Kind::Histogram {
            return writeln!(text, "{name}{} {}", braced(labels), series.value);
        }
        let bounds = BOUNDS_S.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(series.within.iter().chain([&series.count])) {
            let within = [labels, &[format!("le=\"{bound}\"")]].concat();
            writeln!(text, "{name}_bucket{} {count}", braced(&within))?;
        }
        writeln!(text, "{name}_sum{} {}", braced(labels), series.value)?;
        writeln!(text, "{name}_count{} {}", braced(labels), series.count)
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

//! Collects differences: of single values, and of lists whose items have names.

use std::collections::{BTreeMap, BTreeSet};

use super::{Difference, Kind, What};

#[derive(Default)]
pub struct Differences {
    found: Vec<Difference>,
}

impl Differences {
    pub fn into_found(self) -> Vec<Difference> {
        self.found
    }

    pub fn add(&mut self, kind: Kind, path: impl Into<String>, what: What) {
        self.found.push(Difference { path: path.into(), kind, what });
    }

    /// A value that is compared whole.
    pub fn value<T: PartialEq>(&mut self, kind: Kind, path: impl Into<String>, old: &T, new: &T) {
        if old != new {
            self.add(kind, path, What::Changed);
        }
    }

    pub fn running<T: PartialEq>(&mut self, path: impl Into<String>, old: &T, new: &T) {
        self.value(Kind::Running, path, old, new);
    }

    pub fn presentation<T: PartialEq>(&mut self, path: impl Into<String>, old: &T, new: &T) {
        self.value(Kind::Presentation, path, old, new);
    }

    pub fn law<T: PartialEq>(&mut self, path: impl Into<String>, old: &T, new: &T) {
        self.value(Kind::Law, path, old, new);
    }

    /// Items of the same name are compared with `inside`; one that came or went is law, their order is presentation.
    pub fn named<T: PartialEq>(
        &mut self,
        list: &str,
        old: &[T],
        new: &[T],
        name: impl Fn(&T) -> &str,
        mut inside: impl FnMut(&mut Self, &str, &T, &T),
    ) {
        let (before, after) = (places(old, &name), places(new, &name));
        // Without names of their own nobody can tell which became which.
        if before.len() != old.len() || after.len() != new.len() {
            return self.law(list, &old, &new);
        }
        for (index, item) in new.iter().enumerate() {
            let path = format!("{list}[{index}]");
            match before.get(name(item)).and_then(|place| old.get(*place)) {
                Some(known) => inside(self, &path, known, item),
                None => self.add(Kind::Law, path, What::Added),
            }
        }
        for (index, item) in old.iter().enumerate() {
            if !after.contains_key(name(item)) {
                self.add(Kind::Law, format!("{list}[{index}]"), What::Removed);
            }
        }
        let common: BTreeSet<&str> = before.keys().filter(|known| after.contains_key(**known)).copied().collect();
        let order = |items: &[T]| -> Vec<String> {
            items.iter().map(&name).filter(|item| common.contains(*item)).map(str::to_owned).collect()
        };
        if order(old) != order(new) {
            self.add(Kind::Presentation, list, What::Moved);
        }
    }

    /// One thing that may be missing: compared with `inside` when both have it, else law.
    pub fn part<T: PartialEq>(
        &mut self,
        path: &str,
        old: &Option<T>,
        new: &Option<T>,
        inside: impl FnOnce(&mut Self, &T, &T),
    ) {
        match (old, new) {
            (Some(old), Some(new)) => inside(self, old, new),
            (None, Some(_)) => self.add(Kind::Law, path, What::Added),
            (Some(_), None) => self.add(Kind::Law, path, What::Removed),
            (None, None) => {}
        }
    }
}

fn places<'a, T>(items: &'a [T], name: &impl Fn(&T) -> &str) -> BTreeMap<&'a str, usize> {
    items.iter().enumerate().map(|(index, item)| (name(item), index)).collect()
}

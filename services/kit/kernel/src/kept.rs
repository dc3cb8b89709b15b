//! What was found out and can be found out again: kept in memory up to a bound.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard},
};

pub struct Kept<K, V> {
    most: usize,
    known: Mutex<Known<K, V>>,
}

struct Known<K, V> {
    /// How often anything was asked for or put in.
    uses: u64,
    /// Each with its last use.
    values: HashMap<K, (V, u64)>,
}

impl<K: Clone + Eq + Hash, V: Clone> Kept<K, V> {
    pub fn at_most(most: usize) -> Self {
        Self { most, known: Mutex::new(Known { uses: 0, values: HashMap::new() }) }
    }

    fn known(&self) -> MutexGuard<'_, Known<K, V>> {
        self.known.lock().expect("no holder of this lock panics")
    }

    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut known = self.known();
        known.uses += 1;
        let now = known.uses;
        let (value, used) = known.values.get_mut(key)?;
        *used = now;
        Some(value.clone())
    }

    /// Where there is no room any more, what was not used for the longest time goes.
    pub fn put(&self, key: K, value: V) {
        let mut known = self.known();
        known.uses += 1;
        let now = known.uses;
        if known.values.len() >= self.most && !known.values.contains_key(&key) {
            let oldest = known.values.iter().min_by_key(|(_, (_, used))| *used).map(|(oldest, _)| oldest.clone());
            if let Some(oldest) = oldest {
                known.values.remove(&oldest);
            }
        }
        known.values.insert(key, (value, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_never_more_than_the_bound_and_what_was_used_lately_stays() {
        let kept = Kept::at_most(2);
        kept.put("a", 1);
        kept.put("b", 2);
        assert_eq!(kept.get("a"), Some(1));
        kept.put("c", 3);
        assert_eq!([kept.get("a"), kept.get("b"), kept.get("c")], [Some(1), None, Some(3)]);
        kept.put("a", 4);
        assert_eq!([kept.get("a"), kept.get("c")], [Some(4), Some(3)], "what is told anew needs no room");
        for number in 0..100 {
            kept.put(if number % 2 == 0 { "d" } else { "e" }, number);
        }
        assert_eq!(kept.known().values.len(), 2);
    }
}

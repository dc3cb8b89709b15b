//! Which steps lead to each other in circles.

use std::collections::HashSet;

/// Steps from which each leads to each other, in the order in which a case comes to them; a step on no circle is alone.
pub fn components(steps: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<Vec<usize>> {
    let forward: Vec<Vec<usize>> = (0..steps).map(&next).collect();
    let mut backward = vec![Vec::new(); steps];
    for (from, to) in forward.iter().enumerate() {
        for to in to {
            backward[*to].push(from);
        }
    }
    let left = finished(steps, &forward);
    let mut known = vec![false; steps];
    let mut components = Vec::new();
    for root in left.into_iter().rev() {
        if known[root] {
            continue;
        }
        known[root] = true;
        let (mut open, mut component) = (vec![root], Vec::new());
        while let Some(step) = open.pop() {
            component.push(step);
            for before in &backward[step] {
                if !known[*before] {
                    known[*before] = true;
                    open.push(*before);
                }
            }
        }
        component.sort_unstable();
        components.push(component);
    }
    components
}

/// All steps, each after those that it leads to.
fn finished(steps: usize, forward: &[Vec<usize>]) -> Vec<usize> {
    let mut known = vec![false; steps];
    let mut left = Vec::new();
    for root in 0..steps {
        if known[root] {
            continue;
        }
        known[root] = true;
        let mut path = vec![(root, 0)];
        while let Some((step, at)) = path.last_mut() {
            match forward[*step].get(*at) {
                None => {
                    left.push(*step);
                    path.pop();
                }
                Some(to) => {
                    *at += 1;
                    if !known[*to] {
                        known[*to] = true;
                        path.push((*to, 0));
                    }
                }
            }
        }
    }
    left
}

/// Ways that lead back to a step on the way to where they begin.
pub fn back(steps: usize, starts: &[usize], next: impl Fn(usize) -> Vec<usize>) -> HashSet<(usize, usize)> {
    let (mut known, mut on_path) = (vec![false; steps], vec![false; steps]);
    let mut back = HashSet::new();
    for start in starts {
        if known[*start] {
            continue;
        }
        (known[*start], on_path[*start]) = (true, true);
        let mut path = vec![(*start, next(*start))];
        while let Some((step, left)) = path.last_mut() {
            let step = *step;
            match left.pop() {
                None => {
                    on_path[step] = false;
                    path.pop();
                }
                Some(to) if on_path[to] => {
                    back.insert((step, to));
                }
                Some(to) if !known[to] => {
                    (known[to], on_path[to]) = (true, true);
                    path.push((to, next(to)));
                }
                Some(_) => {}
            }
        }
    }
    back
}

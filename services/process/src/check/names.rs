//! What a name may be, and the known name that was probably meant.

use std::collections::BTreeSet;

/// Longest name: names become parts of subjects and of Kubernetes objects.
pub const NAME_MAX: usize = 63;

/// Lower-case letters, digits and dashes, beginning with a letter.
pub fn is_name(name: &str) -> bool {
    name.len() <= NAME_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// "did you mean …" when a known name is near, else the known names.
pub fn instead<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: BTreeSet<&str> = known.into_iter().collect();
    let written: String = written.chars().take(NAME_MAX).collect();
    let close = |name: &&&str| name.len().abs_diff(written.len()) <= 2.max(name.len() / 3);
    let near = known
        .iter()
        .filter(close)
        .map(|name| (strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase()), *name))
        .min_by_key(|(distance, _)| *distance);
    match near {
        Some((distance, name)) if distance <= 2.max(name.chars().count() / 3) => format!("did you mean `{name}`?"),
        _ if known.is_empty() => "none is declared".to_owned(),
        _ if known.len() <= 24 => {
            let names: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("known are {}", names.join(", "))
        }
        _ => format!("{} others are known, none is near", known.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::{instead, is_name};

    #[test]
    fn the_nearest_name_is_proposed() {
        assert_eq!(instead("reveiw", ["apply", "review"]), "did you mean `review`?");
        assert_eq!(instead("zzzzzzz", ["apply", "pay"]), "known are `apply`, `pay`");
        assert!(is_name("marriage-certificate-copy") && !is_name("Marriage") && !is_name("a_b") && !is_name("-a"));
    }
}

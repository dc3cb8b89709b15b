//! Uzbek Latin ↔ Cyrillic: proposes a draft and lets a search find either script. Never for names in registries.

/// Letters and digraphs, longest first. The turned comma (ʻ U+02BB) and the apostrophe (ʼ U+02BC) have many look-alikes.
const PAIRS: &[(&str, &str)] = &[
    ("yo", "ё"),
    ("yu", "ю"),
    ("ya", "я"),
    ("ye", "е"),
    ("ts", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("oʻ", "ў"),
    ("gʻ", "ғ"),
    ("a", "а"),
    ("b", "б"),
    ("d", "д"),
    ("e", "е"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "ҳ"),
    ("i", "и"),
    ("j", "ж"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("q", "қ"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("x", "х"),
    ("y", "й"),
    ("z", "з"),
    ("ʼ", "ъ"),
];

/// Cyrillic letters with no Latin letter of their own.
const ONLY_CYRILLIC: &[(&str, &str)] = &[("ы", "i"), ("э", "e"), ("ь", "")];

pub fn to_cyrillic(latin: &str) -> String {
    let text = with_standard_marks(latin);
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text.as_str();
    let mut start_of_word = true;
    while let Some(first) = rest.chars().next() {
        let lower = rest.to_lowercase_prefix();
        // A word-initial «e» is «э»; elsewhere it is «е».
        let found = if start_of_word && lower.starts_with('e') {
            Some(("e", "э"))
        } else {
            // In «yoʻl» the mark makes another letter of the o: й and ў, not ё.
            PAIRS
                .iter()
                .copied()
                .find(|(from, _)| lower.starts_with(from) && !(*from == "yo" && lower.starts_with("yoʻ")))
        };
        let (taken, put) = match found {
            Some((from, to)) => (rest.prefix_chars(from.chars().count()), cased(to, first, rest, from)),
            None => (first.len_utf8(), first.to_string()),
        };
        out.push_str(&put);
        start_of_word = !first.is_alphabetic() && !matches!(first, 'ʼ' | 'ʻ');
        rest = &rest[taken..];
    }
    out
}

pub fn to_latin(cyrillic: &str) -> String {
    let mut out = String::with_capacity(cyrillic.len());
    let mut previous: Option<char> = None;
    for letter in cyrillic.chars() {
        let lower: String = letter.to_lowercase().collect();
        let found = PAIRS.iter().rev().map(|(latin, letter)| (*letter, *latin)).chain(ONLY_CYRILLIC.iter().copied());
        let latin = found.into_iter().find(|(from, _)| *from == lower).map(|(_, to)| to);
        match latin {
            // «е» sounds «ye» at the start of a word and after a vowel.
            Some("e") if lower == "е" && previous.is_none_or(begins_ye) => out.push_str(&capital("ye", letter)),
            Some("ye") if previous.is_some_and(|letter| !begins_ye(letter)) => out.push_str(&capital("e", letter)),
            Some(latin) => out.push_str(&capital(latin, letter)),
            None => out.push(letter),
        }
        previous = Some(letter);
    }
    out
}

fn begins_ye(previous: char) -> bool {
    !previous.is_alphabetic() || "аеёиоуэюяўАЕЁИОУЭЮЯЎъь".contains(previous)
}

/// One form of the marks people type as ' ` ’ ‘.
fn with_standard_marks(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (index, letter) in letters.iter().enumerate() {
        let mark = matches!(letter, '\'' | '`' | '’' | '‘' | 'ʻ' | 'ʼ');
        let previous = index.checked_sub(1).map(|before| letters[before]);
        let word_goes_on = previous.is_some_and(char::is_alphabetic);
        match (mark && word_goes_on, previous) {
            (true, Some('o' | 'O' | 'g' | 'G')) => out.push('ʻ'),
            (true, _) => out.push('ʼ'),
            _ => out.push(*letter),
        }
    }
    out
}

fn capital(text: &str, like: char) -> String {
    if !like.is_uppercase() {
        return text.to_owned();
    }
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn cased(to: &str, first: char, rest: &str, from: &str) -> String {
    debug_assert!(rest.chars().count() >= from.chars().count());
    if first.is_uppercase() { to.to_uppercase() } else { to.to_owned() }
}

trait Prefix {
    fn to_lowercase_prefix(&self) -> String;
    fn prefix_chars(&self, count: usize) -> usize;
}

impl Prefix for str {
    /// Only as much as the longest digraph needs: the whole rest would make the walk quadratic.
    fn to_lowercase_prefix(&self) -> String {
        self.chars().take(4).flat_map(char::to_lowercase).collect()
    }

    fn prefix_chars(&self, count: usize) -> usize {
        self.char_indices().nth(count).map_or(self.len(), |(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uzbek_words_change_script() {
        for (latin, cyrillic) in [
            ("Oʻzbekiston", "Ўзбекистон"),
            ("ma'lumot", "маълумот"),
            ("shartnoma", "шартнома"),
            ("guvohnoma", "гувоҳнома"),
            ("to‘lov", "тўлов"),
            ("eʼlon", "эълон"),
            ("Chorshanba", "Чоршанба"),
            ("yoʻl", "йўл"),
            ("Yo'q", "Йўқ"),
            ("yoz", "ёз"),
        ] {
            assert_eq!(to_cyrillic(latin), cyrillic);
        }
        for (cyrillic, latin) in [
            ("Ўзбекистон", "Oʻzbekiston"),
            ("йўл", "yoʻl"),
            ("никоҳ", "nikoh"),
            ("шартнома", "shartnoma"),
            ("маълумот", "maʼlumot"),
        ] {
            assert_eq!(to_latin(cyrillic), latin);
        }
    }
}

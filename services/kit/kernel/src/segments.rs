//! How many parts of a text message a gateway bills: GSM 7 bit (3GPP TS 23.038, 6.2.1) where every letter is in its alphabet,
//! else UCS-2; each part of a long message loses room to the header that joins them (3GPP TS 23.040, 9.2.3.24.1).

/// The default alphabet, one septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension table: an escape comes first, so two septets each.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Gsm7,
    Ucs2,
}

impl Coding {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm-7",
            Self::Ucs2 => "ucs-2",
        }
    }

    /// Room of a message that is alone, and of each part of one that is not.
    fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }
}

/// What one text becomes on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    pub coding: Coding,
    pub count: u32,
}

impl Segments {
    pub fn of(text: &str) -> Self {
        let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
        match septets {
            Some(widths) => Self::packed(Coding::Gsm7, &widths),
            None => Self::packed(Coding::Ucs2, &text.chars().map(char::len_utf16).collect::<Vec<_>>()),
        }
    }

    /// No letter is cut in two: neither an escape and what it escapes, nor the halves of a surrogate pair.
    fn packed(coding: Coding, widths: &[usize]) -> Self {
        let (alone, joined) = coding.room();
        if widths.iter().sum::<usize>() <= alone {
            return Self { coding, count: 1 };
        }
        let (mut count, mut used) = (1, 0);
        for width in widths {
            if used + width > joined {
                (count, used) = (count + 1, 0);
            }
            used += width;
        }
        Self { coding, count }
    }
}

fn septets(letter: char) -> Option<usize> {
    match letter {
        letter if BASIC.contains(letter) => Some(1),
        letter if EXTENDED.contains(letter) => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn counted(text: &str) -> (Coding, u32) {
        let Segments { coding, count } = Segments::of(text);
        (coding, count)
    }

    #[test]
    fn the_alphabet_is_whole() {
        let basic: BTreeSet<char> = BASIC.chars().collect();
        let extended: BTreeSet<char> = EXTENDED.chars().collect();
        // The 128th place is the escape itself.
        assert_eq!((basic.len(), BASIC.chars().count()), (127, 127));
        assert_eq!((extended.len(), basic.intersection(&extended).count()), (10, 0));
    }

    #[test]
    fn a_message_is_billed_by_the_parts_that_it_needs() {
        let latin = |letters: usize| counted(&"a".repeat(letters));
        assert_eq!(latin(0), (Coding::Gsm7, 1), "nothing is a message, too");
        assert_eq!([160, 161, 306, 307].map(latin), [1, 2, 2, 3].map(|count| (Coding::Gsm7, count)));
        let cyrillic = |letters: usize| counted(&"қ".repeat(letters));
        assert_eq!([70, 71, 134, 135].map(cyrillic), [1, 2, 2, 3].map(|count| (Coding::Ucs2, count)));
        assert_eq!(counted(&format!("{}ʻ", "a".repeat(70))), (Coding::Ucs2, 2), "one letter decides for all of them");
    }

    #[test]
    fn what_the_extension_table_has_takes_twice_the_room_and_is_never_cut() {
        assert_eq!(counted(&"€".repeat(80)), (Coding::Gsm7, 1));
        assert_eq!(counted(&"€".repeat(81)), (Coding::Gsm7, 2));
        // 152 septets and an escape pair: the pair goes into the second part, which 153 letters fill then.
        assert_eq!(counted(&format!("{}€{}", "a".repeat(152), "a".repeat(151))), (Coding::Gsm7, 2));
        assert_eq!(counted(&format!("{}€{}", "a".repeat(152), "a".repeat(152))), (Coding::Gsm7, 3));
        // A surrogate pair after 66 units, likewise.
        assert_eq!(counted(&format!("{}😀{}", "қ".repeat(66), "қ".repeat(65))), (Coding::Ucs2, 2));
        assert_eq!(counted(&format!("{}😀{}", "қ".repeat(66), "қ".repeat(66))), (Coding::Ucs2, 3));
    }
}

//! What a seal covers: every byte of the file except its own `Contents`, or it does not count.

use std::ops::Range;

use kernel::Time;
use sha2::{Digest, Sha256};

use super::Finding;

pub struct Cover {
    /// SHA-256 over everything that is covered.
    pub digest: [u8; 32],
    /// What `Contents` holds, still with its padding.
    pub contents: Vec<u8>,
    /// The time the seal claims (`/M`).
    pub sealed: Time,
}

/// A signature dictionary is a few dozen KiB at most; what claims more is not ours.
const CONTENTS_BYTES_MAX: usize = 64 * 1024;
/// How far before and after `Contents` our own dictionary reaches.
const DICTIONARY_BYTES: usize = 1024;

/// `None`: there is no seal at all.
pub fn read(file: &[u8]) -> Result<Option<Cover>, Finding> {
    if !file.starts_with(b"%PDF-") {
        return Ok(None);
    }
    let mut ranges = positions(file, b"/ByteRange");
    let Some(at) = ranges.next() else { return Ok(None) };
    if ranges.next().is_some() {
        return Err(Finding::failed("verify.several-seals", "The file bears more than one signature."));
    }
    let gap = gap(file, at + b"/ByteRange".len())?;
    let contents = hexadecimal(&file[gap.start + 1..gap.end - 1])?;
    let digest = Sha256::new().chain_update(&file[..gap.start]).chain_update(&file[gap.end..]).finalize();
    let tail = &file[gap.end..file.len().min(gap.end + DICTIONARY_BYTES)];
    let sealed = claimed_time(tail)
        .ok_or_else(|| Finding::failed("verify.malformed-seal", "The seal does not say when it was made."))?;
    Ok(Some(Cover { digest: digest.into(), contents, sealed }))
}

/// Reads `[0 a b c]`, directly followed by `/Contents <…>`, and demands that it leaves out nothing but that string.
fn gap(file: &[u8], at: usize) -> Result<Range<usize>, Finding> {
    let malformed = || Finding::failed("verify.malformed-seal", "The seal's byte range cannot be read.");
    let rest = &file[at..file.len().min(at + 128)];
    let open = rest.iter().position(|byte| *byte == b'[').ok_or_else(malformed)?;
    let close = rest.iter().position(|byte| *byte == b']').ok_or_else(malformed)?;
    let text = rest.get(open + 1..close).and_then(|text| std::str::from_utf8(text).ok()).ok_or_else(malformed)?;
    let numbers: Vec<usize> =
        text.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(|_| malformed())?;
    let &[start, first, second, rest_length] = numbers.as_slice() else { return Err(malformed()) };
    let whole = start == 0
        && first < second
        && second.checked_add(rest_length) == Some(file.len())
        && second - first <= 2 * CONTENTS_BYTES_MAX
        && second - first >= 2;
    if !whole {
        return Err(Finding::failed("verify.not-whole-file", "The seal does not cover the whole file."));
    }
    // The left-out bytes are exactly the string that follows the key `Contents` right behind the byte range.
    let between = file.get(at + close + 1..first).ok_or_else(malformed)?;
    let framed = file[first] == b'<' && file[second - 1] == b'>' && between == b"/Contents ";
    if !framed {
        return Err(Finding::failed("verify.not-whole-file", "The seal leaves out more than its own signature."));
    }
    Ok(first..second)
}

/// One spelling only: lower case, two digits a byte. Another would be a changed byte that nobody notices.
fn hexadecimal(text: &[u8]) -> Result<Vec<u8>, Finding> {
    let bytes = hex::decode(text).ok().filter(|bytes| hex::encode(bytes).as_bytes() == text);
    bytes.ok_or_else(|| Finding::failed("verify.malformed-seal", "The signature is not a hexadecimal string."))
}

/// `/M(D:YYYYMMDDHHmmSSZ)` in the rest of the signature dictionary.
fn claimed_time(dictionary: &[u8]) -> Option<Time> {
    let at = positions(dictionary, b"/M (D:").next()? + b"/M (D:".len();
    let text = std::str::from_utf8(dictionary.get(at..at + 15)?).ok()?;
    let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    Some(Time::from_jiff(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()))
}

fn positions<'a>(haystack: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    haystack.windows(needle.len()).enumerate().filter(move |(_, window)| *window == needle).map(|(at, _)| at)
}

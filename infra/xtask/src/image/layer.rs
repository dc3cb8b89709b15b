//! A tar archive (POSIX.1-1988, ustar) in which nothing depends on when, where and by whom it was made.

use std::collections::BTreeMap;

use super::contents::Entry;
use crate::generate::Outcome;

const BLOCK: usize = 512;
const NAME_MAX: usize = 100;

/// Owned by root, so that a process of the image cannot change it; all times are the epoch.
pub fn tar(entries: &BTreeMap<String, Entry>) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    for (path, entry) in entries {
        out.extend(header(path, entry)?);
        out.extend(entry.bytes());
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    Ok(out)
}

fn header(path: &str, entry: &Entry) -> Outcome<[u8; BLOCK]> {
    let folder = matches!(entry, Entry::Folder);
    let name = if folder { format!("{path}/") } else { path.to_owned() };
    if name.len() > NAME_MAX {
        return Err(format!("`{name}` is too long for a tar archive"));
    }
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, &name);
    put(100, &format!("{:07o}", entry.mode()));
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{:011o}", entry.bytes().len()));
    put(136, "00000000000");
    // The sum counts its own field as spaces.
    put(148, "        ");
    put(156, if folder { "5" } else { "0" });
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

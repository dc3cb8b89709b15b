//! The signed lists of documents that no longer count, in parts: a year of one agency's seals, or for old addresses all in one.

use std::sync::Arc;

use ::bus::Call;
use jiff::civil::Date;
use kernel::{Failure, Kept, Time};
use process::calendar::start_of_day;
use proto::signing::v1::{ReadStatusListRequest, StatusListPart};

use super::Office;
use crate::{
    domain::verify::status,
    store::{documents, seals},
};

/// Offline verification accepts a list for a week.
const LIST_SECONDS: i64 = 7 * 86_400;
/// While nothing changes, a list is signed anew so often: whoever asks again gets the same bytes meanwhile, from every copy.
const ANEW_SECONDS: i64 = 3_600;
const PART_BYTES: usize = 512 * 1024;
const LISTS_MAX: usize = 128;

/// What was signed last, by agency and year.
pub struct Lists(Kept<(String, i32), Made>);

impl Default for Lists {
    fn default() -> Self {
        Self(Kept::at_most(LISTS_MAX))
    }
}

#[derive(Clone)]
pub struct Made {
    /// How many documents are on it, and its `iat`.
    standing: (i64, i64),
    pub list: Arc<str>,
}

pub async fn read(office: &Arc<Office>, call: Call<ReadStatusListRequest>) -> Result<StatusListPart, Failure> {
    let asked = &call.request;
    let made = made(office, &asked.agency, asked.year).await?;
    // With the time alone a list that lost or won an entry within the second would pass for the one before.
    let mark = made.standing.1.saturating_mul(1_000_000).saturating_add(made.standing.0);
    if asked.made != 0 && asked.made != mark {
        return Err(Failure::stale("status.remade", "The list was made anew meanwhile. Read it from its beginning."));
    }
    let bytes = made.list.as_bytes();
    let from = usize::try_from(asked.offset).ok().filter(|from| *from < bytes.len());
    let from = from.ok_or_else(|| Failure::invalid("status.offset", "The offset is beyond the list's end."))?;
    let part = &bytes[from..bytes.len().min(from + PART_BYTES)];
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    Ok(StatusListPart { bytes: part.to_vec(), size, made: mark })
}

/// The list as it stands now: without an agency and a year, that of all. Nothing is signed for a name that somebody made up.
pub async fn made(office: &Office, agency: &str, year: i32) -> Result<Made, Failure> {
    let of = if agency.is_empty() && year == 0 {
        None
    } else {
        let (year, from, to) = within(year)?;
        Some((status::Of { agency: agency.to_owned(), year }, from, to))
    };
    let sealed = of.as_ref().map(|(of, from, to)| documents::Sealed { agency: &of.agency, from: *from, to: *to });
    let key = (agency.to_owned(), year);
    let mut tx = office.database.read().await?;
    if of.is_some() && !seals::is_of(&mut tx, agency).await? {
        return Err(Failure::not_found("status.no-list", "There is no list of this agency: it never had a seal."));
    }
    let (count, latest) = documents::withdrawn_until(&mut tx, sealed.as_ref()).await?;
    let seconds = |at: Time| at.micros() / 1_000_000;
    let now = seconds(office.clock.now());
    let iat = (now - now.rem_euclid(ANEW_SECONDS)).max(latest.map_or(0, seconds));
    if let Some(kept) = office.lists.0.get(&key)
        && kept.standing == (count, iat)
    {
        return Ok(kept);
    }
    let withdrawn = documents::withdrawn(&mut tx, sealed.as_ref()).await?;
    drop(tx);
    let entries = withdrawn.into_iter().map(|(hash, status, since)| status::Entry {
        document: status::entry_name(&hash),
        status,
        since: seconds(since),
    });
    let of = of.map(|(of, ..)| of);
    let list = status::List { iat, exp: iat + LIST_SECONDS, of, withdrawn: entries.collect() };
    let signed = status::sign(&list, &office.authority.issuing, &*office.authority.key)?;
    let made = Made { standing: (count, iat), list: signed.into() };
    office.lists.0.put(key, made.clone());
    Ok(made)
}

/// The civil year in Tashkent, and its first moment and that of the next one.
fn within(year: i32) -> Result<(i16, Time, Time), Failure> {
    let day = |year: i16| Date::new(year, 1, 1).ok().map(start_of_day);
    let bounds = i16::try_from(year).ok().filter(|year| (2000..9999).contains(year));
    let bounds = bounds.and_then(|year| Some((year, day(year)?, day(year + 1)?)));
    bounds.ok_or_else(|| Failure::invalid("status.year", "There is no list of such a year."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_begins_and_ends_at_midnight_in_tashkent() {
        let (year, from, to) = within(2026).unwrap();
        assert_eq!(year, 2026);
        assert_eq!((from.to_string(), to.to_string()), ("2025-12-31T19:00:00Z".into(), "2026-12-31T19:00:00Z".into()));
        for year in [0, -1, 70_000] {
            assert_eq!(within(year).unwrap_err().code, "status.year");
        }
    }
}

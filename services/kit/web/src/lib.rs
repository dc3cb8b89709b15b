//! What every HTTP edge shares: headers, cookies, guards against forged and flooding requests, languages and static files.

mod address;
mod asset;
mod cookie;
mod csrf;
mod described;
mod format;
mod headers;
mod language;
mod limit;
mod texts;
mod trace;

pub use address::{Hops, client_address};
pub use asset::{Asset, serve_asset};
pub use cookie::{Cookie, read_cookie};
pub use csrf::{Origin, Token, same_origin};
pub use described::{Content, Described, Operation, operation};
pub use format::{date, date_of_iso, date_time, money};
pub use headers::{FormAction, Secure, alone, asking, private, secure, viewed};
pub use language::{Preference, negotiate};
pub use limit::{Limiter, Rate, Verdict};
pub use texts::{Texts, Value, audit};
pub use trace::{ClaimedTrace, TRACE_PARENT, traced};

/// How hard gzip tries with what is made per request. The fastest level makes no code table of a page's own: what it saves here is a
/// fraction of a millisecond, and every byte more costs as much on a slow line.
const GZIP_LEVEL: i32 = 6;

/// Compresses what is made per request.
pub fn compression() -> tower_http::compression::CompressionLayer {
    let level = tower_http::CompressionLevel::Precise(GZIP_LEVEL);
    tower_http::compression::CompressionLayer::new().gzip(true).quality(level)
}

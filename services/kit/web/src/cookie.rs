//! Cookies that only this origin can set and read (`__Host-`, RFC 6265bis): each service's carry its own name.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

/// `__Host-<name>`: Secure, HttpOnly, SameSite=Lax, whole origin. Browsers treat http://localhost as trustworthy, so
/// this works there without TLS too.
#[derive(Debug, Clone, Copy)]
pub struct Cookie {
    pub name: &'static str,
}

impl Cookie {
    /// None: until the browser is closed.
    pub fn set(self, value: &str, age: Option<Duration>) -> HeaderValue {
        let age = age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
        let line = format!("{}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}", self.name);
        HeaderValue::from_str(&line).unwrap_or_else(|_| self.clear())
    }

    pub fn clear(self) -> HeaderValue {
        let line = format!("{}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", self.name);
        HeaderValue::from_str(&line).expect("the names of our cookies are plain ASCII")
    }

    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        read_cookie(headers, self.name)
    }
}

/// The first cookie of that name; a browser sends a `__Host-` cookie once.
pub fn read_cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_bound_to_its_origin_and_read_by_its_whole_name() {
        let cookie = Cookie { name: "__Host-portal" };
        let line = cookie.set("abc", None);
        assert_eq!(line, "__Host-portal=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "x__Host-portal=evil; __Host-portal=abc".parse().unwrap());
        assert_eq!(cookie.read(&headers), Some("abc"));
        assert_eq!(cookie.set("a\nb", None), cookie.clear());
    }
}

//! The client's address, believed only as far as our own proxies vouch for it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{extract::ConnectInfo, http::Extensions, http::HeaderMap};

/// How many proxies of ours stand in front. 0: the connection's own address, whatever a header says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hops(pub usize);

/// Counts `X-Forwarded-For` from the right: only entries that our own proxies appended are believed.
pub fn client_address(extensions: &Extensions, headers: &HeaderMap, hops: Hops) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let unknown = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    if hops.0 == 0 {
        return network(peer.unwrap_or(unknown));
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let entries: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let told = entries.len().checked_sub(hops.0).and_then(|index| entries.get(index));
    let told = told.and_then(|entry| entry.parse().ok());
    network(told.or(peer).unwrap_or(unknown))
}

/// One household has a whole IPv6 /64: its addresses count as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(forwarded: &[&str], hops: usize) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 1))));
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        client_address(&extensions, &headers, Hops(hops)).to_string()
    }

    #[test]
    fn a_forged_header_never_changes_the_address() {
        assert_eq!(asked(&["1.1.1.1"], 0), "10.0.0.1");
        assert_eq!(asked(&["1.1.1.1, 2.2.2.2"], 1), "2.2.2.2");
        assert_eq!(asked(&["9.9.9.9", "1.1.1.1, 2.2.2.2"], 2), "1.1.1.1");
        assert_eq!(asked(&["garbage"], 1), "10.0.0.1");
        assert_eq!(asked(&["2001:db8:1:2:3:4:5:6"], 1), "2001:db8:1:2::");
    }
}

//! Ports for servers that cannot be handed a socket, or that start again where they were.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    net::TcpListener,
};

/// Below what the kernel gives to outgoing connections: a port of those may be somebody's connection a moment later, and a
/// client that calls a port where nobody listens yet can even reach itself there.
const FROM: u16 = 12_000;
const TO: u16 = 32_000;

/// A port of the loopback address that is free now and that nobody gets by chance.
pub fn free_port() -> u16 {
    loop {
        // A hasher's keys are random; nothing here has to be repeated.
        let chosen = RandomState::new().build_hasher().finish() % u64::from(TO - FROM);
        let port = FROM + u16::try_from(chosen).expect("it is below the range's width");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_free_and_no_outgoing_connections() {
        let port = free_port();
        assert!((FROM..TO).contains(&port));
        // A neighbour may take one of them at this very moment.
        assert!((0..5).any(|_| TcpListener::bind(("127.0.0.1", free_port())).is_ok()));
        if let Ok(range) = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range") {
            let first: u16 = range.split_whitespace().next().unwrap().parse().unwrap();
            assert!(first >= TO, "the kernel gives ports from {first} to outgoing connections");
        }
    }
}

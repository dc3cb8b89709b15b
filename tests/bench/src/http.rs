//! An HTTP/1.1 client that costs next to nothing, because it shares the machine with what it measures.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
};

use crate::Outcome;

/// One connection that is kept.
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// The n-th address of this machine's loopback network: to the platform each is another visitor's network.
pub fn visitor(number: u32) -> Ipv4Addr {
    let base = u32::from(Ipv4Addr::new(127, 1, 0, 1));
    Ipv4Addr::from(base + number)
}

impl Connection {
    pub async fn open(from: Ipv4Addr, port: u16) -> Outcome<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::V4(SocketAddrV4::new(from, 0)))?;
        let stream = socket.connect(SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), line: String::new() })
    }

    /// Sends a whole request and reads the whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.stream.write_all(request).await?;
        let status = self.next_line().await?.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or("an answer without a status")?;
        let (mut length, mut chunked) = (0_usize, false);
        loop {
            let line = self.next_line().await?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        }
        let body = if chunked { self.chunks().await? } else { self.bytes(length).await? };
        Ok(Answer { status, body })
    }

    async fn chunks(&mut self) -> Outcome<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(self.next_line().await?, 16)?;
            body.extend(self.bytes(length).await?);
            self.next_line().await?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    async fn bytes(&mut self, length: usize) -> Outcome<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await?;
        Ok(bytes)
    }

    async fn next_line(&mut self) -> Outcome<&str> {
        self.line.clear();
        if self.stream.read_line(&mut self.line).await? == 0 {
            return Err("the connection was closed".into());
        }
        Ok(self.line.trim_end())
    }
}

/// What a browser sends for a page.
pub fn get(host: &str, path: &str, cookies: &str) -> Vec<u8> {
    let cookies = sent(cookies);
    format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/html\r\naccept-language: uz\r\naccept-encoding: gzip\r\n{cookies}\r\n"
    )
    .into_bytes()
}

pub fn post_form(host: &str, path: &str, cookies: &str, body: &str) -> Vec<u8> {
    let cookies = sent(cookies);
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\n{cookies}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn sent(cookies: &str) -> String {
    if cookies.is_empty() { String::new() } else { format!("cookie: {cookies}\r\n") }
}

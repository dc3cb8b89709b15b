//! A file that is sent in parts, as the page's script does.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Hash;
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

use crate::{
    patience::Patience,
    visitor::{Page, Visitor},
};

/// As the hosts of e-services keep them.
pub const PIECE_BYTES: usize = 256 * 1024;

/// An upload that has begun, as one session sees it.
pub struct Upload {
    pub visitor: Visitor,
    pub address: Url,
    token: String,
}

/// How much of it has come.
pub struct Stands {
    pub offset: usize,
    pub hash: String,
}

impl Upload {
    /// From the page of a question's files.
    pub async fn begin(visitor: &Visitor, files: &Page, name: &str, bytes: usize) -> Self {
        let token = files.form("/files/").get("_token").expect("a form of a session's").to_owned();
        let headers = [
            ("x-form-token", token.clone()),
            ("upload-length", bytes.to_string()),
            ("upload-metadata", format!("filename {}", STANDARD.encode(name))),
        ];
        let address = files.url.join(&format!("{}/uploads", files.url.path())).expect("an address");
        let begun = visitor.ask("POST", &address, &headers, Vec::new()).await.expect("an answer");
        assert_eq!(begun.status(), StatusCode::CREATED);
        let to = begun.headers().get("location").and_then(|to| to.to_str().ok()).expect("where it goes on");
        Self { visitor: visitor.clone(), address: files.url.join(to).expect("an address"), token }
    }

    /// The same upload from another session's page.
    pub fn seen_by(&self, visitor: &Visitor, page: &Page) -> Self {
        let token = page.form("/").get("_token").expect("a form of a session's").to_owned();
        Self { visitor: visitor.clone(), address: self.address.clone(), token }
    }

    /// The same with a token of nobody's.
    pub fn forged(&self) -> Self {
        Self { visitor: self.visitor.clone(), address: self.address.clone(), token: "x".to_owned() }
    }

    /// None: there is no such upload, for them.
    pub async fn stands(&self) -> Option<Stands> {
        let answer = self.visitor.ask("HEAD", &self.address, &[], Vec::new()).await.expect("an answer");
        if answer.status() == StatusCode::NOT_FOUND {
            return None;
        }
        assert_eq!(answer.status(), StatusCode::OK);
        let told = |name: &str| answer.headers()[name].to_str().expect("plain words").to_owned();
        Some(Stands { offset: told("upload-offset").parse().expect("a number"), hash: told("upload-hash") })
    }

    fn headers(&self, offset: usize) -> [(&'static str, String); 3] {
        [
            ("x-form-token", self.token.clone()),
            ("upload-offset", offset.to_string()),
            ("content-type", "application/offset+octet-stream".to_owned()),
        ]
    }

    /// Sends a part: what is answered, and how much has come then.
    pub async fn send(&self, offset: usize, part: &[u8]) -> (StatusCode, Option<usize>, String) {
        let headers = self.headers(offset);
        let answer = self.visitor.ask("PATCH", &self.address, &headers, part.to_vec()).await.expect("an answer");
        let (status, come) = (answer.status(), answer.headers().get("upload-offset").cloned());
        let come = come.and_then(|come| come.to_str().ok()?.parse().ok());
        (status, come, answer.text().await.unwrap_or_default())
    }

    /// Is cut off after so many bytes of a part, and gives where it goes on, once so much has come.
    pub async fn cut_off(&self, offset: usize, part: &[u8], after: usize, least: usize) -> Stands {
        self.visitor.hang_up("PATCH", &self.address, &self.headers(offset), part, after).await;
        let patience = Patience::default();
        loop {
            let stands = self.stands().await.expect("it is on its way");
            if stands.offset >= least {
                return stands;
            }
            assert!(patience.lasts(), "{} of {least} bytes have come", stands.offset);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A file that is read as slowly as its reader's line is.
pub struct Download {
    connection: TcpStream,
    left: usize,
    pub read: Vec<u8>,
}

impl Download {
    pub async fn begin(visitor: &Visitor, url: &Url) -> Self {
        let (host, port) = (url.host_str().expect("a host"), url.port_or_known_default().expect("a port"));
        let mut connection = TcpStream::connect((host, port)).await.expect("somebody listens");
        let (path, cookies) = (url.path(), visitor.cookies_for(url));
        let asked =
            format!("GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\ncookie: {cookies}\r\nconnection: close\r\n\r\n");
        connection.write_all(asked.as_bytes()).await.expect("it is read");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await.expect("an answer"));
        }
        let head = String::from_utf8(head).expect("plain words").to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("its length is told");
        Self { connection, left: length.trim().parse().expect("a number"), read: Vec::new() }
    }

    /// Reads so many bytes more, or all that are left.
    pub async fn read(&mut self, bytes: usize) {
        let (from, more) = (self.read.len(), bytes.min(self.left));
        self.read.resize(from + more, 0);
        self.connection.read_exact(&mut self.read[from..]).await.expect("what was promised comes");
        self.left -= more;
    }

    /// Waits until whoever sends waits, because everything between is full.
    pub async fn is_stuck(&self) {
        let (mut waiting, mut before, mut same) = (vec![0; 64 * 1024 * 1024], 0, 0);
        while same < 10 {
            let now = self.connection.peek(&mut waiting).await.expect("it is open");
            same = if now == before { same + 1 } else { 0 };
            before = now;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// What the host tells of the beginning of a file.
pub fn hash_of(content: &[u8]) -> String {
    let pieces: Vec<Hash> = content.chunks(PIECE_BYTES).map(Hash::of).collect();
    let parts: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes().as_slice()).collect();
    Hash::of_parts(&parts).to_string()
}

//! A scanner that speaks clamd's protocol (INSTREAM): it finds EICAR's test file, wherever in a file it stands, and nothing else.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// In two parts: a scanner over these sources should find nothing.
const EICAR: [&str; 2] = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];
const COMMAND: &[u8] = b"zINSTREAM\0";
const PIECE_BYTES_MAX: u32 = 1024 * 1024;
/// As `StreamMaxLength 100M`.
const FILE_BYTES_MAX: u64 = 100 * 1024 * 1024;
const IDLE: Duration = Duration::from_secs(60);

/// A running scanner.
pub struct Started {
    pub address: SocketAddr,
    /// Route relative to `/clamd`: `/control` lets it be away.
    pub router: Router,
}

pub async fn start(listen: SocketAddr) -> io::Result<Started> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let away = Arc::<AtomicBool>::default();
    tokio::spawn(accept(listener, away.clone()));
    Ok(Started { address, router: Router::new().route("/control", post(control)).with_state(away) })
}

async fn accept(listener: TcpListener, away: Arc<AtomicBool>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Whoever is away closes without a word.
        if away.load(Ordering::Relaxed) {
            continue;
        }
        tokio::spawn(async move {
            if let Err(error) = converse(stream).await {
                tracing::debug!(%error, "a scan ended");
            }
        });
    }
}

async fn converse(mut stream: TcpStream) -> io::Result<()> {
    let mut command = vec![0; COMMAND.len()];
    timeout(IDLE, stream.read_exact(&mut command)).await??;
    let answer: &[u8] = if command == COMMAND { scanned(&mut stream).await? } else { b"UNKNOWN COMMAND\0" };
    stream.write_all(answer).await
}

/// Hears a file to its end; nothing of it is kept but what could be the beginning of the sign.
async fn scanned(stream: &mut TcpStream) -> io::Result<&'static [u8]> {
    let sign = EICAR.concat().into_bytes();
    let (mut seen, mut found, mut bytes) = (Vec::new(), false, 0);
    loop {
        let length = timeout(IDLE, stream.read_u32()).await??;
        bytes += u64::from(length);
        if length == 0 {
            let answer: &[u8] = if found { b"stream: Eicar-Test-Signature FOUND\0" } else { b"stream: OK\0" };
            return Ok(answer);
        }
        if length > PIECE_BYTES_MAX || bytes > FILE_BYTES_MAX {
            return Ok(b"INSTREAM size limit exceeded. ERROR\0");
        }
        let mut piece = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        timeout(IDLE, stream.read_exact(&mut piece)).await??;
        seen.extend(piece);
        found |= seen.windows(sign.len()).any(|window| window == sign);
        seen.drain(..seen.len().saturating_sub(sign.len() - 1));
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    away: bool,
}

async fn control(State(away): State<Arc<AtomicBool>>, Json(control): Json<Control>) -> StatusCode {
    away.store(control.away, Ordering::Relaxed);
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(address: SocketAddr, pieces: &[&[u8]]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(COMMAND).await.unwrap();
        for piece in pieces {
            stream.write_all(&u32::try_from(piece.len()).unwrap().to_be_bytes()).await.unwrap();
            stream.write_all(piece).await.unwrap();
        }
        stream.write_all(&[0; 4]).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_sign_is_found_also_where_it_is_cut_in_two() {
        let scanner = start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let sign = EICAR.concat().into_bytes();
        let (first, second) = sign.split_at(20);
        assert_eq!(answer(scanner.address, &[b"%PDF-", first, second]).await, "stream: Eicar-Test-Signature FOUND\0");
        assert_eq!(answer(scanner.address, &[b"%PDF-", first, b"-", second]).await, "stream: OK\0");
        assert_eq!(answer(scanner.address, &[]).await, "stream: OK\0");
    }
}

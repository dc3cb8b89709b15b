//! A mail server that takes everything (RFC 5321), shows it, and refuses or returns it when told to.

mod bounce;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

const LINE_BYTES_MAX: u64 = 4 * 1024;
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
const IDLE: Duration = Duration::from_secs(60);

/// Where mail is taken, and whom reports about letters are handed to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Port 0: any free one.
    pub listen: SocketAddr,
    /// The mail server of the senders' domain, as `host:port`.
    pub reports: String,
}

#[derive(Debug, Clone, Serialize)]
struct Received {
    from: String,
    to: Vec<String>,
    raw: String,
}

struct Server {
    reports: String,
    received: Mutex<Vec<Received>>,
    /// Codes with which the next recipients are refused, one each: 450, 550.
    planned: Mutex<Vec<u16>>,
    /// Addresses to which letters come back, besides `bounce@` anywhere.
    returning: Mutex<Vec<String>>,
}

impl Server {
    fn received(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().expect("no holder of this lock panics")
    }

    fn planned(&self) -> MutexGuard<'_, Vec<u16>> {
        self.planned.lock().expect("no holder of this lock panics")
    }

    fn returning(&self) -> MutexGuard<'_, Vec<String>> {
        self.returning.lock().expect("no holder of this lock panics")
    }

    /// Keeps a letter, and returns it where its recipient is not there.
    fn take(&self, received: Received, envelope: Option<String>) {
        let named = self.returning().clone();
        for recipient in received.to.iter().filter(|recipient| bounce::comes_back(recipient, &named)) {
            let returned = bounce::Returned {
                sender: received.from.clone(),
                envelope: envelope.clone(),
                recipient: recipient.clone(),
                letter: received.raw.clone(),
            };
            tokio::spawn(bounce::tell(self.reports.clone(), returned));
        }
        self.received().push(received);
    }
}

/// A running mail server.
pub struct Started {
    pub address: SocketAddr,
    /// Routes relative to `/mail`: `/messages` shows what came, `/control` plans refusals and returns.
    pub router: Router,
}

pub async fn start(settings: Settings) -> io::Result<Started> {
    let listener = TcpListener::bind(settings.listen).await?;
    let address = listener.local_addr()?;
    let server = Arc::new(Server {
        reports: settings.reports,
        received: Mutex::default(),
        planned: Mutex::default(),
        returning: Mutex::default(),
    });
    tokio::spawn(accept(listener, server.clone()));
    let router = Router::new().route("/messages", get(messages)).route("/control", post(plan)).with_state(server);
    Ok(Started { address, router })
}

async fn accept(listener: TcpListener, server: Arc<Server>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let server = server.clone();
        tokio::spawn(async move {
            if let Err(error) = converse(stream, &server).await {
                tracing::debug!(%error, "a mail connection ended");
            }
        });
    }
}

async fn converse(stream: TcpStream, server: &Server) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    write.write_all(b"220 sandbox ESMTP\r\n").await?;
    let (mut from, mut to, mut envelope) = (String::new(), Vec::new(), None);
    while let Some(line) = next_line(&mut read).await? {
        let verb: String = line.chars().take_while(char::is_ascii_alphabetic).collect();
        let reply = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => "250-sandbox\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8",
            "HELO" | "NOOP" => "250 ok",
            "RSET" => {
                (from, to) = (String::new(), Vec::new());
                "250 ok"
            }
            "MAIL" => {
                (from, to, envelope) = (address(&line), Vec::new(), parameter(&line, "ENVID="));
                "250 ok"
            }
            "RCPT" => match refusal(server) {
                Some(550) => "550 no such mailbox",
                Some(_) => "450 mailbox busy",
                None => {
                    to.push(address(&line));
                    "250 ok"
                }
            },
            "DATA" if to.is_empty() => "503 no recipient",
            "DATA" => {
                write.write_all(b"354 end with a dot\r\n").await?;
                match data(&mut read).await? {
                    Some(raw) => {
                        let received = Received { from: from.clone(), to: std::mem::take(&mut to), raw };
                        server.take(received, envelope.take());
                        "250 taken"
                    }
                    None => "552 too large",
                }
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "502 not known here",
        };
        write.write_all(reply.as_bytes()).await?;
        write.write_all(b"\r\n").await?;
    }
    Ok(())
}

fn refusal(server: &Server) -> Option<u16> {
    let mut planned = server.planned();
    (!planned.is_empty()).then(|| planned.remove(0))
}

async fn next_line<R: AsyncBufReadExt + Unpin>(read: &mut R) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut limited = read.take(LINE_BYTES_MAX);
    let bytes = tokio::time::timeout(IDLE, limited.read_until(b'\n', &mut line)).await??;
    let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
    Ok((bytes > 0).then_some(text))
}

/// `None`: more than is taken. A leading dot was doubled by the sender (4.5.2).
async fn data<R: AsyncBufReadExt + Unpin>(read: &mut R) -> io::Result<Option<String>> {
    let mut raw = String::new();
    let mut fits = true;
    loop {
        let Some(line) = next_line(read).await? else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        if line == "." {
            return Ok(fits.then_some(raw));
        }
        fits &= raw.len() + line.len() < MESSAGE_BYTES_MAX;
        if fits {
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            raw.push('\n');
        }
    }
}

fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or("", |(address, _)| address).to_owned()
}

/// Of a command, such as `ENVID=7` (RFC 3461, 4.4).
fn parameter(line: &str, name: &str) -> Option<String> {
    line.split_whitespace().find_map(|word| word.strip_prefix(name)).map(str::to_owned)
}

async fn messages(State(server): State<Arc<Server>>) -> Response {
    let received = server.received().clone();
    Json(json!({"messages": received})).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    #[serde(default)]
    next: Vec<u16>,
    /// Letters to these addresses come back from now on.
    #[serde(default)]
    returning: Vec<String>,
}

async fn plan(State(server): State<Arc<Server>>, Json(plan): Json<Plan>) -> StatusCode {
    if plan.next.iter().any(|code| !matches!(code, 450 | 550)) {
        return StatusCode::BAD_REQUEST;
    }
    server.planned().extend(plan.next);
    server.returning().extend(plan.returning);
    StatusCode::NO_CONTENT
}

//! One PostgreSQL server a test process, started at first use on a socket of its own, with fsync on.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use sql::{Host, Hosted, Plan, Settings};

use crate::{
    folder::{folder, fresh},
    unique,
};

struct Server {
    socket: PathBuf,
    /// A shell that stops the server and removes its folder when this process ends.
    _keeper: Child,
}

/// A server of its own on the loopback interface, with TLS or without.
pub struct OverNetwork {
    pub port: u16,
    /// The server's self-made certificate, for the name `localhost`; only with TLS.
    pub certificate: PathBuf,
    /// All its files: its log, and `data` with everything that it keeps.
    pub folder: PathBuf,
    _server: Server,
}

impl OverNetwork {
    /// One of its databases, as whoever may do everything sees it.
    pub fn administrator_url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// A copy of one of its databases as the statements that make it again.
    pub fn dump(&self, database: &str, file: &Path) {
        let binaries = binaries().unwrap_or_else(|| panic!("{INSTALL}"));
        let mut command = Command::new(binaries.join("pg_dump"));
        command.arg("--dbname").arg(self.administrator_url(database)).arg("--file").arg(file);
        let done = command.output().expect("it is installed beside the server");
        assert!(done.status.success(), "{database}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

/// Starts the server, waits for the end of standard input, stops the server, removes its folder.
const KEEPER: &str = r#"
"$1/initdb" -D "$0/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$0/log" 2>&1 || exit 1
if [ "$3" = tls ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
        -keyout "$0/server.key" -out "$0/server.crt" >>"$0/log" 2>&1 || exit 1
    set -- "$1" "$2" "$3" -c ssl=on -c ssl_cert_file="$0/server.crt" -c ssl_key_file="$0/server.key"
fi
binaries=$1 port=$2
shift 3
[ "$port" = 0 ] || set -- "$@" -c listen_addresses=127.0.0.1 -c port="$port"
"$binaries/postgres" -D "$0/data" -k "$0" -c listen_addresses= "$@" -c max_connections=200 -c shared_buffers=32MB >>"$0/log" 2>&1 &
server=$!
read -r _
kill -INT "$server"
wait "$server"
rm -rf "$0"
"#;

const INSTALL: &str = "PostgreSQL's server is not installed under /usr/lib/postgresql: install it (Debian: apt-get install postgresql), or set XIZMAT_TEST_POSTGRES=off to leave these tests out";

/// A database of the shared server as a host of every service sees it, with the owner's role beside.
pub(crate) fn database(name: &str) -> Settings {
    let provisioned = provision(name, "host", Hosted::Every);
    Settings {
        owner_url_file: Some(keep(&format!("{name}_owner"), &provisioned.owner_url)),
        ..Settings::url_file(keep(name, &provisioned.host_urls[0]))
    }
}

/// The same database as a host of these services only sees it, without the owner's role.
pub(crate) fn limited(settings: &Settings, services: &[&str]) -> Settings {
    let file = settings.url_file.as_ref().expect("a PostgreSQL database");
    let name = file.file_stem().and_then(|stem| stem.to_str()).expect("named by `database`");
    let host = unique("host");
    let hosted = Hosted::Only(services.iter().map(|&service| service.to_owned()).collect());
    let provisioned = provision(name, &host, hosted);
    Settings::url_file(keep(&format!("{name}_{host}"), &provisioned.host_urls[0]))
}

/// On a thread of its own: the caller may be inside a runtime, which must not be blocked.
fn provision(database: &str, host: &str, hosted: Hosted) -> sql::Provisioned {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let host = Host { name: host.to_owned(), password: "host".to_owned(), hosted, connections: None };
    let plan = Plan { database: database.to_owned(), owner_password: "owner".to_owned(), hosts: vec![host] };
    let work = move || {
        let server = SERVER.get_or_init(|| start(0, ""));
        let administrator = format!("postgres:///postgres?host={}&user=postgres", server.socket.display());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime needs no more than a thread").block_on(sql::provision(&administrator, &plan))
    };
    let provisioned = thread::spawn(work).join().expect("it does not panic");
    provisioned.unwrap_or_else(|error| panic!("{database}: {error}"))
}

fn keep(name: &str, url: &str) -> PathBuf {
    let file = folder().join(format!("{name}.url"));
    fs::write(&file, url).expect("the test's folder can be written");
    file
}

/// Starts a server that is reached as over a network.
pub fn over_network(tls: bool) -> OverNetwork {
    let port = crate::free_port();
    let server = start(port, if tls { "tls" } else { "" });
    let folder = server.socket.clone();
    OverNetwork { port, certificate: folder.join("server.crt"), folder, _server: server }
}

fn start(port: u16, tls: &str) -> Server {
    let binaries = binaries().unwrap_or_else(|| panic!("{INSTALL}"));
    let socket = fresh("xizmat-pg-");
    let mut command = Command::new("sh");
    if let Some((user, group)) = server_user() {
        std::os::unix::fs::chown(&socket, Some(user), Some(group)).expect("root may give away");
        command = Command::new("setpriv");
        command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups", "sh"]);
    }
    let keeper = command
        .args(["-c", KEEPER])
        .arg(&socket)
        .arg(&binaries)
        .args([&port.to_string(), tls])
        .current_dir(&socket)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh, and setpriv for root, are there");
    wait_until_ready(&binaries, &socket, port);
    Server { socket, _keeper: keeper }
}

fn wait_until_ready(binaries: &Path, socket: &Path, port: u16) {
    let port = if port == 0 { "5432".to_owned() } else { port.to_string() };
    for _ in 0..600 {
        let ready = Command::new(binaries.join("pg_isready")).args(["-q", "-p", &port, "-h"]).arg(socket).status();
        if ready.is_ok_and(|status| status.success()) {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let log = fs::read_to_string(socket.join("log")).unwrap_or_default();
    panic!("PostgreSQL did not start within a minute:\n{log}");
}

/// The newest installed server's folder.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, path)| path.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

/// The server refuses to run as root; root hands it to the user that the package made.
fn server_user() -> Option<(u32, u32)> {
    let own = fs::metadata("/proc/self").ok()?;
    if std::os::unix::fs::MetadataExt::uid(&own) != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut ids = line.split(':').skip(2).map(str::parse);
    Some((ids.next()?.ok()?, ids.next()?.ok()?))
}

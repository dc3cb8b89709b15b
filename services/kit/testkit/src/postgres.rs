//! One PostgreSQL server a test process, started at first use on a socket of its own, with fsync on.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use sql::Settings;

use crate::folder::{folder, fresh};

struct Server {
    binaries: PathBuf,
    socket: PathBuf,
    /// A shell that stops the server and removes its folder when this process ends.
    _keeper: Child,
}

/// Starts the server, waits for the end of standard input, stops the server, removes its folder.
const KEEPER: &str = r#"
"$1/initdb" -D "$0/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$0/log" 2>&1 || exit 1
"$1/postgres" -D "$0/data" -k "$0" -c listen_addresses= -c fsync=on -c max_connections=200 -c shared_buffers=32MB >>"$0/log" 2>&1 &
server=$!
read -r _
kill -INT "$server"
wait "$server"
rm -rf "$0"
"#;

const INSTALL: &str = "PostgreSQL's server is not installed under /usr/lib/postgresql: install it (Debian: apt-get install postgresql), or set XIZMAT_TEST_POSTGRES=off to leave these tests out";

pub(crate) fn database(name: &str) -> Settings {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let server = SERVER.get_or_init(start);
    let made = Command::new(server.binaries.join("createdb"))
        .arg("-h")
        .arg(&server.socket)
        .args(["-U", "postgres", name])
        .output()
        .expect("createdb lies beside the server");
    assert!(made.status.success(), "createdb: {}", String::from_utf8_lossy(&made.stderr));
    let url = format!("postgres:///{name}?host={}&user=postgres", server.socket.display());
    let file = folder().join(format!("{name}.url"));
    fs::write(&file, url).expect("the test's folder can be written");
    Settings::url_file(file)
}

fn start() -> Server {
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
        .current_dir(&socket)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh, and setpriv for root, are there");
    wait_until_ready(&binaries, &socket);
    Server { binaries, socket, _keeper: keeper }
}

fn wait_until_ready(binaries: &Path, socket: &Path) {
    for _ in 0..600 {
        let ready = Command::new(binaries.join("pg_isready")).arg("-q").arg("-h").arg(socket).status();
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

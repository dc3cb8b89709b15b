//! A NATS server for one test, on a free port, ended when it is dropped.

use std::{
    ffi::OsStr,
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{folder::folder, unique};

pub struct Nats {
    pub url: String,
    pub folder: PathBuf,
    server: Child,
}

impl Drop for Nats {
    fn drop(&mut self) {
        if let Err(error) = self.server.kill().and_then(|()| self.server.wait()) {
            eprintln!("nats-server could not be ended: {error}");
        }
    }
}

/// Where the server's binary is: what `infra/setup/nats.sh` printed, or what is on the PATH.
pub fn nats_binary() -> PathBuf {
    std::env::var_os("XIZMAT_NATS_SERVER").map_or_else(|| "nats-server".into(), PathBuf::from)
}

/// A server as its arguments say; whoever starts it ends it.
pub fn nats_server<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Child {
    Command::new(nats_binary())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the NATS server starts (XIZMAT_NATS_SERVER says where it is)")
}

/// Starts a server with JetStream; `configuration` is added to its file (accounts, users, permissions).
pub fn nats(configuration: &str) -> Nats {
    let home = folder().join(unique("nats"));
    fs::create_dir_all(&home).expect("the test's folder can be written");
    let file = home.join("nats.conf");
    let text = format!(
        "listen: \"127.0.0.1:-1\"\njetstream {{ store_dir: \"{}\" }}\n{configuration}\n",
        home.join("jetstream").display()
    );
    fs::write(&file, text).expect("the test's folder can be written");
    let log = fs::File::create(home.join("log")).expect("the test's folder can be written");
    let server = Command::new(nats_binary())
        .arg("-c")
        .arg(&file)
        .arg("--ports_file_dir")
        .arg(&home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("nats-server is built by `make up` or lies on the PATH");
    let ports = home.join(format!("nats-server_{}.ports", server.id()));
    let mut nats = Nats { url: String::new(), folder: home, server };
    for _ in 0..200 {
        if let Some(url) = fs::read_to_string(&ports).ok().as_deref().and_then(first_url) {
            nats.url = url;
            return nats;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let log = fs::read_to_string(nats.folder.join("log")).unwrap_or_default();
    panic!("nats-server did not start:\n{log}");
}

/// The ports file is JSON like `{"nats":["nats://127.0.0.1:37123"],…}`.
fn first_url(ports: &str) -> Option<String> {
    let start = ports.find("nats://")?;
    let url = &ports[start..];
    Some(url[..url.find('"')?].to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_server_listens_where_it_says_and_ends_with_its_handle() {
        let nats = super::nats("");
        let address = nats.url.trim_start_matches("nats://").to_owned();
        assert!(std::net::TcpStream::connect(&address).is_ok(), "{address}");
        drop(nats);
        assert!(std::net::TcpStream::connect(&address).is_err());
    }
}

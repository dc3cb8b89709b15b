//! A platform that cannot start says why in one clear line and ends with an error.

use std::{
    io::Write,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use tests::{platform::binary, traces};

/// Names the configuration of the server that this program plays when it is started as one.
const ACTS_AS_SERVER: &str = "XIZMAT_TEST_SERVER_CONFIG";

#[test]
fn a_port_in_use_is_named_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let output = up(folder.path(), &["--listen", &address]);
    refused(&output, &["Cannot listen on", &address]);
    let port = taken.local_addr().expect("it is bound").port().to_string();
    let output = up(folder.path(), &["--listen", "127.0.0.1:0", "--nats-port", &port]);
    refused(&output, &["Cannot listen on port", &port, "--nats-port"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = traces::file(folder.path(), "file", b"");
    let output = up(&file.join("data"), &["--listen", "127.0.0.1:0"]);
    refused(&output, &["cannot be written", "file/data"]);
}

#[test]
fn a_server_of_an_old_version_and_one_that_is_missing_are_named_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let ourselves = std::env::current_exe().expect("a running test has a path");
    let script = format!(
        "#!/bin/sh\n{ACTS_AS_SERVER}=\"$2\" exec '{}' --ignored --exact start::acts_as_an_old_server\n",
        ourselves.display()
    );
    let server = traces::file(folder.path(), "nats-server", script.as_bytes());
    std::fs::set_permissions(&server, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    let server = server.display().to_string();
    let output = up(&folder.path().join("old"), &["--listen", "127.0.0.1:0", "--nats-server", &server]);
    refused(&output, &["The NATS server is 2.9.1", "or newer is needed"]);
    let output = up(&folder.path().join("none"), &["--listen", "127.0.0.1:0", "--nats-server", "/nowhere/nats-server"]);
    refused(&output, &["NATS server"]);
}

#[test]
fn production_keeps_real_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let production = ["--set", "stage=production", "--set", "sqlite_in_production=true"];
    let arguments: Vec<&str> = ["--listen", "127.0.0.1:0", "--rehearsal"].into_iter().chain(production).collect();
    refused(&up(folder.path(), &arguments), &["production", "rehearsal"]);
}

/// Not a test: the program of the test above, started as a server that greets with an old version.
#[test]
#[ignore = "started by another test"]
fn acts_as_an_old_server() {
    let Some(config) = std::env::var_os(ACTS_AS_SERVER) else { return };
    let config = std::fs::read_to_string(config).expect("the platform wrote it");
    let listen = config.lines().find_map(|line| line.trim().strip_prefix("listen")).expect("it says where");
    let address = listen.trim_matches([':', ' ', '"', '=']).to_owned();
    let listener = TcpListener::bind(&address).unwrap_or_else(|error| panic!("{address}: {error}"));
    for stream in listener.incoming() {
        let greeting = b"INFO {\"server_id\":\"OLD\",\"version\":\"2.9.1\",\"max_payload\":1048576}\r\n";
        let _ = stream.expect("a connection").write_all(greeting);
    }
}

fn up(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary("xizmat"));
    command.args(["up", "--health", "127.0.0.1:0", "--data"]).arg(data).args(arguments);
    if !arguments.contains(&"--nats-port") {
        command.args(["--nats-port", "0"]);
    }
    command.output().expect("the platform's own binary")
}

fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is missing: {said}");
    }
}

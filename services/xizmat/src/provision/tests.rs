//! Real servers with what was made for them: they know each other, and nobody is on the bus in plain.

use std::{
    path::{Path, PathBuf},
    process::Child,
    time::Duration,
};

use boot::{Kit, Stage};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{certificate, folder::Folder, install_crypto, make, plan::Plan};

const SERVERS: [&str; 3] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

struct Ports {
    client: u16,
    cluster: u16,
    monitor: u16,
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.0.kill().and_then(|()| self.0.wait());
        assert!(ended.is_ok() || std::thread::panicking());
    }
}

/// As the chart configures it, but for the ports of a test.
fn start(folder: &Folder, address: &str, ports: &Ports) -> Server {
    let Ports { client, cluster, monitor } = ports;
    let read = |name: &str| String::from_utf8(folder.read(name).unwrap()).unwrap();
    let quoted = |name: &str| format!("\"{}\"", folder.path(name).display());
    let routes = read("nats/cluster.conf")
        .replace("0.0.0.0:6222", &format!("{address}:{cluster}"))
        .replace(":6222\"", &format!(":{cluster}\""));
    let configuration = format!(
        "server_name: \"{address}\"\nlisten: \"{address}:{client}\"\nhttp: \"{address}:{monitor}\"\n\
         tls {{ cert_file: {}, key_file: {}, timeout: 5 }}\nresolver: {{ type: full, dir: {} }}\n{}\n{routes}",
        quoted(certificate::CERTIFICATE),
        quoted(certificate::KEY),
        quoted(&format!("resolver-{address}")),
        read("nats/operator.conf"),
    );
    let file = folder.path(&format!("{address}.conf"));
    std::fs::write(&file, configuration).unwrap();
    Server(testkit::nats_server([Path::new("-c"), file.as_path()]))
}

/// Waits until each server has found both others.
async fn found_each_other(ports: &Ports) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for address in SERVERS {
        let others: Vec<_> = SERVERS.into_iter().filter(|other| *other != address).collect();
        let mut seen = String::new();
        for _ in 0..600 {
            let asked = http.get(format!("http://{address}:{}/routez", ports.monitor)).send().await;
            seen = match asked {
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            if others.iter().all(|other| seen.contains(&format!("\"remote_name\": \"{other}\""))) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(others.iter().all(|other| seen.contains(other)), "{address} found only {seen}");
    }
}

/// What a server says to a client that goes on without TLS, after it said what it wants.
async fn in_plain(address: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut greeting = [0; 4096];
    let length = stream.read(&mut greeting).await.unwrap();
    let mut answer = String::new();
    stream.write_all(b"CONNECT {\"verbose\":true}\r\nPING\r\n").await.unwrap();
    // It ends the connection, with an error or without.
    let _ = stream.read_to_string(&mut answer).await;
    (String::from_utf8_lossy(&greeting[..length]).into_owned(), answer)
}

#[tokio::test]
async fn servers_know_each_other_by_their_certificate_and_a_role_believes_them_alone() {
    install_crypto();
    let folder = Folder::new(&testkit::folder().join("provision-servers"));
    let kit = Kit::system(Stage::Trial);
    let nodes = SERVERS.map(str::to_owned).to_vec();
    let plan = Plan {
        release: "x".into(),
        roles: Vec::new(),
        agencies: Vec::new(),
        nats_names: nodes.clone(),
        nats_nodes: nodes.clone(),
        nats_tls: Some(folder.path("nats/tls")),
        databases: false,
    };
    make(&folder, &plan, &kit).unwrap();
    let ports = Ports { client: testkit::free_port(), cluster: testkit::free_port(), monitor: testkit::free_port() };
    let _servers = SERVERS.map(|address| start(&folder, address, &ports));
    found_each_other(&ports).await;

    let address = format!("{}:{}", SERVERS[1], ports.client);
    let credentials = folder.path("nats/users/exchange-system.creds");
    let connect = async |ca_file: PathBuf| {
        let url = format!("tls://{address}");
        let settings = bus::Settings { url: url.clone(), ca_file: Some(ca_file), ..bus::Settings::default() };
        settings.connect_options().credentials_file(&credentials).await.unwrap().connect(url).await
    };
    connect(folder.path(certificate::AUTHORITY)).await.unwrap();
    let other = Folder::new(&testkit::folder().join("provision-servers-other"));
    certificate::make(&other, &nodes, &kit).unwrap();
    let refused = connect(other.path(certificate::AUTHORITY)).await.unwrap_err().to_string();
    assert!(refused.contains("certificate"), "{refused}");

    let (greeting, answer) = in_plain(&address).await;
    assert!(greeting.contains("\"tls_required\":true"), "{greeting}");
    assert_eq!(answer, "", "not even that it is not admitted");
}

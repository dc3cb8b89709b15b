//! The archive of an image: layer, configuration, manifest and index (OCI Image Format 1.1).

use std::{collections::BTreeMap, process::Command};

use serde_json::{Value, json};

use super::{contents::Entry, digest, layer};
use crate::generate::{Outcome, root};

/// A number, because `runAsNonRoot` cannot judge a name.
const USER: &str = "65532:65532";
/// A node unpacks it as fast whatever the level, and downloads less.
const COMPRESSION: i32 = 15;
const CREATED: &str = "1970-01-01T00:00:00Z";

pub struct Archive {
    pub bytes: Vec<u8>,
    /// Digest by which a cluster names the image.
    pub manifest: String,
    /// What a node downloads.
    pub layer_bytes: usize,
}

pub fn of(program: &str, name: &str, layer: &[u8]) -> Outcome<Archive> {
    let packed = zstd::encode_all(layer, COMPRESSION).map_err(|error| error.to_string())?;
    let config = text(&json!({
        "created": CREATED,
        "architecture": architecture()?,
        "os": "linux",
        "config": {
            "User": USER,
            "Env": ["PATH=/", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
            "Entrypoint": [format!("/{program}")],
            "Labels": labels(program),
        },
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": CREATED, "created_by": "xtask image"}],
    }));
    let manifest = text(&json!({
        "schemaVersion": 2,
        "mediaType": media("manifest.v1+json"),
        "config": descriptor("config.v1+json", &config),
        "layers": [descriptor("layer.v1.tar+zstd", &packed)],
    }));
    let mut named = descriptor("manifest.v1+json", &manifest);
    named["annotations"] = json!({"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name});
    let index = text(&json!({"schemaVersion": 2, "mediaType": media("index.v1+json"), "manifests": [named]}));
    let (manifest_digest, layer_bytes) = (digest(&manifest), packed.len());
    let mut files = BTreeMap::from([
        ("blobs".to_owned(), Entry::Folder),
        ("blobs/sha256".to_owned(), Entry::Folder),
        ("index.json".to_owned(), Entry::File(index)),
        ("oci-layout".to_owned(), Entry::File(text(&json!({"imageLayoutVersion": "1.0.0"})))),
    ]);
    for blob in [packed, config, manifest] {
        files.insert(format!("blobs/{}", digest(&blob).replace(':', "/")), Entry::File(blob));
    }
    Ok(Archive { bytes: layer::tar(&files)?, manifest: manifest_digest, layer_bytes })
}

fn labels(program: &str) -> Value {
    let test = program != "xizmat";
    let description = if test {
        "Counterparts of outside parties, for tests only: never in production"
    } else {
        "Transactional public e-services from one definition each"
    };
    let mut labels = json!({
        "org.opencontainers.image.title": program,
        "org.opencontainers.image.description": description,
        "org.opencontainers.image.version": env!("CARGO_PKG_VERSION"),
        "org.opencontainers.image.licenses": "EUPL-1.2",
    });
    // A source archive knows no revision.
    let revision = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(root()).output();
    if let Some(revision) = revision.ok().filter(|output| output.status.success()) {
        labels["org.opencontainers.image.revision"] = String::from_utf8_lossy(&revision.stdout).trim().into();
    }
    labels
}

/// As Go, and so every container engine, calls it.
fn architecture() -> Outcome<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => Err(format!("no image is made for {other}")),
    }
}

fn descriptor(kind: &str, blob: &[u8]) -> Value {
    json!({"mediaType": media(kind), "digest": digest(blob), "size": blob.len()})
}

fn media(kind: &str) -> String {
    format!("application/vnd.oci.image.{kind}")
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

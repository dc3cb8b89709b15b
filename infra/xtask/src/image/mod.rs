//! The product's image without a container engine: an OCI archive with the same bytes for the same program, and its bill of materials.

mod archive;
mod bill;
mod built;
mod contents;
mod layer;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use sha2::{Digest, Sha256};

use crate::generate::Outcome;

#[derive(Args)]
pub struct Options {
    /// The counterparts of outside parties instead of the product: for tests only.
    #[arg(long)]
    sandbox: bool,
    /// The program. When left out: the one that was built beside this tool.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Builds the program first, into a folder of its own under `target`, so that it names no folder of this machine.
    #[arg(long, conflicts_with = "binary")]
    build: bool,
    /// Name of the image. When left out: `localhost/xizmat:VERSION`.
    #[arg(long)]
    name: Option<String>,
    /// Folder for the archive and its bill of materials. When left out: `image` beside the programs.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Writes the files of the image into this folder and makes no archive, for builders that make their own.
    #[arg(long)]
    root: Option<PathBuf>,
}

/// What is made of one program.
struct Image {
    archive: Vec<u8>,
    manifest: String,
    layer_bytes: usize,
    bill: Vec<u8>,
}

pub fn run(options: &Options) -> Outcome<()> {
    let program = if options.sandbox { "xizmat-sandbox" } else { "xizmat" };
    let beside = std::env::current_exe().map_err(|error| error.to_string())?;
    let beside = beside.parent().expect("a program lies in a folder");
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None if options.build => built::build(program)?,
        None => beside.join(program),
    };
    if let Some(root) = &options.root {
        return contents::of(program, &binary)?.unpack(root);
    }
    let name = options.name.clone().unwrap_or_else(|| format!("localhost/{program}:{}", env!("CARGO_PKG_VERSION")));
    let image = make(program, &binary, &name)?;
    let out = options.out.clone().unwrap_or_else(|| beside.join("image"));
    fs::create_dir_all(&out).map_err(|error| failed(&out, &error))?;
    let path = out.join(format!("{program}.oci.tar"));
    for (path, bytes) in [(&path, &image.archive), (&out.join(format!("{program}.cdx.json")), &image.bill)] {
        fs::write(path, bytes).map_err(|error| failed(path, &error))?;
    }
    let megabytes = |bytes: usize| format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10);
    println!("{name} {} {} {}", image.manifest, megabytes(image.layer_bytes), path.display());
    Ok(())
}

fn make(program: &str, binary: &Path, name: &str) -> Outcome<Image> {
    let contents = contents::of(program, binary)?;
    let layer = layer::tar(&contents.entries)?;
    let bill = bill::of(program, &contents)?;
    let made = archive::of(program, name, &layer)?;
    Ok(Image { archive: made.bytes, manifest: made.manifest, layer_bytes: made.layer_bytes, bill })
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::Value;

    use super::*;

    /// Any small program with shared libraries.
    fn small() -> Image {
        make("xizmat", Path::new("/bin/true"), "localhost/xizmat:test").unwrap()
    }

    fn listed(arguments: &[&str], archive: &Path) -> String {
        let output = Command::new("tar").args(arguments).arg(archive).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn the_same_program_gives_the_same_bytes_twice() {
        let (first, second) = (small(), small());
        assert_eq!(first.manifest, second.manifest);
        assert!(first.archive == second.archive);
        assert!(first.bill == second.bill);
    }

    #[test]
    fn every_digest_and_size_in_the_archive_fits_what_lies_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image.tar");
        fs::write(&path, small().archive).unwrap();
        let folder = folder.path();
        assert!(Command::new("tar").arg("-xf").arg(&path).arg("-C").arg(folder).status().unwrap().success());
        let read = |descriptor: &Value| {
            let digest_here = descriptor["digest"].as_str().unwrap();
            let blob =
                fs::read(folder.join("blobs/sha256").join(digest_here.strip_prefix("sha256:").unwrap())).unwrap();
            assert_eq!(digest(&blob), digest_here);
            assert_eq!(descriptor["size"], blob.len());
            blob
        };
        let index: Value = serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
        let manifest: Value = serde_json::from_slice(&read(&index["manifests"][0])).unwrap();
        let config: Value = serde_json::from_slice(&read(&manifest["config"])).unwrap();
        let layer = zstd::decode_all(read(&manifest["layers"][0]).as_slice()).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"][0], digest(&layer));
        assert_eq!(config["config"]["User"], "65532:65532");
        assert_eq!(config["config"]["Entrypoint"][0], "/xizmat");
    }

    #[test]
    fn nothing_in_the_image_is_writable_by_others_or_belongs_to_whom_it_runs_as() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("layer.tar");
        let contents = contents::of("xizmat", Path::new("/bin/true")).unwrap();
        fs::write(&path, layer::tar(&contents.entries).unwrap()).unwrap();
        let listed = listed(&["--numeric-owner", "-tvf"], &path);
        assert!(listed.contains(" xizmat\n"), "{listed}");
        assert!(listed.contains("libc.so.6"), "{listed}");
        assert!(listed.contains("etc/ssl/certs/ca-certificates.crt"), "{listed}");
        for line in listed.lines() {
            assert!(line.contains(" 0/0 "), "{line}");
            assert!(matches!(&line[..10], "drwxr-xr-x" | "-rwxr-xr-x" | "-rw-r--r--"), "{line}");
        }
    }

    #[test]
    fn the_bill_names_every_crate_once_and_what_stands_on_what() {
        let bill: Value = serde_json::from_slice(&small().bill).unwrap();
        assert_eq!(bill["specVersion"], "1.6");
        let components = bill["components"].as_array().unwrap();
        let mut references: Vec<_> = components.iter().map(|one| one["bom-ref"].as_str().unwrap()).collect();
        let named = |name: &str| components.iter().any(|one| one["name"] == name);
        assert!(named("tokio") && named("payments") && named("libc.so.6"));
        assert!(!named("proptest"), "what only tests use does not ship");
        let before = references.len();
        references.sort_unstable();
        references.dedup();
        assert_eq!(references.len(), before);
        for stands in bill["dependencies"].as_array().unwrap() {
            for on in stands["dependsOn"].as_array().unwrap() {
                assert!(references.binary_search(&on.as_str().unwrap()).is_ok(), "{on} is no component");
            }
        }
    }
}

//! A certificate that somebody else makes and renews, such as cert-manager: two files that change together.

use std::path::PathBuf;

use kernel::{Failure, Time};

use super::served::{Served, Shown};
use crate::certificate::counts;

pub struct Folder {
    path: PathBuf,
    shown: Option<(String, String)>,
}

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self { path, shown: None }
    }

    /// When it ends to count. Halves of two certificates do not fit together: then the one before is shown until the next look.
    pub async fn look(&mut self, served: &Served) -> Result<Option<Time>, Failure> {
        let (chain, key) = (self.read("tls.crt").await?, self.read("tls.key").await?);
        let until = counts(&chain).map(|(_, until)| until);
        let found = Some((chain, key));
        if found != self.shown {
            if let Some((chain, key)) = &found {
                served.show(Shown { chain, key })?;
            }
            self.shown = found;
        }
        Ok(until)
    }

    async fn read(&self, name: &str) -> Result<String, Failure> {
        let file = self.path.join(name);
        tokio::fs::read_to_string(&file).await.map_err(|error| {
            let message = "A file of `operator.webhook.certificate_folder` cannot be read; it is tried again.";
            Failure::unavailable("operator.certificate", message).with_detail(format!("{}: {error}", file.display()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kernel::SeededRandom;

    use super::{super::made::make, *};

    #[tokio::test]
    async fn a_renewed_certificate_is_shown_and_half_a_change_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let random = SeededRandom::new(3);
        let made =
            |second| make(&["localhost".into()], Duration::from_secs(60), Time::from_seconds(second), &random).unwrap();
        let (first, second) = (made(1_800_000_000), made(1_800_000_100));
        let served = Served::nothing_yet();
        let mut looked = Folder::new(folder.path().to_owned());
        assert_eq!(looked.look(&served).await.unwrap_err().code, "operator.certificate");
        write("tls.crt", &first.certificate);
        write("tls.key", &first.key);
        assert_eq!(looked.look(&served).await.unwrap(), Some(Time::from_seconds(1_800_000_060)));
        write("tls.crt", &second.certificate);
        assert!(looked.look(&served).await.is_err(), "a certificate without its key");
        write("tls.key", &second.key);
        assert_eq!(looked.look(&served).await.unwrap(), Some(Time::from_seconds(1_800_000_160)));
    }
}

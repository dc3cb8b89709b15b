//! How the API server is found: a file, the user's own configuration, or the account of the pod.

use std::path::Path;

use kube::{
    Config,
    config::{KubeConfigOptions, Kubeconfig},
};

/// The configuration in force; an error says what could not be read.
///
/// A file that is named, or a context, is what is meant: then neither the pod's account nor anything else takes its place.
pub async fn configuration(file: Option<&Path>, context: Option<&str>) -> Result<Config, String> {
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    match (file, context) {
        (Some(file), _) => {
            let read = Kubeconfig::read_from(file).map_err(|error| error.to_string())?;
            Config::from_custom_kubeconfig(read, &options).await.map_err(|error| error.to_string())
        }
        (None, Some(_)) => Config::from_kubeconfig(&options).await.map_err(|error| error.to_string()),
        (None, None) => Config::infer().await.map_err(|error| error.to_string()),
    }
}

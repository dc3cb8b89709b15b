//! An officer at a terminal: the platform's own commands, with password and authenticator.

use std::{io::Write, os::unix::fs::PermissionsExt, process::Stdio};

use crate::{
    officer::code,
    platform::{Platform, binary},
    traces::file,
};

/// Runs `xizmat COMMAND…` as this officer of the Ministry of Justice; everything it says.
pub async fn as_officer(platform: &Platform, login: &str, command: &[&str]) -> String {
    as_officer_typing(platform, login, command, &[]).await
}

/// The same, where the command asks for something before it asks for the code.
pub async fn as_officer_typing(platform: &Platform, login: &str, command: &[&str], lines: &[&str]) -> String {
    // Each code counts once: where this one was used, the next is taken a little early.
    let told = run(platform, login, (command, lines), 0).await;
    if told.contains("cli.sign-in") { run(platform, login, (command, lines), 30).await } else { told }
}

async fn run(platform: &Platform, login: &str, (command, lines): (&[&str], &[&str]), ahead: u64) -> String {
    let account = platform.ready.accounts.iter().find(|account| account.login == login).expect("a demo officer");
    let password = file(platform.folder.path(), &format!("{login}.password"), account.password.as_bytes());
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    let code = code(&account.totp_secret, platform.ahead() + ahead);
    let mut child = std::process::Command::new(binary("xizmat"));
    child.args(command).args(["--agency", "justice", "--as", login, "--password-file"]).arg(password);
    typed(platform, child, [lines, &[code.as_str()]].concat().join("\n")).await
}

/// Runs `xizmat COMMAND…` as whoever runs the platform, and types a line; everything it says.
pub async fn as_administrator(platform: &Platform, command: &[&str], line: &str) -> String {
    let mut child = std::process::Command::new(binary("xizmat"));
    child.args(command);
    typed(platform, child, line.to_owned()).await
}

async fn typed(platform: &Platform, mut child: std::process::Command, line: String) -> String {
    child.arg("--data").arg(platform.data());
    let ended = tokio::task::spawn_blocking(move || {
        let piped = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = piped.expect("the platform's own binary");
        child.stdin.take().expect("piped above").write_all(format!("{line}\n").as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends")
    });
    let output = ended.await.expect("nothing panics there");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

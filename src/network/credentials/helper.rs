//! Programs that hold credentials (docker-credential-helpers, `credentials/credentials.go`), asked for a bounded time and answer.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that starts programs, and only those that the user's own files name"
)]

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::secret::Secret;
use crate::network::runtime::Runtime;

/// Bytes that it may say.
const LIMIT: u64 = 64 * 1024;

/// What programs say where they have nothing for a host (docker-credential-helpers, `credentials/error.go`).
const NOT_FOUND: &str = "credentials not found in native keychain";

/// `docker-credential-NAME` in one of these folders.
pub(super) struct Helper<'a> {
    pub(super) name: &'a str,
    pub(super) folders: &'a [PathBuf],
    /// How long it may take.
    pub(super) patience: Duration,
}

/// Why a program is of no use. What it printed is not kept: that may be the secret.
pub(super) enum Trouble {
    Missing,
    Unstartable(std::io::Error),
    Slow(Duration),
    Talkative,
    Failing,
    Unreadable,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    username: String,
    secret: String,
}

impl Helper<'_> {
    /// What the program has for a host.
    pub(super) fn ask(&self, key: &str, runtime: &Runtime) -> Result<Option<Secret>, Trouble> {
        let program = self.program().ok_or(Trouble::Missing)?;
        let (status, said) = runtime
            .run(self.patience * 2, run(&program, key, self.patience))
            .unwrap_or(Err(Trouble::Slow(self.patience)))?;
        if !status.success() {
            let is_none = String::from_utf8_lossy(&said).trim() == NOT_FOUND;
            return if is_none { Ok(None) } else { Err(Trouble::Failing) };
        }
        let said: Said = serde_json::from_slice(&said).map_err(|_| Trouble::Unreadable)?;
        Ok(Some(match said.username.as_str() {
            "<token>" => Secret::Identity(said.secret),
            _ => Secret::Password(said.username, said.secret),
        }))
    }

    /// The program's file. Relative folders are passed over, and names that lead elsewhere: what lies there may be anybody's.
    fn program(&self) -> Option<PathBuf> {
        let name = format!("docker-credential-{}{}", self.name, std::env::consts::EXE_SUFFIX);
        let is_name = !self.name.contains(['/', '\\', '\0']);
        let mut files = self.folders.iter().filter(|folder| folder.is_absolute()).map(|folder| folder.join(&name));
        files.find(|file| is_name && file.is_file())
    }
}

/// Runs a program to its end, or ends it with all that it started.
async fn run(program: &Path, key: &str, patience: Duration) -> Result<(ExitStatus, Vec<u8>), Trouble> {
    let mut command = Command::new(program);
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    // Not where the judged files lie.
    command.current_dir(program.parent().unwrap_or(program));
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(Trouble::Unstartable)?;
    let ended = tokio::time::timeout(patience, converse(&mut child, key)).await;
    let ended = ended.unwrap_or(Err(Trouble::Slow(patience)));
    if ended.is_err() {
        end(&mut child).await;
    }
    ended
}

async fn converse(child: &mut Child, key: &str) -> Result<(ExitStatus, Vec<u8>), Trouble> {
    if let Some(mut input) = child.stdin.take() {
        // A program that does not listen may still answer.
        _ = input.write_all(key.as_bytes()).await;
    }
    let mut said = vec![];
    if let Some(output) = child.stdout.take() {
        output.take(LIMIT + 1).read_to_end(&mut said).await.map_err(|_| Trouble::Failing)?;
    }
    if said.len() as u64 > LIMIT {
        return Err(Trouble::Talkative);
    }
    let status = child.wait().await.map_err(|_| Trouble::Failing)?;
    Ok((status, said))
}

/// Ends a program and its group. It has not been waited for, so that its number is still its own.
async fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)) {
        _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    _ = child.kill().await;
}

impl Trouble {
    /// What is wrong in words, to follow the program's name.
    pub(super) fn words(&self, host: &str) -> String {
        match self {
            Self::Missing => "is in none of the absolute folders of PATH".into(),
            Self::Unstartable(error) => format!("does not start: {}", error.kind()),
            Self::Slow(limit) => format!("does not answer for `{host}` within {} s", limit.as_secs_f64()),
            Self::Talkative => format!("says more than {} KiB for `{host}`", LIMIT / 1024),
            Self::Failing => format!("fails for `{host}`"),
            Self::Unreadable => format!("does not answer for `{host}` as a credential helper does"),
        }
    }
}

//! The parts of the machine a check may touch, so that a test can give it another one.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

/// Where to look for tools and for what the kernel tells.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The folders tools are looked for in, as in `PATH`.
    pub path: OsString,
    /// The folder the kernel tells about processes in.
    pub proc: PathBuf,
    /// The ABI of Landlock, 0 when the kernel has none.
    pub landlock_abi: u32,
}

/// Why a tool gave no answer.
pub(super) enum ToolError {
    /// It is in none of the folders.
    Missing,
    /// It ran and failed, or could not be run; what it said.
    Failed(String),
}

impl Machine {
    /// The one we run on.
    pub fn this() -> Self {
        Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            proc: "/proc".into(),
            landlock_abi: super::landlock::abi(),
        }
    }

    /// Where a tool is.
    pub(super) fn find(&self, tool: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path)
            .map(|folder| folder.join(tool))
            .find(|file| file.is_file())
    }

    /// Runs a tool and returns what it printed.
    pub(super) async fn output(&self, tool: &str, arguments: &[&str]) -> Result<String, ToolError> {
        let file = self.find(tool).ok_or(ToolError::Missing)?;
        let output = Command::new(file)
            .args(arguments)
            .stdin(Stdio::null())
            .env("LC_ALL", "C")
            // The five-second limit drops this future; the tool must not outlive it.
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|cause| ToolError::Failed(cause.to_string()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().filter(|line| !line.is_empty());
        Err(ToolError::Failed(
            first.map_or_else(|| output.status.to_string(), str::to_owned),
        ))
    }
}

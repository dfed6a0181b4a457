//! The task of the demonstration, and what the models say in it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::Failed;
use crate::services;

/// The task, as a person would write it.
pub(super) const TASK: (&str, &str) = (
    "The same bolts were sold twice",
    "We sold the same bolts twice yesterday. With 10 on the shelf and 7 reserved, another `reserve` of 7 went through; \
     it has to raise `OutOfStock` and leave the reservation alone.",
);

/// What the models say in it.
pub(super) const SCENARIO: &str = include_str!("../../assets/demo/scenario.yaml");

/// Makes the repository with one commit.
pub(super) async fn make(folder: &Path) -> Result<PathBuf, Failed> {
    services::sample::make(folder).await?;
    Ok(folder.to_owned())
}

/// What git says in this repository.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> Result<String, Failed> {
    let said = Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args([
            "-c",
            "user.name=Somebody",
            "-c",
            "user.email=somebody@example.org",
        ])
        .args(arguments)
        .stdin(Stdio::null())
        .output()?;
    if !said.status.success() {
        let wrong = String::from_utf8_lossy(&said.stderr);
        return Err(format!("git {}: {wrong}", arguments.join(" ")).into());
    }
    Ok(String::from_utf8_lossy(&said.stdout).into_owned())
}

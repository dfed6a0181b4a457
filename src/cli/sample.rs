//! The sample repository of the demonstration, made anew from what is built in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::Failed;

/// The task, as a person would write it.
pub(super) const TASK: (&str, &str) = (
    "The same bolts were sold twice",
    "We sold the same bolts twice yesterday. With 10 on the shelf and 7 reserved, another `reserve` of 7 went through; \
     it has to raise `OutOfStock` and leave the reservation alone.",
);

/// What the models say in it.
pub(super) const SCENARIO: &str = include_str!("../../assets/demo/scenario.yaml");

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../assets/samples/python-inventory/", $path)))),*]
    };
}

/// The files of the repository.
const FILES: [(&str, &str); 8] = files![
    "README.md",
    "pyproject.toml",
    "inventory/__init__.py",
    "inventory/report.py",
    "inventory/stock.py",
    "tests/__init__.py",
    "tests/test_report.py",
    "tests/test_stock.py",
];

/// Makes the repository with one commit.
pub(super) fn make(folder: &Path) -> Result<PathBuf, Failed> {
    for (path, text) in FILES {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, text)?;
    }
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    git(folder, &["add", "--all"])?;
    git(
        folder,
        &["commit", "--quiet", "--message=A small inventory"],
    )?;
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

//! The sample repository: a small Python project with a failing test, made anew from what is built in.

use std::path::Path;

use crate::{error::Result, providers::git};

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

/// Makes the repository in this folder, with one commit. One that is there already stays as it is.
pub async fn make(folder: &Path) -> Result<()> {
    git::plant(folder, &FILES, "A small inventory")
        .await
        .map_err(|error| crate::Error::Internal(error.to_string()))
}

//! A command as words.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::super::{Command, Error};

/// Bash is what people and models write for; every system has sh.
const SHELLS: [&str; 3] = ["/bin/bash", "/usr/bin/bash", "/bin/sh"];

/// The program and its arguments.
pub(super) fn words(command: &Command) -> Result<Vec<OsString>, Error> {
    match command {
        Command::Shell(line) => {
            let shell = SHELLS.iter().find(|shell| Path::new(shell).exists());
            let shell = shell.unwrap_or(&SHELLS[2]);
            Ok(vec![shell.into(), "-c".into(), line.into()])
        }
        Command::Argv(words) if words.is_empty() => Err(Error::Path {
            what: "the command has no words",
            path: PathBuf::new(),
        }),
        Command::Argv(words) => Ok(words.iter().map(OsString::from).collect()),
    }
}

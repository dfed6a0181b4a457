//! The first wall: namespaces, made by bubblewrap. The job gets a file system, processes, a network, a host name and
//! an account of its own.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::{Error, Job, Network};
use super::entry::Entry;
use super::perform::{Plan, Streams};
use super::seccomp::{self, Sockets};
use super::toolchains::ACCOUNT;
use super::view::{Access, View};
use super::{door, shell, supervisor};

/// The job's home; nothing of the machine is there.
const HOME: &str = "/home/agent";

/// Its file systems in memory, and which part of its memory each may fill: all of them together, no more than that.
const IN_MEMORY: [&str; 4] = ["/tmp", HOME, "/dev/shm", "/var/tmp"];
const PARTS: [u64; 4] = [2, 4, 8, 8];

/// Who the job is inside when we are root: many tools refuse to work, or work otherwise, as root.
const INSIDE: u32 = 1000;

/// The program, and what its version can do.
#[derive(Debug, Clone)]
pub(super) struct Bubblewrap {
    program: PathBuf,
    /// Whether it limits the size of file systems in memory.
    sizes: bool,
    /// Whether it takes what to show as an open file, which nobody can exchange meanwhile.
    open_files: bool,
}

impl Bubblewrap {
    /// Looks for the program.
    pub(super) fn find() -> Result<Self, String> {
        if !supervisor::can_stand() {
            return Err("the kernel does not list the children of a process".to_owned());
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = std::env::split_paths(&path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join("bwrap"))
            .find(|program| program.is_file())
            .ok_or("bubblewrap is not on the PATH")?;
        let said = Command::new(&program).arg("--help").output();
        let said = said.map_err(|error| format!("bubblewrap does not run: {error}"))?;
        let help = String::from_utf8_lossy(&said.stdout).into_owned()
            + &String::from_utf8_lossy(&said.stderr);
        Ok(Self {
            program,
            sizes: help.contains("--size "),
            open_files: help.contains("--ro-bind-fd "),
        })
    }

    /// The job behind this wall.
    pub(super) fn plan(&self, job: &Job) -> Result<Plan, Error> {
        let mut view = View::new(job, Path::new(HOME), Path::new("/tmp"))?;
        let mut entry = Entry::new(&job.limits);
        let mut line = Line {
            arguments: Vec::new(),
            handed: Vec::new(),
        };
        line.namespaces(&job.network);
        let mut handle = None;
        if matches!(job.network, Network::Hosts(_)) {
            let (ours, theirs) = door::pair()?;
            (handle, entry.door) = (Some(ours), Some(theirs));
            let told = door::environment().map(|(name, value)| (name.to_owned(), value));
            view.env.extend(told);
        }
        self.file_system(&mut line, &view, job)?;
        let sockets = if matches!(job.network, Network::Machine) {
            Sockets::Internet
        } else {
            Sockets::Own
        };
        let filter = seccomp::filter(sockets)
            .ok_or_else(|| Error::Wall("no filter for this processor".to_owned()))?;
        let filter = line.hand(&seccomp::bytes(&filter))?;
        line.add(["--seccomp", &filter]);
        line.add(["--clearenv"]);
        for (name, value) in &view.env {
            line.add(["--setenv", name, value]);
        }
        line.add([OsStr::new("--chdir"), view.workspace.as_os_str()]);
        line.add(["--"]);
        line.arguments.extend(shell::words(&job.command)?);
        entry.handed = line.handed;
        let mut command = Command::new(&self.program);
        command.args(&line.arguments).env_clear().current_dir("/");
        Ok(Plan {
            command,
            entry,
            limits: job.limits,
            scratch: None,
            door: handle,
            written: view.written(),
            in_memory: &IN_MEMORY,
            streams: Streams::of(job),
        })
    }

    fn file_system(&self, line: &mut Line, view: &View, job: &Job) -> Result<(), Error> {
        line.add(["--proc", "/proc", "--dev", "/dev"]);
        for (folder, part) in IN_MEMORY.into_iter().zip(PARTS) {
            if self.sizes {
                line.add(["--size", &(job.limits.memory_bytes / part).to_string()]);
            }
            line.add(["--tmpfs", folder]);
        }
        line.add(["--dir", "/run"]);
        line.add([
            "--ro-bind-try",
            "/sys/devices/system/cpu",
            "/sys/devices/system/cpu",
        ]);
        let mut covered = Vec::new();
        // In the order of paths: what is deeper is put on top of what is around it.
        for (path, access) in &view.places {
            match access {
                Access::Read => self.show(line, path, &view.workspace)?,
                Access::Write => line.add([OsStr::new("--bind"), path.as_ref(), path.as_ref()]),
                Access::Hidden if !shown(view, path) => {}
                Access::Hidden if path.is_dir() => {
                    line.add([OsStr::new("--tmpfs"), path.as_ref()]);
                    covered.push(path);
                }
                Access::Hidden => {
                    line.add([
                        OsStr::new("--ro-bind"),
                        OsStr::new("/dev/null"),
                        path.as_ref(),
                    ]);
                }
            }
        }
        for (path, below_home) in &view.lent {
            let shown = Path::new(HOME).join(below_home);
            line.add([OsStr::new("--ro-bind"), path.as_ref(), shown.as_ref()]);
        }
        if matches!(job.network, Network::Machine) {
            resolver(line);
        }
        account(line)?;
        // Only now: mount points below them had to be made first.
        for path in covered {
            line.add([OsStr::new("--remount-ro"), path.as_ref()]);
        }
        line.add(["--remount-ro", "/"]);
        Ok(())
    }

    fn show(&self, line: &mut Line, path: &Path, workspace: &Path) -> Result<(), Error> {
        if let Ok(target) = fs::read_link(path) {
            line.add([OsStr::new("--symlink"), target.as_ref(), path.as_ref()]);
        } else if self.open_files && path.starts_with(workspace) {
            // Something that runs in the workspace now could put a link in the place of what was looked at.
            let flags = libc::O_PATH | libc::O_NOFOLLOW;
            let file = fs::OpenOptions::new()
                .read(true)
                .custom_flags(flags)
                .open(path)
                .map_err(Error::system("open the repository of a workspace"))?;
            let number = line.hand_file(file.into());
            line.add([OsStr::new("--ro-bind-fd"), number.as_ref(), path.as_ref()]);
        } else {
            line.add([OsStr::new("--ro-bind"), path.as_ref(), path.as_ref()]);
        }
        Ok(())
    }
}

/// Whether there is anything to cover: only below what is shown.
fn shown(view: &View, path: &Path) -> bool {
    path.parent()
        .and_then(|parent| view.access(parent))
        .is_some_and(|access| access != Access::Hidden)
}

/// Names are looked up by a file that is often a link into `/run`.
fn resolver(line: &mut Line) {
    if let Ok(file) = fs::canonicalize("/etc/resolv.conf")
        && !file.starts_with("/etc")
    {
        line.add([OsStr::new("--ro-bind"), file.as_ref(), file.as_ref()]);
    }
}

/// Tools ask who they are.
fn account(line: &mut Line) -> Result<(), Error> {
    let (own, group) = (rustix::process::geteuid(), rustix::process::getegid());
    let (id, group) = if own.is_root() {
        (INSIDE, INSIDE)
    } else {
        (own.as_raw(), group.as_raw())
    };
    line.add(["--uid", &id.to_string(), "--gid", &group.to_string()]);
    let accounts = format!(
        "root:x:0:0:root:/root:/bin/sh\n{ACCOUNT}:x:{id}:{group}::{HOME}:/bin/sh\n\
         nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
    );
    let groups = format!("root:x:0:\n{ACCOUNT}:x:{group}:\nnogroup:x:65534:\n");
    let (accounts, groups) = (
        line.hand(accounts.as_bytes())?,
        line.hand(groups.as_bytes())?,
    );
    line.add(["--ro-bind-data", &accounts, "/etc/passwd"]);
    line.add(["--ro-bind-data", &groups, "/etc/group"]);
    Ok(())
}

/// A command line, and the files it names by number.
struct Line {
    arguments: Vec<OsString>,
    handed: Vec<OwnedFd>,
}

impl Line {
    fn add<A: AsRef<OsStr>, const N: usize>(&mut self, arguments: [A; N]) {
        self.arguments
            .extend(arguments.map(|argument| argument.as_ref().to_owned()));
    }

    fn namespaces(&mut self, network: &Network) {
        self.add([
            "--unshare-user",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
        ]);
        self.add(["--unshare-cgroup-try", "--hostname", "sandbox"]);
        // With a list of hosts, the network of its own is there before bubblewrap is.
        if matches!(network, Network::None) {
            self.add(["--unshare-net"]);
        }
        self.add(["--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
    }

    /// Hands over text as an open file and answers with its number.
    fn hand(&mut self, content: &[u8]) -> Result<String, Error> {
        let file = memory(content).map_err(Error::system("make a file in memory"))?;
        Ok(self.hand_file(file.into()))
    }

    fn hand_file(&mut self, file: OwnedFd) -> String {
        let number = file.as_raw_fd().to_string();
        self.handed.push(file);
        number
    }
}

/// Closed on exec like all our files, until the one command it is for opens it up for itself.
fn memory(content: &[u8]) -> io::Result<File> {
    let file = rustix::fs::memfd_create("codegraph", rustix::fs::MemfdFlags::CLOEXEC)?;
    let mut file = File::from(file);
    file.write_all(content)?;
    file.rewind()?;
    Ok(file)
}

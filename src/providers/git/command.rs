//! The only place that starts git, with nothing of the machine's and nothing of a repository's own that it would run.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::{Error, Remote};

/// For what happens on this disk.
const LOCAL: Duration = Duration::from_secs(300);

/// For what comes over the network.
pub(super) const REMOTE: Duration = Duration::from_secs(1800);

/// More than this of standard error is never told.
const SAID: u64 = 64 << 10;

/// Settings that win over those of any repository. Filters and drivers have names of their own and cannot be listed:
/// none is ever defined, since no configuration but ours is read, and attributes that would name one are taken back
/// (`store::ATTRIBUTES`).
pub(super) const SETTINGS: [&str; 27] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.alternateRefsCommand=true",
    "core.untrackedCache=false",
    "core.autocrlf=false",
    "core.eol=lf",
    "core.symlinks=true",
    "core.fileMode=true",
    "core.ignoreCase=false",
    "core.precomposeUnicode=false",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "core.quotePath=false",
    "core.sparseCheckout=false",
    "core.splitIndex=false",
    "index.version=2",
    "gc.auto=0",
    "maintenance.auto=false",
    "receive.autogc=false",
    "receive.denyCurrentBranch=refuse",
    "submodule.recurse=false",
    "diff.ignoreSubmodules=all",
    "credential.helper=",
    "safe.directory=*",
    "advice.detachedHead=false",
];

/// Variables that are needed to reach a server, and no others.
const NETWORK: [&str; 9] = [
    "HOME",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
];

/// One git command to be.
pub(super) struct Git {
    command: Command,
    stdin: Option<Vec<u8>>,
    limit: Duration,
    most: u64,
}

/// What came of it.
pub(super) struct Said {
    pub(super) status: ExitStatus,
    pub(super) out: Vec<u8>,
    /// Whether there was more to read than wanted.
    pub(super) cut: bool,
    pub(super) err: String,
}

impl Git {
    /// A command on no repository.
    pub(super) fn new(verb: &str) -> Self {
        Self::set(verb, &[])
    }

    fn set(verb: &str, settings: &[String]) -> Self {
        let mut command = Command::new("git");
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        for (name, value) in [
            ("LC_ALL", "C"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_ASKPASS", "true"),
            ("SSH_ASKPASS", "true"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_LITERAL_PATHSPECS", "1"),
            ("GIT_PAGER", "cat"),
            ("GIT_EDITOR", "true"),
            ("GIT_LFS_SKIP_SMUDGE", "1"),
            // None, unless one is named.
            ("GIT_ALLOW_PROTOCOL", "none"),
            ("HOME", "/nonexistent"),
        ] {
            command.env(name, value);
        }
        for setting in SETTINGS
            .into_iter()
            .chain(settings.iter().map(String::as_str))
        {
            command.args(["-c", setting]);
        }
        command.arg(verb).kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        // Helpers of git are killed with it.
        #[cfg(unix)]
        command.process_group(0);
        Self {
            command,
            stdin: None,
            limit: LOCAL,
            most: u64::MAX,
        }
    }

    /// A command on a repository of ours.
    pub(super) fn at(repository: &Path, verb: &str) -> Self {
        Self::with(repository, verb, &[])
    }

    /// The same, with more settings.
    pub(super) fn with(repository: &Path, verb: &str, settings: &[String]) -> Self {
        let mut git = Self::set(verb, settings);
        git.command
            .env("GIT_DIR", repository)
            .current_dir(repository);
        git
    }

    /// With this working tree and this index.
    pub(super) fn over(mut self, tree: &Path, index: &Path) -> Self {
        self.command.env("GIT_WORK_TREE", tree).current_dir(tree);
        self.command.env("GIT_INDEX_FILE", index);
        self
    }

    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(super) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(super) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Reads at most this much.
    pub(super) fn most(mut self, bytes: u64) -> Self {
        self.most = bytes;
        self
    }

    /// Lets it speak these protocols (`https:ssh`).
    pub(super) fn protocols(mut self, protocols: &str) -> Self {
        self.command.env("GIT_ALLOW_PROTOCOL", protocols);
        self.command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
        for name in NETWORK {
            if let Some(value) = std::env::var_os(name) {
                self.command.env(name, value);
            }
        }
        self.limit = REMOTE;
        self
    }

    /// Lets it reach the server that was looked at, and no other, which is shown this header.
    pub(super) fn held_to(mut self, remote: &Remote, shown: Option<String>) -> Self {
        let mut settings = remote.settings();
        settings.extend(shown.map(|header| ("http.extraHeader", header)));
        self.command
            .env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (index, (name, value)) in settings.into_iter().enumerate() {
            self.command.env(format!("GIT_CONFIG_KEY_{index}"), name);
            self.command.env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        self.command.env("GIT_SSH_COMMAND", remote.ssh());
        self
    }

    /// Runs it; anything but success is an error.
    pub(super) async fn run(self, what: &'static str) -> Result<Vec<u8>, Error> {
        let said = self.ask(what).await?;
        // One that was cut short was stopped by us.
        if said.status.success() || said.cut {
            Ok(said.out)
        } else {
            Err(said.refusal(what))
        }
    }

    /// Runs it for one line of text.
    pub(super) async fn line(self, what: &'static str) -> Result<String, Error> {
        let out = self.run(what).await?;
        Ok(String::from_utf8_lossy(&out).trim_end().to_owned())
    }

    /// Runs it, whatever it answers.
    pub(super) async fn ask(mut self, what: &'static str) -> Result<Said, Error> {
        let stdin = self.stdin.take();
        self.command.stdin(if stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        let spawned = self.command.spawn();
        let child = spawned.map_err(Error::io("start", Path::new("git")))?;
        let limit = self.limit;
        let mut group = Group(child);
        tokio::time::timeout(limit, group.talk(stdin, self.most))
            .await
            .map_err(|_| Error::TimedOut {
                what,
                seconds: limit.as_secs(),
            })?
            .map_err(Error::io("talk to", Path::new("git")))
    }
}

impl Said {
    pub(super) fn refusal(self, what: &'static str) -> Error {
        Error::Git {
            what,
            said: self.err.trim().to_owned(),
        }
    }
}

/// A git and its helpers, killed together when dropped before their end.
struct Group(Child);

impl Group {
    async fn talk(&mut self, stdin: Option<Vec<u8>>, most: u64) -> std::io::Result<Said> {
        let (input, out, err) = (
            self.0.stdin.take(),
            self.0.stdout.take(),
            self.0.stderr.take(),
        );
        let write = async {
            if let (Some(mut input), Some(bytes)) = (input, stdin) {
                // One that has heard enough closes its ear; its exit code tells whether that was well.
                let _ = input.write_all(&bytes).await;
            }
        };
        let ((), out, err) = tokio::join!(write, read(out, most), read(err, SAID));
        let (out, err) = (out?, err?);
        let cut = out.len() as u64 == most;
        if cut {
            self.kill();
        }
        Ok(Said {
            status: self.0.wait().await?,
            out,
            cut,
            err: String::from_utf8_lossy(&err).into_owned(),
        })
    }

    fn kill(&self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.id().and_then(|id| i32::try_from(id).ok())
            && let Some(pid) = rustix::process::Pid::from_raw(pid)
        {
            // Not waited for yet, so its id, and its group's, is still its own.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn read<R: AsyncRead + Unpin>(from: Option<R>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// `git VERB` as the other end of a connection runs it on a repository of somebody else.
pub(super) fn other_end(verb: &str) -> OsString {
    let mut line = "git".to_owned();
    for setting in SETTINGS {
        line += &format!(" -c '{setting}'");
    }
    format!("{line} {verb}").into()
}

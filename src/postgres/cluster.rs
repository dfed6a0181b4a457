//! The state on disk: one directory with the data, the password and the log of one private Postgres.
//!
//! `data/` (0700) and `secret` (0600) are the cluster; `run/` holds the socket; `bundle/` can be fetched again.

use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use rustix::process::Signal;

use super::{
    Error, Progress, Report, Settings, USER,
    account::{self, Account},
    bundle::Source,
    cpu, log, portable, process, secret,
    socket::{self, Endpoint},
};

/// Everything needed to start the server of one home, again and again.
pub(super) struct Cluster {
    pub(super) home: PathBuf,
    pub(super) data: PathBuf,
    pub(super) secret: String,
    pub(super) source: Source,
    account: Option<Account>,
    vector: Option<PathBuf>,
    max_connections: u16,
    durable: bool,
    listen_port: Option<u16>,
}

/// The home as an absolute path without symbolic links, created when missing.
pub(super) fn home(path: &Path) -> Result<PathBuf, Error> {
    if !path.exists() {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        // Root's server runs as another account, which has to pass through; what is private below has its own mode.
        let mode = if rustix::process::geteuid().is_root() {
            0o755
        } else {
            0o700
        };
        match fs::DirBuilder::new().mode(mode).create(path) {
            Ok(()) => fs::set_permissions(path, fs::Permissions::from_mode(mode))
                .map_err(Error::io("set the mode of", path))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("create", path)(error)),
        }
    }
    fs::canonicalize(path).map_err(Error::io("find", path))
}

impl Cluster {
    /// Opens the cluster in `home`, which must be locked.
    pub(super) fn open(
        settings: &Settings,
        home: PathBuf,
        account: Option<Account>,
        source: Source,
        report: &mut Report<'_>,
    ) -> Result<Self, Error> {
        let data = home.join("data");
        let exists = data.join("PG_VERSION").exists();
        let secret = secret::load(&home.join("secret"), exists)?;
        let vector = match source
            .is_package()
            .then(|| cpu::settle(&home, exists, cpu::suits_bundle()))
            .transpose()?
        {
            Some(cpu::Build::Portable) => Some(portable::install(
                &home.join("bundle"),
                account.as_ref(),
                report,
            )?),
            Some(cpu::Build::Bundled) | None => None,
        };
        let Settings {
            max_connections,
            durable,
            listen_port,
            ..
        } = *settings;
        Ok(Self {
            home,
            data,
            secret,
            source,
            account,
            vector,
            max_connections,
            durable,
            listen_port,
        })
    }

    /// Creates the data directory when it is missing, and refuses one of another major version.
    pub(super) fn initialise(&self, major: u32, report: &mut Report<'_>) -> Result<(), Error> {
        match fs::read_to_string(self.data.join("PG_VERSION")) {
            Ok(found) if found.trim() == major.to_string() => return Ok(()),
            Ok(found) => {
                return Err(Error::OtherMajor {
                    path: self.data.clone(),
                    found: found.trim().to_owned(),
                    ours: major,
                });
            }
            Err(_) => report(Progress::Initialising {
                directory: &self.data,
            }),
        }
        // `initdb` writes PG_VERSION early, so its work gets the final name only when it is complete.
        let fresh = self.home.join("data.incomplete");
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(Error::io("remove", &fresh))?;
        }
        socket::private(&fresh, self.account.as_ref())?;
        let password = self.endpoint()?.directory.join("password");
        secret::lend(&password, &self.secret, self.account.as_ref())?;
        let output = self.initdb(&fresh, &password, major).output();
        let _ = fs::remove_file(&password);
        let output = output.map_err(Error::io("run", self.source.program("initdb")))?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Error::Init {
                path: self.data.clone(),
                reason,
            });
        }
        fs::rename(&fresh, &self.data).map_err(Error::io("rename to", &self.data))
    }

    fn initdb(&self, data: &Path, password: &Path, major: u32) -> Command {
        let mut initdb = account::command(&self.source.program("initdb"), self.account.as_ref());
        initdb.arg("-D").arg(data).args([
            "-U",
            USER,
            "-E",
            "UTF8",
            "-A",
            "scram-sha-256",
            "--locale=C",
        ]);
        if major >= 17 {
            // The builtin provider knows Unicode without depending on the system's locales.
            initdb.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
        }
        if !self.durable {
            initdb.arg("-N");
        }
        initdb.arg("--pwfile").arg(password);
        process::follow(&mut initdb, Signal::KILL);
        initdb
    }

    /// Where a server started now will listen.
    pub(super) fn endpoint(&self) -> Result<Endpoint, Error> {
        let directory = socket::directory(&self.home, self.account.as_ref())?;
        Ok(Endpoint {
            directory,
            port: self.listen_port.unwrap_or(5432),
        })
    }

    /// The command that is the server.
    pub(super) fn server(&self, endpoint: &Endpoint) -> Result<Command, Error> {
        let mut command = account::command(&self.source.program("postgres"), self.account.as_ref());
        command.arg("-D").arg(&self.data);
        let mut set = |name: &str, value: &str| {
            command.arg("-c").arg(format!("{name}={value}"));
        };
        set(
            "listen_addresses",
            if self.listen_port.is_some() {
                "127.0.0.1"
            } else {
                ""
            },
        );
        set("port", &endpoint.port.to_string());
        set("unix_socket_directories", &quoted(&endpoint.directory));
        set("max_connections", &self.max_connections.to_string());
        set("shared_buffers", "128MB");
        set("wal_compression", "on");
        set("logging_collector", "off");
        if !self.durable {
            // Commits still survive the death of the server, only not that of the machine.
            for name in ["fsync", "full_page_writes"] {
                set(name, "off");
            }
        }
        // Recovery fsyncs every file otherwise, which took minutes on large clusters.
        if cfg!(target_os = "linux") {
            set("recovery_init_sync_method", "syncfs");
        }
        if let Some(vector) = &self.vector {
            set(
                "extension_control_path",
                &format!("{}/share:$system", vector.display()),
            );
            set(
                "dynamic_library_path",
                &format!("{}/lib:$libdir", vector.display()),
            );
        }
        let log = log::open(&self.home)?;
        let copy = log
            .try_clone()
            .map_err(Error::io("open the log in", &self.home))?;
        command.stdout(copy).stderr(log);
        Ok(command)
    }
}

/// A path as one element of a list setting: the server splits at commas and trims spaces unless it is quoted.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_settings_keep_odd_paths_whole() {
        assert_eq!(quoted(Path::new("/a, b/\"run\"")), r#""/a, b/""run""""#);
    }
}

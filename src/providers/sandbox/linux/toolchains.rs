//! Compilers and package caches that live in a home: lent to jobs, which see nothing else of that home.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

/// What the account of a job is called.
pub(super) const ACCOUNT: &str = "agent";

/// Folders of a home that hold programs and nothing private.
const PROGRAMS: [&str; 8] = [
    ".pyenv",
    ".nvm/versions",
    ".local/bin",
    ".local/share/uv",
    ".local/share/mise",
    ".asdf/installs",
    ".bun/bin",
    ".deno/bin",
];

/// What is lent.
#[derive(Debug, Default)]
pub(super) struct Toolchains {
    /// Shown where it lies.
    pub(super) readable: Vec<PathBuf>,
    /// Shown below the job's home.
    pub(super) lent: Vec<(PathBuf, &'static str)>,
    /// What tells tools where things are.
    pub(super) env: BTreeMap<String, String>,
}

impl Toolchains {
    /// Those of the account we run as.
    pub(super) fn find(network: bool) -> Self {
        let mut found = Self::default();
        let Some(home) = env::home_dir().filter(|home| home.is_absolute()) else {
            return found;
        };
        let place = |name: &str, usual: &str| {
            let named = env::var_os(name).map(PathBuf::from);
            named
                .filter(|path| path.is_absolute())
                .unwrap_or_else(|| home.join(usual))
        };
        for folder in PROGRAMS {
            found.read(home.join(folder));
        }
        found.set_if_there("PYENV_ROOT", &home.join(".pyenv"));
        found.rust(
            &place("CARGO_HOME", ".cargo"),
            &place("RUSTUP_HOME", ".rustup"),
            network,
        );
        found.go(&place("GOMODCACHE", "go/pkg/mod"), network);
        found
    }

    /// Cargo gets a home of its own to write to, with the crates that were fetched before in it. The account's own
    /// cargo home holds credentials beside them.
    fn rust(&mut self, cargo: &Path, rustup: &Path, network: bool) {
        self.read(cargo.join("bin"));
        if rustup.is_dir() {
            self.set("RUSTUP_HOME", rustup);
            self.read(rustup.to_owned());
        }
        if network {
            return;
        }
        for (folder, shown) in [("registry", ".cargo/registry"), ("git", ".cargo/git")] {
            let folder = cargo.join(folder);
            if folder.is_dir() {
                self.read(folder.clone());
                self.lent.push((folder, shown));
            }
        }
        self.env.insert("CARGO_NET_OFFLINE".into(), "true".into());
    }

    fn go(&mut self, modules: &Path, network: bool) {
        if !network && modules.is_dir() {
            self.set("GOMODCACHE", modules);
            self.env.insert("GOPROXY".into(), "off".into());
            self.env.insert("GOTOOLCHAIN".into(), "local".into());
            self.read(modules.to_owned());
        }
    }

    fn read(&mut self, path: PathBuf) {
        if path.is_dir() {
            self.readable.push(path);
        }
    }

    fn set_if_there(&mut self, name: &str, path: &Path) {
        if path.is_dir() {
            self.set(name, path);
        }
    }

    fn set(&mut self, name: &str, path: &Path) {
        self.env
            .insert(name.to_owned(), path.to_string_lossy().into_owned());
    }
}

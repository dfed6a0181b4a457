//! Where this installation keeps its own files.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::text;

/// The setting behind [`super::Config::home`].
#[derive(Debug, Deserialize)]
pub(super) struct Home {
    /// `CODEGRAPH_HOME`: folder of the embedded Postgres, its bundle and the mirrors. By default
    /// `/var/lib/codegraph` for root, else `./.codegraph`.
    #[serde(default, deserialize_with = "text::path")]
    home: Option<PathBuf>,
}

impl Home {
    /// Absolute, because the server we start changes its working directory to `/`.
    pub(super) fn path(self, directory: &Path) -> PathBuf {
        directory.join(self.home.unwrap_or_else(usual))
    }
}

/// Root's own folders are often closed to the account Postgres must run under; `/var/lib` is not.
fn usual() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        "/var/lib/codegraph"
    } else {
        ".codegraph"
    }
    .into()
}

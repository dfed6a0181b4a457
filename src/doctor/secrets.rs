//! Under which key secrets of repositories are kept, and whether GitHub can be spoken to.

use std::fs::Metadata;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt as _;

use crate::config::Config;

use super::report::Finding;

pub(super) fn check(config: &Config) -> Finding {
    let token = match config.forge.github_token {
        Some(_) => "a token for GitHub is set",
        None => "no token for GitHub; repositories have their own",
    };
    if config.forge.secret_key.is_some() {
        return Finding::ok("secrets", "kept under CODEGRAPH_SECRET_KEY").detail(token);
    }
    let file = config.home.join("secret.key");
    let found = std::fs::metadata(&file).ok();
    if found.as_ref().is_some_and(is_open) {
        return Finding::fail(
            "secrets",
            format!("{} may be read by others", file.display()),
        )
        .remedy(format!("chmod 600 {}", file.display()));
    }
    let kept = match found {
        Some(_) => format!("kept under {}", file.display()),
        None => format!("none yet; their key will be made at {}", file.display()),
    };
    if config.database.url.is_some() {
        return Finding::warn("secrets", kept).detail(token).remedy(
            "if this database has several nodes, give all of them the same CODEGRAPH_SECRET_KEY",
        );
    }
    Finding::ok("secrets", kept).detail(token)
}

/// Whether others may read it.
#[cfg(unix)]
fn is_open(found: &Metadata) -> bool {
    found.mode() & 0o077 != 0
}

/// Who may read it is not written in a mode here.
#[cfg(not(unix))]
fn is_open(_: &Metadata) -> bool {
    false
}

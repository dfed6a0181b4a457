//! Which configuration is in force, and what in it does nothing.

use crate::config::Config;

use super::report::Finding;

pub(super) fn check(config: &Config) -> Finding {
    let from = match &config.file {
        Some(file) => format!("environment and {}", file.display()),
        None => "environment (no codegraph.toml)".to_owned(),
    };
    if config.ignored.is_empty() {
        return Finding::ok("settings", from);
    }
    Finding::warn(
        "settings",
        format!("{} means nothing", config.ignored.join(", ")),
    )
    .detail(format!("read from the {from}"))
    .remedy("check the spelling against .env.sample, or unset it")
}

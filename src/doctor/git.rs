//! Git does the work on working trees: snapshots, branches, pushes.

use super::machine::{Machine, ToolError};
use super::report::Finding;

const LEAST: (u32, u32) = (2, 37);

pub(super) async fn check(machine: &Machine) -> Vec<Finding> {
    let finding = match machine.output("git", &["--version"]).await {
        Ok(said) => judge(&said),
        Err(ToolError::Missing) => {
            Finding::fail("git", "not on the PATH").remedy("install git 2.37 or newer")
        }
        Err(ToolError::Failed(said)) => Finding::fail("git", "does not run")
            .detail(said)
            .remedy("install git 2.37 or newer"),
    };
    vec![finding]
}

fn judge(said: &str) -> Finding {
    let version = said
        .trim_start_matches("git version ")
        .split(' ')
        .next()
        .unwrap_or(said);
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= LEAST => {
            Finding::ok("git", version)
        }
        (Some(Ok(_)), Some(Ok(_))) => Finding::fail("git", format!("{version} is too old"))
            .remedy("install git 2.37 or newer"),
        _ => Finding::warn("git", "of an unknown version").detail(said),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::judge;

    #[test]
    fn versions_are_told_apart() {
        for (said, status) in [
            ("git version 2.39.5", Status::Ok),
            ("git version 2.39.5 (Apple Git-154)", Status::Ok),
            ("git version 2.47.1.windows.1", Status::Ok),
            ("git version 3.0.0", Status::Ok),
            ("git version 2.36.9", Status::Fail),
            ("git version 1.99.0", Status::Fail),
            ("hello", Status::Warn),
        ] {
            assert_eq!(judge(said).status, status, "{said}");
        }
    }
}

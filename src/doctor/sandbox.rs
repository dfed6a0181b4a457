//! The walls around commands of agents: which could stand here, and whether the one that was
//! asked for does.

use crate::config::{SandboxConfig, Wall};

use super::machine::{Machine, ToolError};
use super::report::Finding;

/// Fits every distribution: the tool is called the same everywhere.
const INSTALL: &str =
    "install bubblewrap (`apt-get install bubblewrap`, `dnf install bubblewrap`, …)";

pub(super) async fn check(config: &SandboxConfig, machine: &Machine) -> Vec<Finding> {
    let bubblewrap = bubblewrap(machine).await;
    let seccomp = seccomp(machine);
    let landlock = machine.landlock_abi > 0 && seccomp;
    let verdict = judge(config.wall, bubblewrap.is_ok(), landlock);
    vec![
        verdict,
        bubblewrap.unwrap_or_else(|finding| finding),
        match machine.landlock_abi {
            0 => Finding::warn("landlock", "the kernel has none or it is not switched on")
                .remedy("Linux 5.13 or newer with landlock in the lsm= list of its command line"),
            abi => Finding::ok("landlock", format!("ABI {abi}")),
        },
        if seccomp {
            Finding::ok("seccomp", "the kernel filters system calls")
        } else {
            Finding::warn("seccomp", "the kernel does not filter system calls")
                .remedy("a Linux kernel built with CONFIG_SECCOMP_FILTER")
        },
    ]
}

/// Being installed is not enough: many containers and some distributions forbid namespaces.
async fn bubblewrap(machine: &Machine) -> Result<Finding, Finding> {
    let arguments = ["--unshare-all", "--ro-bind", "/", "/", "true"];
    match machine.output("bwrap", &arguments).await {
        Ok(_) => Ok(Finding::ok("bubblewrap", "makes namespaces")),
        Err(ToolError::Missing) => {
            Err(Finding::warn("bubblewrap", "not on the PATH").remedy(INSTALL))
        }
        Err(ToolError::Failed(said)) => Err(Finding::warn(
            "bubblewrap",
            "installed, but may not make namespaces here",
        )
        .detail(said)
        .remedy(
            "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 or \
                     kernel.apparmor_restrict_unprivileged_userns=0; in a container, run it with \
                     --security-opt seccomp=unconfined",
        )),
    }
}

/// The kernel prints the line when it was built with it.
fn seccomp(machine: &Machine) -> bool {
    let status = std::fs::read_to_string(machine.proc.join("self/status")).unwrap_or_default();
    status
        .lines()
        .any(|line| line.starts_with("Seccomp_filters:") || line.starts_with("Seccomp:"))
}

/// Whether the wall that was asked for stands.
fn judge(wall: Wall, bubblewrap: bool, landlock: bool) -> Finding {
    match wall {
        Wall::Auto | Wall::Bubblewrap if bubblewrap => Finding::ok("sandbox", "bubblewrap"),
        Wall::Auto | Wall::Landlock if landlock => Finding::ok("sandbox", "landlock and seccomp"),
        Wall::None => Finding::warn(
            "sandbox",
            "none: agents run with all rights of this account",
        )
        .remedy("unset CODEGRAPH_SANDBOX (auto), unless this machine is thrown away afterwards"),
        Wall::Auto => {
            Finding::fail("sandbox", "no wall can stand here; agents will not run").remedy(INSTALL)
        }
        Wall::Bubblewrap => Finding::fail("sandbox", "bubblewrap is asked for and does not work")
            .remedy("see the line of bubblewrap, or set CODEGRAPH_SANDBOX=auto"),
        Wall::Landlock => Finding::fail("sandbox", "landlock is asked for and does not work")
            .remedy("see the lines of landlock and seccomp, or set CODEGRAPH_SANDBOX=auto"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn only_the_wall_that_was_asked_for_counts() {
        for (wall, bubblewrap, landlock, status, says) in [
            (Wall::Auto, true, true, Status::Ok, "bubblewrap"),
            (Wall::Auto, false, true, Status::Ok, "landlock and seccomp"),
            (Wall::Auto, false, false, Status::Fail, "no wall"),
            (
                Wall::Bubblewrap,
                false,
                true,
                Status::Fail,
                "bubblewrap is asked for",
            ),
            (
                Wall::Landlock,
                true,
                false,
                Status::Fail,
                "landlock is asked for",
            ),
            (
                Wall::Landlock,
                true,
                true,
                Status::Ok,
                "landlock and seccomp",
            ),
            (Wall::None, true, true, Status::Warn, "none"),
        ] {
            let finding = judge(wall, bubblewrap, landlock);
            assert_eq!(finding.status, status, "{wall:?} {bubblewrap} {landlock}");
            assert!(finding.summary.starts_with(says), "{}", finding.summary);
        }
    }
}

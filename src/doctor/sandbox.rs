//! The walls around commands of agents: which could stand here, and whether the one that was
//! asked for does.

use crate::config::{SandboxConfig, Wall};

use super::machine::{Machine, ToolError};
use super::report::Finding;

/// Older ones let files be emptied that cannot be written.
const LEAST_ABI: u32 = 3;
/// Older ones let signals out.
const SIGNALS_ABI: u32 = 6;

/// Fits every distribution: the tool is called the same everywhere.
const INSTALL: &str =
    "install bubblewrap (`apt-get install bubblewrap`, `dnf install bubblewrap`, …)";

pub(super) async fn check(config: &SandboxConfig, machine: &Machine) -> Vec<Finding> {
    let bubblewrap = bubblewrap(machine).await;
    let seccomp = seccomp(machine);
    let landlock = machine.landlock_abi >= LEAST_ABI && seccomp;
    // The least that `auto` takes: a job's signals stay among its own.
    let safe = landlock && machine.landlock_abi >= SIGNALS_ABI;
    let verdict = judge(config.wall, bubblewrap.is_ok(), landlock, safe);
    vec![
        verdict,
        bubblewrap.unwrap_or_else(|finding| finding),
        match machine.landlock_abi {
            0 => Finding::warn("landlock", "the kernel has none or it is not switched on")
                .remedy("Linux 5.13 or newer with landlock in the lsm= list of its command line"),
            abi if abi < SIGNALS_ABI => Finding::warn(
                "landlock",
                format!("ABI {abi}: a job could kill the worker"),
            )
            .detail(
                "before ABI 6 it does not keep signals in; CODEGRAPH_SANDBOX=auto does not take it",
            )
            .remedy("Linux 6.12 or newer, or bubblewrap"),
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
fn judge(wall: Wall, bubblewrap: bool, landlock: bool, safe: bool) -> Finding {
    match wall {
        Wall::Auto | Wall::Bubblewrap if bubblewrap => Finding::ok("sandbox", "bubblewrap"),
        Wall::Auto | Wall::Landlock if safe => Finding::ok("sandbox", "landlock and seccomp")
            .detail("a task that has the network cannot be held to a list of hosts by it: such commands are not run"),
        Wall::Landlock if landlock => Finding::warn(
            "sandbox",
            "landlock and seccomp, from behind which a job can kill the worker",
        )
        .remedy("Linux 6.12 or newer, or bubblewrap"),
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
            let finding = judge(wall, bubblewrap, landlock, landlock);
            assert_eq!(finding.status, status, "{wall:?} {bubblewrap} {landlock}");
            assert!(finding.summary.starts_with(says), "{}", finding.summary);
        }
        // One from behind which the worker can be killed is taken only when somebody asks for it.
        let (unasked, asked) = (
            judge(Wall::Auto, false, true, false),
            judge(Wall::Landlock, false, true, false),
        );
        assert_eq!((unasked.status, asked.status), (Status::Fail, Status::Warn));
    }
}

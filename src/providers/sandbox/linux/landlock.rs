//! The second wall: Landlock takes away rights to files, seccomp the network. There is no namespace: other processes
//! can be seen to exist, `/tmp` is elsewhere, and a folder that is writable is so with all that is below it.

use std::fs::{self, DirBuilder};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};

use super::super::{Error, Job, Network};
use super::entry::Entry;
use super::perform::{Plan, Streams};
use super::scratch::Scratch;
use super::seccomp::{self, Sockets};
use super::shell;
use super::view::{Access, View};

/// The least that must be there: without the third version, files that cannot be written could still be emptied.
const LEAST: ABI = ABI::V3;

/// Devices that every program expects.
const DEVICES: [&str; 6] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
];

/// What is told about the machine, and nothing about its processes.
const MACHINE: [&str; 7] = [
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/loadavg",
    "/proc/version",
    "/proc/filesystems",
    "/sys/devices/system/cpu",
];

/// Whether the kernel keeps a job's signals to itself. Without that a job can kill the worker, whose account it has.
pub(super) fn keeps_signals() -> bool {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .scope(Scope::Signal)
        .is_ok()
}

/// The job behind this wall.
pub(super) fn plan(job: &Job) -> Result<Plan, Error> {
    // Its rules know ports and no addresses: a door could be told from the machine's other services, not from other
    // machines.
    if matches!(job.network, Network::Hosts(_)) {
        return Err(Error::Network { wall: "Landlock" });
    }
    let machine = matches!(job.network, Network::Machine);
    let (mut plan, view, scratch) = bare(job)?;
    let rules = rules(job, &view, scratch.path())
        .map_err(|error| Error::Wall(error.to_string()))?
        .ok_or_else(|| Error::Wall("the kernel has no Landlock".to_owned()))?;
    let sockets = if machine {
        Sockets::Internet
    } else {
        Sockets::None
    };
    let filter = seccomp::filter(sockets)
        .ok_or_else(|| Error::Wall("no filter for this processor".to_owned()))?;
    plan.entry.rules = Some(rules);
    plan.entry.filter = Some(filter);
    plan.scratch = Some(scratch);
    Ok(plan)
}

/// The job behind no wall, with limits and a home of its own.
pub(super) fn without_wall(job: &Job) -> Result<Plan, Error> {
    let (mut plan, _, scratch) = bare(job)?;
    plan.scratch = Some(scratch);
    Ok(plan)
}

fn bare(job: &Job) -> Result<(Plan, View, Scratch), Error> {
    let scratch = Scratch::new().map_err(Error::system("make a folder for temporary files"))?;
    let (home, temporary) = (scratch.path().join("home"), scratch.path().join("tmp"));
    let view = View::new(job, &home, &temporary)?;
    furnish(&view, &home, &temporary).map_err(Error::system("make a home for a job"))?;
    let words = shell::words(&job.command)?;
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(&view.workspace);
    command.env_clear().envs(&view.env);
    let mut written = view.written();
    written.push(scratch.path().to_owned());
    let plan = Plan {
        command,
        entry: Entry::new(&job.limits),
        limits: job.limits,
        scratch: None,
        door: None,
        written,
        in_memory: &[],
        streams: Streams::of(job),
    };
    Ok((plan, view, scratch))
}

fn furnish(view: &View, home: &Path, temporary: &Path) -> std::io::Result<()> {
    DirBuilder::new().create(temporary)?;
    DirBuilder::new().create(home)?;
    for (path, below_home) in &view.lent {
        let link = home.join(below_home);
        if let Some(folder) = link.parent() {
            fs::create_dir_all(folder)?;
        }
        symlink(path, link)?;
    }
    Ok(())
}

fn rules(job: &Job, view: &View, scratch: &Path) -> Result<Option<OwnedFd>, RulesetError> {
    let latest = ABI::V7;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(LEAST))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(latest))?
        .scope(Scope::from_all(latest))?;
    if !job.network.is_there() {
        rules = rules.handle_access(AccessNet::from_all(latest))?;
    }
    let mut rules = rules.create()?;
    let (read, write) = (AccessFs::from_read(latest), AccessFs::from_all(latest));
    rules = allow(rules, scratch, write)?;
    for device in DEVICES {
        rules = allow(rules, Path::new(device), write & !AccessFs::Execute)?;
    }
    for path in MACHINE {
        rules = allow(rules, Path::new(path), read)?;
    }
    for (path, access) in carved(view) {
        let rights = match access {
            Access::Read => read,
            Access::Write => write,
            Access::Hidden => continue,
        };
        rules = allow(rules, &path, rights)?;
    }
    if job.network.is_there()
        && let Ok(file) = fs::canonicalize("/etc/resolv.conf")
    {
        rules = allow(rules, &file, read)?;
    }
    Ok(rules.into())
}

/// A path that is not there needs no rule. Files have fewer rights than folders.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    mut rights: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(found) = fs::metadata(path) else {
        return Ok(rules);
    };
    if !found.is_dir() {
        rights &= AccessFs::from_file(ABI::V7);
    }
    match PathFd::new(path) {
        Ok(file) => rules.add_rule(PathBeneath::new(file, rights)),
        Err(_) => Ok(rules),
    }
}

/// Rules reach all the way down, so a folder with something hidden in it is allowed child by child. New files cannot
/// be made at its top then. Read-only places in writable ones remain writable: there, this wall has a hole.
fn carved(view: &View) -> Vec<(PathBuf, Access)> {
    let mut open: Vec<(PathBuf, Access)> = view
        .places
        .iter()
        .map(|(path, access)| (path.clone(), *access))
        .collect();
    let mut whole = Vec::new();
    while let Some((path, access)) = open.pop() {
        let hides = |(place, right): (&PathBuf, &Access)| {
            *right == Access::Hidden && place.starts_with(&path)
        };
        if access == Access::Hidden {
        } else if view.places.iter().any(hides) {
            let children = fs::read_dir(&path).into_iter().flatten().flatten();
            let children = children.map(|child| child.path());
            open.extend(
                children
                    .filter(|child| !view.places.contains_key(child))
                    .map(|child| (child, access)),
            );
        } else {
            whole.push((path, access));
        }
    }
    whole
}

//! From a cluster on disk to a server that answers: adopt the one that runs, or start one and wait for it.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    Error, Progress, Report,
    cluster::Cluster,
    log,
    postmaster::{self, Postmaster},
    process::Keeper,
    psql, socket,
};

/// Recovery after a crash reads and syncs the whole cluster, which takes its time on a slow disk.
const READY_LIMIT: Duration = Duration::from_secs(120);

/// How long the memory of a crashed server's last sessions may linger before we look again.
const RESPAWN: Duration = Duration::from_millis(300);

/// How long a server may call itself ready and yet refuse us.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the server's status file is read while it starts.
const GLANCE: Duration = Duration::from_millis(20);

/// Adopts the server that runs on the cluster, or starts one. The cluster must be locked. Afterwards `keeper` holds the
/// server if it is our child, and nothing otherwise.
pub(super) fn bring_up(
    cluster: &Cluster,
    keeper: &mut Option<Keeper>,
    report: &mut Report<'_>,
) -> Result<Postmaster, Error> {
    let mut wait = Wait::begin();
    // One that is neither ready nor gone is starting or stopping on behalf of a process that died; its end decides.
    while let Some(found) = postmaster::living(&cluster.data) {
        if found.ready {
            match psql::greet(cluster, &found.endpoint) {
                Ok(()) => {
                    *keeper = None;
                    return Ok(found);
                }
                Err(error) if wait.began.elapsed() > PATIENCE => return Err(error),
                // It may have begun to stop since the file was read.
                Err(_) => thread::sleep(RESPAWN),
            }
        }
        wait.glance(cluster, report)?;
    }
    report(Progress::Starting);
    postmaster::disown_stranger(&cluster.data)?;
    let endpoint = cluster.endpoint()?;
    socket::clear(&endpoint);
    let program = cluster.source.program("postgres");
    // Should the start fail, dropping the keeper stops what it began.
    let parent = match keeper.take() {
        Some(parent) => parent,
        None => Keeper::start().map_err(Error::io("start a thread for", &program))?,
    };
    let mut start = log::length(&cluster.home);
    let mut pid = parent
        .spawn(cluster.server(&endpoint)?)
        .map_err(Error::io("start", &program))?;
    loop {
        let found =
            postmaster::living(&cluster.data).filter(|found| found.pid == pid && found.ready);
        if let Some(found) = found {
            psql::greet(cluster, &found.endpoint)?;
            *keeper = Some(parent);
            return Ok(found);
        }
        if parent
            .exited()
            .map_err(Error::io("look after", &program))?
            .is_some()
        {
            let said = log::since(&cluster.home, start);
            if !passes(&said) {
                return Err(Error::Exited {
                    log: log::path(&cluster.home),
                    reason: log::last_lines(&said),
                });
            }
            thread::sleep(RESPAWN);
            start = log::length(&cluster.home);
            pid = parent
                .spawn(cluster.server(&endpoint)?)
                .map_err(Error::io("start", &program))?;
        }
        wait.glance(cluster, report)?;
    }
}

/// Whether a failed start is due to remains of the former server that vanish by themselves.
fn passes(log: &str) -> bool {
    [
        "pre-existing shared memory block",
        "lock file \"postmaster.pid\" already exists",
    ]
    .iter()
    .any(|remains| log.contains(remains))
}

/// Patience with a limit, and a word every second.
struct Wait {
    began: Instant,
    told: u64,
}

impl Wait {
    fn begin() -> Self {
        Self {
            began: Instant::now(),
            told: 0,
        }
    }

    fn glance(&mut self, cluster: &Cluster, report: &mut Report<'_>) -> Result<(), Error> {
        let waited = self.began.elapsed();
        if waited > READY_LIMIT {
            return Err(Error::NotReady {
                seconds: READY_LIMIT.as_secs(),
                log: log::path(&cluster.home),
            });
        }
        if waited.as_secs() > self.told {
            self.told = waited.as_secs();
            report(Progress::Recovering { seconds: self.told });
        }
        thread::sleep(GLANCE);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn only_remains_of_the_former_server_are_waited_out() {
        assert!(passes(
            "FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use"
        ));
        assert!(!passes("FATAL:  could not create any Unix-domain sockets"));
    }
}

//! The walls as Linux has them.

use std::io;
use std::sync::Arc;
use std::thread;

use tokio::sync::oneshot;

use super::super::gate::{Gate, Tally};
use super::{Command, Error, Exit, Job, Network, NoWall, Ran};
use crate::config::Wall;
use crate::failpoint;

mod bubblewrap;
mod disk;
mod door;
mod entry;
mod landlock;
mod nproc;
mod perform;
mod scratch;
mod seccomp;
mod shell;
mod supervisor;
mod toolchains;
mod usage;
mod view;

use bubblewrap::Bubblewrap;
use perform::Plan;

/// What helps on every distribution.
const REMEDY: &str = "install bubblewrap (`apt-get install bubblewrap`, `dnf install bubblewrap`, …) and allow user \
                      namespaces, or use a kernel with Landlock (Linux 6.2 or newer); CODEGRAPH_SANDBOX=none runs \
                      commands of agents with all rights of this account";

/// Why Landlock was not tried.
const UNASKED: &str = "landlock is taken only when it is asked for (CODEGRAPH_SANDBOX=landlock) where the worker is root \
                       or the kernel is older than 6.12: a job could kill the worker";

/// The wall that stands.
#[derive(Debug, Clone)]
pub struct Sandbox {
    kind: Arc<Kind>,
}

#[derive(Debug)]
enum Kind {
    Bubblewrap(Bubblewrap),
    Landlock,
    None,
}

impl Sandbox {
    /// Finds the wall that is asked for and runs a command behind it. Without one that stands, nothing will be run.
    pub async fn new(wall: Wall) -> Result<Self, NoWall> {
        let asked: &[_] = match wall {
            // The kernel bounds the processes of every account but root's: behind Landlock, a tree that grows faster
            // than it is counted takes the machine with it. That is a person's choice to make.
            Wall::Auto if rustix::process::geteuid().is_root() => &[Wall::Bubblewrap],
            // Where a job could kill the worker, it is a person's choice as well.
            Wall::Auto if !landlock::keeps_signals() => &[Wall::Bubblewrap],
            Wall::Auto => &[Wall::Bubblewrap, Wall::Landlock],
            Wall::Bubblewrap => &[Wall::Bubblewrap],
            Wall::Landlock => &[Wall::Landlock],
            Wall::None => &[Wall::None],
        };
        let mut reasons = Vec::new();
        for wall in asked {
            match Self::raise(*wall).await {
                Ok(sandbox) => return Ok(sandbox),
                Err(reason) => reasons.push(reason),
            }
        }
        if wall == Wall::Auto && asked.len() == 1 {
            reasons.push(UNASKED.to_owned());
        }
        Err(NoWall {
            reason: reasons.join("; "),
            remedy: REMEDY,
        })
    }

    /// The name of the wall: `bubblewrap`, `landlock` or `none`.
    #[must_use]
    pub fn wall(&self) -> &'static str {
        match *self.kind {
            Kind::Bubblewrap(_) => "bubblewrap",
            Kind::Landlock => "landlock",
            Kind::None => "none",
        }
    }

    /// Runs a job to its end. When the future is dropped, everything the job began is killed.
    pub async fn run(&self, job: &Job) -> Result<Ran, Error> {
        failpoint::pass("before", "command");
        let (held, leash) = io::pipe().map_err(Error::system("open a pipe"))?;
        let (answer, end) = oneshot::channel();
        let (kind, job) = (Arc::clone(&self.kind), job.clone());
        let gate = match &job.network {
            Network::Hosts(gate) => gate.clone(),
            Network::None | Network::Machine => Gate::default(),
        };
        let (keeper, door) = oneshot::channel();
        let work = move || {
            let ran = kind
                .plan(&job)
                .and_then(|plan| perform::perform(plan, &held, keeper));
            // Nobody waits for it when the job was dropped.
            let _ = answer.send(ran);
        };
        thread::Builder::new()
            .name("job".to_owned())
            .spawn(work)
            .map_err(Error::system("start a thread"))?;
        let tally = Tally::default();
        tokio::pin!(end);
        let ran = tokio::select! {
            ran = &mut end => ran,
            () = gate.keep(door, &tally) => end.await,
        };
        drop(leash);
        failpoint::pass("after", "command");
        let mut ran =
            ran.unwrap_or_else(|_| Err(Error::Wall("the thread of the job has died".to_owned())))?;
        ran.refused = tally.count();
        ran.output.extend(tally.told().into_bytes());
        Ok(ran)
    }

    /// A wall stands when a command behind it ends well.
    async fn raise(wall: Wall) -> Result<Self, String> {
        let kind = match wall {
            Wall::Bubblewrap => Kind::Bubblewrap(Bubblewrap::find()?),
            Wall::Landlock if supervisor::can_stand() => Kind::Landlock,
            Wall::Landlock => return Err("the kernel does not list children".to_owned()),
            Wall::None => Kind::None,
            Wall::Auto => return Err("no wall was named".to_owned()),
        };
        let sandbox = Self {
            kind: Arc::new(kind),
        };
        let scratch = scratch::Scratch::new().map_err(|error| error.to_string())?;
        let job = Job::new(Command::Argv(vec!["true".to_owned()]), scratch.path());
        let name = sandbox.wall();
        match sandbox.run(&job).await {
            Ok(ran) if ran.exit == Exit::Code(0) => Ok(sandbox),
            Ok(ran) => {
                let said = String::from_utf8_lossy(&ran.output).trim().to_owned();
                Err(format!("{name} does not work here: {said}"))
            }
            Err(error) => Err(format!("{name} does not work here: {error}")),
        }
    }
}

impl Kind {
    fn plan(&self, job: &Job) -> Result<Plan, Error> {
        match self {
            Self::Bubblewrap(bubblewrap) => bubblewrap.plan(job),
            Self::Landlock => landlock::plan(job),
            Self::None => landlock::without_wall(job),
        }
    }
}

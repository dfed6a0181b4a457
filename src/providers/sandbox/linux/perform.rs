//! One job from its start to the end of its last process, on a thread of its own.
//!
//! A thread, because the kernel tells a child of the death of the thread that made it, and threads of a runtime come
//! and go.

use std::io::{self, PipeReader, Read};
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use tokio::sync::oneshot;

use super::super::output::Capped;
use super::super::{Error, Exit, Limits, Ran};
use super::disk::Disk;
use super::door::Handle;
use super::entry::Entry;
use super::scratch::Scratch;
use super::{supervisor, usage};

/// How often the tree is counted. A fork bomb makes some thousand processes in that time.
const LOOK: Duration = Duration::from_millis(100);

/// How long what was killed may take to be gone.
const DYING: Duration = Duration::from_secs(10);

/// A command that is ready to be run, behind the wall it carries with it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) command: Command,
    pub(super) entry: Entry,
    pub(super) limits: Limits,
    /// Kept until the end, then removed.
    pub(super) scratch: Option<Scratch>,
    /// Where the command hands over the door of its network.
    pub(super) door: Option<Handle>,
    /// Folders on disk that it may write to.
    pub(super) written: Vec<PathBuf>,
    /// Where its file systems in memory are, as it sees them.
    pub(super) in_memory: &'static [&'static str],
}

/// Runs it. When nobody holds the other end of `leash` any more, everything is killed. The door goes to whoever keeps
/// it.
pub(super) fn perform(
    plan: Plan,
    leash: &PipeReader,
    keeper: oneshot::Sender<TcpListener>,
) -> Result<Ran, Error> {
    let began = Instant::now();
    let disk = Disk::new(plan.written);
    let (output, child) = start(plan.command, plan.entry)?;
    let mut watch = Watch {
        output: Some(output),
        kept: Capped::new(plan.limits.output_bytes),
        child,
        ended: None,
        dying_since: None,
        disk,
        in_memory: plan.in_memory,
    };
    if let Some(door) = plan.door {
        match door.take() {
            // Nobody waits for it when the job was dropped.
            Ok(door) => drop(keeper.send(door)),
            Err(error) => {
                watch.stop(Exit::Signal(9));
                watch.until_the_end(&plan.limits, began, leash)?;
                return Err(error);
            }
        }
    }
    let exit = watch.until_the_end(&plan.limits, began, leash)?;
    drop(plan.scratch);
    let (output, output_bytes) = watch.kept.finish();
    Ok(Ran {
        exit,
        output,
        output_bytes,
        duration: began.elapsed(),
        refused: 0,
    })
}

/// The command goes out of scope here: its copies of the pipe would keep the output open.
fn start(mut command: Command, entry: Entry) -> Result<(PipeReader, Child), Error> {
    let (output, input) = io::pipe().map_err(Error::system("open a pipe"))?;
    let again = input.try_clone().map_err(Error::system("open a pipe"))?;
    command.stdin(Stdio::null()).stdout(input).stderr(again);
    supervisor::stand_between(&mut command, entry);
    let child = command.spawn().map_err(Error::system("start a command"))?;
    Ok((output, child))
}

/// A supervisor, and what is known of it.
struct Watch {
    output: Option<PipeReader>,
    kept: Capped,
    child: Child,
    /// Why it was stopped, if it was.
    ended: Option<Exit>,
    dying_since: Option<Instant>,
    disk: Disk,
    in_memory: &'static [&'static str],
}

impl Watch {
    fn until_the_end(
        &mut self,
        limits: &Limits,
        began: Instant,
        leash: &PipeReader,
    ) -> Result<Exit, Error> {
        let pid = i32::try_from(self.child.id())
            .ok()
            .and_then(Pid::from_raw)
            .ok_or(Error::Undying)?;
        let end = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| {
            self.stop(Exit::Signal(9));
            Error::system("watch a process")(error)
        })?;
        let mut next_look = began + LOOK;
        loop {
            let now = Instant::now();
            if self.dying_since.is_none() {
                if now >= began + limits.wall {
                    self.stop(Exit::TimedOut);
                } else if now >= next_look {
                    self.count(limits);
                    next_look = Instant::now() + LOOK;
                }
            } else if self.dying_since.is_some_and(|since| now > since + DYING) {
                return Err(Error::Undying);
            }
            let ready = self.wait(end.as_fd(), leash.as_fd(), LOOK.min(limits.wall))?;
            if ready.output {
                self.read();
            }
            if ready.let_go {
                self.stop(Exit::Signal(9));
            }
            if ready.end {
                break;
            }
        }
        // Everybody who could write is gone: what is in the pipe is the rest. Nothing is waited for.
        while self.rest()? {
            self.read();
        }
        let status = self.child.wait().map_err(Error::system("wait"))?;
        Ok(self
            .ended
            .unwrap_or_else(|| Exit::from_code(status.code().unwrap_or(128 + 9))))
    }

    fn wait(
        &self,
        end: BorrowedFd<'_>,
        leash: BorrowedFd<'_>,
        most: Duration,
    ) -> Result<Ready, Error> {
        let mut files = vec![PollFd::from_borrowed_fd(end, PollFlags::IN)];
        // A leash that was let go is ready for ever after.
        let watched = self.dying_since.is_none();
        if watched {
            files.push(PollFd::from_borrowed_fd(leash, PollFlags::IN));
        }
        if let Some(output) = &self.output {
            files.push(PollFd::new(output, PollFlags::IN));
        }
        let most = Timespec::try_from(most).unwrap_or(Timespec {
            tv_sec: 0,
            tv_nsec: 100_000_000,
        });
        match poll(&mut files, Some(&most)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Error::system("wait for a process")(error)),
        }
        let ready: Vec<bool> = files.iter().map(|f| !f.revents().is_empty()).collect();
        Ok(Ready {
            end: ready[0],
            let_go: watched && ready[1],
            output: self.output.is_some() && ready.last() == Some(&true),
        })
    }

    /// Whether there is output left to read.
    fn rest(&self) -> Result<bool, Error> {
        let Some(output) = &self.output else {
            return Ok(false);
        };
        let mut files = [PollFd::new(output, PollFlags::IN)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let ready = poll(&mut files, Some(&now)).map_err(Error::system("read output"))?;
        Ok(ready > 0)
    }

    fn read(&mut self) {
        let mut piece = [0; 64 << 10];
        match self.output.as_mut().map(|output| output.read(&mut piece)) {
            Some(Ok(read)) if read > 0 => self.kept.push(&piece[..read]),
            Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => self.output = None,
        }
    }

    /// Stops what has grown beyond its limits, and says so where its reader looks.
    fn count(&mut self, limits: &Limits) {
        let mut usage = usage::below(self.child.id(), limits.processes);
        if let Some(process) = usage.last {
            usage.memory += usage::in_memory(process, self.in_memory);
        }
        let beyond = if usage.tasks > limits.processes {
            format!("more than {} processes and threads", limits.processes)
        } else if usage.memory > limits.memory_bytes {
            format!("more than {} MiB of memory", limits.memory_bytes >> 20)
        } else if let Some(beyond) = self.disk.beyond(limits) {
            beyond
        } else {
            return;
        };
        self.stop(Exit::Signal(9));
        self.kept
            .push(format!("\n[stopped: {beyond}]\n").as_bytes());
    }

    /// Has the supervisor kill everything below it and end.
    fn stop(&mut self, why: Exit) {
        if self.dying_since.is_some() {
            return;
        }
        self.ended = Some(why);
        self.dying_since = Some(Instant::now());
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Nobody but us waits for it, so the id is still its own.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

/// What there is to do.
struct Ready {
    end: bool,
    let_go: bool,
    output: bool,
}

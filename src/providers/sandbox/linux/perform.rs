//! One job from its start to the end of its last process, on a thread of its own.
//!
//! A thread, because the kernel tells a child of the death of the thread that made it, and threads of a runtime come
//! and go.

use std::fs::File;
use std::io::{self, PipeReader, Read, Seek as _, Write as _};
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use tokio::sync::oneshot;

use super::super::output::Capped;
use super::super::{Error, Exit, Job, Limits, Ran};
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
    /// What it reads, and how what it writes is read.
    pub(super) streams: Streams,
}

/// The standard streams of a command.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// What it reads.
    input: Vec<u8>,
    /// Whether its standard output is told apart.
    apart: bool,
}

impl Streams {
    pub(super) fn of(job: &Job) -> Self {
        Self {
            input: job.input.clone(),
            apart: job.apart,
        }
    }

    /// Closed on exec like all our files; the command has it under the number of its standard input.
    fn input(&self) -> io::Result<Stdio> {
        if self.input.is_empty() {
            return Ok(Stdio::null());
        }
        let file = rustix::fs::memfd_create("input", rustix::fs::MemfdFlags::CLOEXEC)?;
        let mut file = File::from(file);
        file.write_all(&self.input)?;
        file.rewind()?;
        Ok(file.into())
    }
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
    let begun = start(plan.command, plan.entry, &plan.streams)?;
    let Begun {
        output,
        said,
        child,
    } = begun;
    let mut watch = Watch {
        output: Some(output),
        said,
        kept: Capped::new(plan.limits.output_bytes),
        kept_apart: Capped::new(plan.limits.output_bytes),
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
        said: watch.kept_apart.finish().0,
        output_bytes,
        duration: began.elapsed(),
        refused: 0,
    })
}

/// A command at work.
struct Begun {
    /// All it writes, or what it writes beside its standard output.
    output: PipeReader,
    /// What it writes to its standard output, where that is told apart.
    said: Option<PipeReader>,
    child: Child,
}

/// The command goes out of scope here: its copies of the pipe would keep the output open.
fn start(mut command: Command, entry: Entry, streams: &Streams) -> Result<Begun, Error> {
    let pipe = || io::pipe().map_err(Error::system("open a pipe"));
    let (output, errors) = pipe()?;
    let (said, written) = if streams.apart {
        let (said, written) = pipe()?;
        (Some(said), written)
    } else {
        let again = errors.try_clone().map_err(Error::system("open a pipe"))?;
        (None, again)
    };
    let input = streams
        .input()
        .map_err(Error::system("make a file in memory"))?;
    command.stdin(input).stdout(written).stderr(errors);
    supervisor::stand_between(&mut command, entry);
    let child = command.spawn().map_err(Error::system("start a command"))?;
    Ok(Begun {
        output,
        said,
        child,
    })
}

/// A supervisor, and what is known of it.
struct Watch {
    output: Option<PipeReader>,
    said: Option<PipeReader>,
    /// Everything, in the order in which it was read.
    kept: Capped,
    /// The standard output alone.
    kept_apart: Capped,
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
            if ready.said {
                self.read_said();
            }
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
        // Everybody who could write is gone: what is in the pipes is the rest. Nothing is waited for.
        while rest(self.said.as_ref())? {
            self.read_said();
        }
        while rest(self.output.as_ref())? {
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
        let leash = match self.dying_since {
            None => place(
                &mut files,
                Some(PollFd::from_borrowed_fd(leash, PollFlags::IN)),
            ),
            Some(_) => None,
        };
        let readable = |pipe| PollFd::new(pipe, PollFlags::IN);
        let output = place(&mut files, self.output.as_ref().map(readable));
        let said = place(&mut files, self.said.as_ref().map(readable));
        let most = Timespec::try_from(most).unwrap_or(Timespec {
            tv_sec: 0,
            tv_nsec: 100_000_000,
        });
        match poll(&mut files, Some(&most)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Error::system("wait for a process")(error)),
        }
        let ready = |at: Option<usize>| at.is_some_and(|at| !files[at].revents().is_empty());
        Ok(Ready {
            end: ready(Some(0)),
            let_go: ready(leash),
            output: ready(output),
            said: ready(said),
        })
    }

    fn read_said(&mut self) {
        let mut piece = [0; 64 << 10];
        match self.said.as_mut().map(|said| said.read(&mut piece)) {
            Some(Ok(read)) if read > 0 => {
                self.kept.push(&piece[..read]);
                self.kept_apart.push(&piece[..read]);
            }
            Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => self.said = None,
        }
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
    said: bool,
}

/// Puts a file among others, and says where.
fn place<'f>(files: &mut Vec<PollFd<'f>>, file: Option<PollFd<'f>>) -> Option<usize> {
    files.push(file?);
    Some(files.len() - 1)
}

/// Whether there is something left to read.
fn rest(pipe: Option<&PipeReader>) -> Result<bool, Error> {
    let Some(pipe) = pipe else {
        return Ok(false);
    };
    let mut files = [PollFd::new(pipe, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let ready = poll(&mut files, Some(&now)).map_err(Error::system("read output"))?;
    Ok(ready > 0)
}

//! The server as our child process, kept by a thread of its own.
//!
//! Linux stops the server when its parent dies, but takes the *thread* that spawned it for the parent. A caller may
//! start us from a worker thread that ends at leisure, so one thread spawns every child and lives as long as its owner.

use std::{
    io,
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus},
    sync::mpsc::{self, Receiver, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How long a fast stop may write its checkpoint before it is cut short; the next start then recovers.
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// The thread that is the server's parent. Dropping it stops the server and waits for its end.
#[derive(Debug)]
pub(super) struct Keeper {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Order {
    Spawn(Box<Command>, Sender<io::Result<u32>>),
    Exited(Sender<io::Result<Option<ExitStatus>>>),
    Stop(Sender<io::Result<()>>),
}

impl Keeper {
    /// Starts the thread, without a child.
    pub(super) fn start() -> io::Result<Self> {
        let (orders, inbox) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("postgres-keeper".into())
            .spawn(move || keep(&inbox))?;
        Ok(Self {
            orders: Some(orders),
            thread: Some(thread),
        })
    }

    /// Spawns the server, which replaces the former child, and returns its process id.
    pub(super) fn spawn(&self, command: Command) -> io::Result<u32> {
        self.order(|reply| Order::Spawn(Box::new(command), reply))
    }

    /// How the child ended, if it did.
    pub(super) fn exited(&self) -> io::Result<Option<ExitStatus>> {
        self.order(Order::Exited)
    }

    /// Stops the child and waits for its end.
    pub(super) fn stop(&self) -> io::Result<()> {
        self.order(Order::Stop)
    }

    fn order<T>(&self, order: impl FnOnce(Sender<io::Result<T>>) -> Order) -> io::Result<T> {
        let gone = || io::Error::other("the thread that keeps Postgres is gone");
        let (reply, answer) = mpsc::channel();
        self.orders
            .as_ref()
            .ok_or_else(gone)?
            .send(order(reply))
            .map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The thread ends when nobody can order any more.
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's life. A reply nobody waits for is no loss, hence the ignored sends.
fn keep(orders: &Receiver<Order>) {
    let mut child: Option<Child> = None;
    while let Ok(order) = orders.recv() {
        match order {
            Order::Spawn(command, reply) => {
                let spawned = end(child.take()).and_then(|()| spawn(*command));
                let _ = reply.send(spawned.map(|spawned| child.insert(spawned).id()));
            }
            Order::Exited(reply) => {
                let _ = reply.send(child.as_mut().map_or(Ok(None), Child::try_wait));
            }
            Order::Stop(reply) => {
                let _ = reply.send(end(child.take()));
            }
        }
    }
    if let Err(error) = end(child.take()) {
        tracing::error!(%error, "Postgres could not be stopped");
    }
}

fn spawn(mut command: Command) -> io::Result<Child> {
    // Ctrl-C at the terminal must reach only us: we still need the database while we stop.
    command.process_group(0);
    follow(&mut command, Signal::INT);
    command.spawn()
}

/// Has the kernel signal the child when the thread that spawns it ends, so that nothing goes on behind the back of the
/// next start. Only Linux can; elsewhere the next start finds a server left over and adopts it.
pub(super) fn follow(command: &mut Command, signal: Signal) {
    #[cfg(target_os = "linux")]
    {
        let parent = rustix::process::getpid();
        let ask = move || {
            rustix::process::set_parent_process_death_signal(Some(signal))?;
            // The parent may have died before it asked; then no signal would ever come.
            if rustix::process::getppid() == Some(parent) {
                Ok(())
            } else {
                Err(io::ErrorKind::NotFound.into())
            }
        };
        // SAFETY: between fork and exec the closure makes two system calls and touches no memory but its own copy.
        unsafe { command.pre_exec(ask) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (command, signal);
}

/// Asks for a fast shutdown (SIGINT: sessions are cut, data is written), then for an immediate one.
fn end(child: Option<Child>) -> io::Result<()> {
    let Some(mut child) = child else {
        return Ok(());
    };
    for signal in [Signal::INT, Signal::QUIT] {
        // An exited child keeps its id until it is waited for, so the signal cannot hit a stranger.
        if let (None, Some(pid)) = (child.try_wait()?, pid(&child)) {
            kill_process(pid, signal)?;
        }
        if ended_within(&mut child, STOP_LIMIT)? {
            return Ok(());
        }
        tracing::warn!(?signal, "Postgres did not stop in time");
    }
    child.kill()?;
    child.wait().map(drop)
}

fn ended_within(child: &mut Child, limit: Duration) -> io::Result<bool> {
    let deadline = Instant::now() + limit;
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(true)
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

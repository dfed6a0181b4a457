//! The process between us and a command. It adopts everything the command leaves behind, kills what is left when the
//! command ends, when it is told to (SIGTERM) and when we die (the kernel sends it the same signal), and ends only
//! when nothing is left. So its end, which we wait for, is the end of the whole tree, whatever called `setsid`.
//!
//! It is a fork of ours that never becomes another program. Like everything between fork and exec in a process that
//! had threads, it makes system calls and touches its own stack, nothing else: no memory is asked for, no lock taken.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::entry::Entry;

/// A child list of the calling thread; needs a kernel with `CONFIG_PROC_CHILDREN`, as distributions build it.
const CHILDREN: &std::ffi::CStr = c"/proc/thread-self/children";

/// What the supervisor answers for a command that it had to kill.
const KILLED: i32 = 128 + libc::SIGKILL;

/// Has the command run below a supervisor, which becomes our child in its place.
pub(super) fn stand_between(command: &mut Command, entry: Entry) {
    // Ctrl-C at the terminal is for us to act on.
    command.process_group(0);
    // SAFETY: the id of this process, which is the same in all its threads.
    let worker = unsafe { libc::getpid() };
    let fork = move || {
        // SAFETY: in the forked child, which has one thread; see `supervise`.
        unsafe { supervise(&entry, worker) }
    };
    // SAFETY: the closure keeps to system calls and its own stack.
    unsafe { command.pre_exec(fork) };
}

/// Forks once more: the parent stays here for good, the child returns and becomes the command.
///
/// # Safety
///
/// Only between fork and exec.
unsafe fn supervise(entry: &Entry, worker: libc::pid_t) -> io::Result<()> {
    // SAFETY: plain system calls on memory of this frame; a zeroed signal set is valid.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        check(libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))?;
        let supervisor = libc::getpid();
        // Not `fork`: that one runs handlers which other libraries registered.
        let flags = libc::c_long::from(libc::SIGCHLD);
        match libc::syscall(libc::SYS_clone, flags, 0_usize, 0_usize, 0_usize, 0_usize) {
            -1 => Err(io::Error::last_os_error()),
            0 => {
                entry.apply(supervisor)?;
                libc::sigprocmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
                Ok(())
            }
            child => stay(child.try_into().unwrap_or(-1), worker),
        }
    }
}

/// The supervisor's life.
///
/// # Safety
///
/// Only in the forked process that is the parent of `command`; it does not return.
unsafe fn stay(command: libc::pid_t, worker: libc::pid_t) -> ! {
    // SAFETY: plain system calls on memory of this frame.
    unsafe {
        close_everything();
        libc::chdir(c"/".as_ptr());
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM, 0, 0, 0);
        // We may have died before the line above; then nobody would ever tell.
        let mut ending = libc::getppid() != worker;
        let mut awaited: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut awaited);
        libc::sigaddset(&raw mut awaited, libc::SIGCHLD);
        libc::sigaddset(&raw mut awaited, libc::SIGTERM);
        let mut answer = None;
        let mut reaped: u32 = 0;
        loop {
            let ended = peek();
            if ended < 0 {
                libc::_exit(answer.unwrap_or(KILLED));
            }
            ending |= ended == command;
            if ending && answer.is_none() {
                // All at once: what forks faster than it is killed one by one is not faster than this. The command
                // is not reaped yet, so its id, and its group's, is its own.
                libc::kill(-command, libc::SIGKILL);
            }
            if ended > 0 {
                let mut status = 0;
                libc::waitpid(ended, &raw mut status, 0);
                if ended == command {
                    answer = Some(code(status));
                }
                reaped = reaped.wrapping_add(1);
                // A stream of the dead must not keep us from the living.
                if ending && reaped.is_multiple_of(16) {
                    kill_children();
                }
                continue;
            }
            let heard = if ending {
                // Those who left the group. Whose parent was just killed comes to us a moment later: look again
                // soon.
                kill_children();
                let soon = libc::timespec {
                    tv_sec: 0,
                    tv_nsec: 2_000_000,
                };
                libc::sigtimedwait(&raw const awaited, std::ptr::null_mut(), &raw const soon)
            } else {
                libc::sigwaitinfo(&raw const awaited, std::ptr::null_mut())
            };
            ending |= heard == libc::SIGTERM;
        }
    }
}

/// A child that has ended and is not reaped yet; 0 when none has, negative when there are no children.
unsafe fn peek() -> libc::pid_t {
    // SAFETY: writes to memory of this frame, whose zeroes are valid.
    unsafe {
        let mut told: libc::siginfo_t = std::mem::zeroed();
        let how = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        if libc::waitid(libc::P_ALL, 0, &raw mut told, how) < 0 {
            return -1;
        }
        told.si_pid()
    }
}

/// Exit codes as shells tell them.
fn code(status: libc::c_int) -> libc::c_int {
    if libc::WIFSIGNALED(status) {
        128 + libc::WTERMSIG(status)
    } else {
        libc::WEXITSTATUS(status)
    }
}

/// The output's pipe must end with the command, and sockets of ours must not live on here.
unsafe fn close_everything() {
    // SAFETY: nothing in this process uses a descriptor afterwards that it did not open itself.
    unsafe {
        if libc::syscall(libc::SYS_close_range, 0_u32, u32::MAX, 0_u32) == 0 {
            return;
        }
        // Before Linux 5.9.
        for descriptor in 0..65_536 {
            libc::close(descriptor);
        }
    }
}

/// Kills every child there is at this moment, read from the kernel's list piece by piece.
unsafe fn kill_children() {
    // SAFETY: reads into a buffer of this frame; the ids are of our own children that nobody but us waits for, so
    // none can have passed to a stranger.
    unsafe {
        let list = libc::open(CHILDREN.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if list < 0 {
            return;
        }
        let mut buffer = [0_u8; 4096];
        let mut id: libc::pid_t = 0;
        loop {
            let read = libc::read(list, buffer.as_mut_ptr().cast(), buffer.len());
            let Some(bytes) = usize::try_from(read).ok().and_then(|n| buffer.get(..n)) else {
                break;
            };
            for byte in bytes {
                if byte.is_ascii_digit() {
                    id = id.wrapping_mul(10).wrapping_add((byte - b'0').into());
                } else if id > 0 {
                    libc::kill(id, libc::SIGKILL);
                    id = 0;
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        if id > 0 {
            libc::kill(id, libc::SIGKILL);
        }
        libc::close(list);
    }
}

/// The system's word as a result.
pub(super) fn check(answer: libc::c_int) -> io::Result<()> {
    if answer < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Whether the kernel tells a process its children, without which nothing could be killed for certain.
pub(super) fn can_stand() -> bool {
    std::fs::exists("/proc/thread-self/children").unwrap_or(false)
}

//! What the command's own process does between fork and exec: limits and, without bubblewrap, the wall itself.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use seccompiler::sock_filter;

use super::super::Limits;
use super::door::Door;
use super::nproc;
use super::supervisor::check;

/// Everything is prepared before the fork; afterwards only system calls are made.
#[derive(Debug)]
pub(super) struct Entry {
    limits: [(libc::__rlimit_resource_t, u64); 6],
    /// Files that stay open across the exec.
    pub(super) handed: Vec<OwnedFd>,
    /// What makes a network of its own, with a door in it.
    pub(super) door: Option<Door>,
    /// Landlock's rules, taken on here.
    pub(super) rules: Option<OwnedFd>,
    /// The filter of system calls, taken on here.
    pub(super) filter: Option<Vec<sock_filter>>,
}

impl Entry {
    /// With limits and no wall.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            limits: [
                (libc::RLIMIT_CPU, limits.cpu_s),
                // Not the address space: runtimes reserve terabytes of it that they never use. This one counts
                // what can be written to, and the watch counts all processes together.
                (libc::RLIMIT_DATA, limits.memory_bytes),
                (libc::RLIMIT_FSIZE, limits.file_bytes),
                (libc::RLIMIT_NPROC, nproc::limit(limits.processes)),
                (libc::RLIMIT_NOFILE, 16_384),
                (libc::RLIMIT_CORE, 0),
            ],
            handed: Vec::new(),
            door: None,
            rules: None,
            filter: None,
        }
    }

    /// Done in the child of the supervisor; system calls only.
    pub(super) fn apply(&self, supervisor: libc::pid_t) -> io::Result<()> {
        // SAFETY: system calls with plain numbers, and pointers to memory that outlives them.
        unsafe {
            // First: whoever changes rights forgets whose death it is to be told of.
            if let Some(door) = &self.door {
                door.open()?;
            }
            check(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0))?;
            if libc::getppid() != supervisor {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            check(libc::setsid())?;
            for file in &self.handed {
                check(libc::fcntl(file.as_raw_fd(), libc::F_SETFD, 0))?;
            }
            libc::umask(0o022);
            first_to_go();
            for (resource, most) in self.limits {
                lower(resource, most)?;
            }
            if self.rules.is_some() || self.filter.is_some() {
                check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
            }
            if let Some(rules) = &self.rules {
                let call = libc::SYS_landlock_restrict_self;
                let answer = libc::syscall(call, rules.as_raw_fd(), 0_u32);
                check(libc::c_int::try_from(answer).unwrap_or(-1))?;
            }
            // Last: what comes before may need calls that it refuses.
            if let Some(filter) = &self.filter {
                let program = libc::sock_fprog {
                    len: u16::try_from(filter.len()).unwrap_or(0),
                    filter: filter.as_ptr().cast_mut().cast(),
                };
                let mode = libc::SECCOMP_MODE_FILTER;
                check(libc::prctl(
                    libc::PR_SET_SECCOMP,
                    mode,
                    &raw const program,
                    0,
                    0,
                ))?;
            }
        }
        Ok(())
    }
}

/// Both limits, and never above what we have ourselves.
unsafe fn lower(resource: libc::__rlimit_resource_t, most: u64) -> io::Result<()> {
    // SAFETY: reads into and from memory of this frame.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        check(libc::getrlimit(resource, &raw mut limit))?;
        limit.rlim_max = limit.rlim_max.min(most);
        limit.rlim_cur = limit.rlim_max;
        check(libc::setrlimit(resource, &raw const limit))
    }
}

/// When the machine runs out of memory, a command goes before the worker; a kernel that refuses is no reason to stop.
unsafe fn first_to_go() {
    const ADJUST: &[u8] = b"500";
    // SAFETY: writes from static memory.
    unsafe {
        let file = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY);
        if file >= 0 {
            libc::write(file, ADJUST.as_ptr().cast(), ADJUST.len());
            libc::close(file);
        }
    }
}

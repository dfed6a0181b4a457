//! Which system calls a command may not make. It is answered with EPERM: programs can cope with a refusal.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};

/// Looking into other processes, mounts, namespaces, keys, the kernel itself, and what only attacks have used.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    // A ring makes calls that no filter sees.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    libc::SYS_fanotify_init,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
];

/// Namespaces in the flags of `clone`. `clone3` hides its flags behind a pointer and is not there at all.
const NAMESPACES: libc::c_int = libc::CLONE_NEWUSER
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

/// Families of sockets that a command may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sockets {
    /// None: where the network is not a namespace of its own, any socket reaches out of it. Pairs stay allowed.
    None,
    /// The internet's. Sockets of the machine's own services, which have names in the file system or none at all,
    /// stay out of reach.
    Internet,
    /// The internet's and those of the file system, in a network and a file system of the job's own.
    Own,
}

impl Sockets {
    fn families(self) -> &'static [libc::c_int] {
        match self {
            Self::None => &[],
            Self::Internet => &[libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK],
            Self::Own => &[
                libc::AF_INET,
                libc::AF_INET6,
                libc::AF_NETLINK,
                libc::AF_UNIX,
            ],
        }
    }
}

/// The filter as the kernel takes it; `None` on a processor it does not know.
pub(super) fn filter(sockets: Sockets) -> Option<BpfProgram> {
    let refused = REFUSED.iter().map(|call| (*call, vec![]));
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = refused.collect();
    rules.insert(libc::SYS_clone, namespaces()?);
    rules.insert(libc::SYS_socket, families(sockets)?);
    rules.insert(libc::SYS_ioctl, terminals()?);
    rules.insert(libc::SYS_kill, vec![rule(vec![all_of_the_account()?])?]);
    let eperm = SeccompAction::Errno(u32::try_from(libc::EPERM).ok()?);
    let architecture = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, eperm, architecture).ok()?;
    let mut program = unknown_calls();
    program.extend(BpfProgram::try_from(filter).ok()?);
    Some(program)
}

/// The filter as bubblewrap reads it from a file.
pub(super) fn bytes(program: &[sock_filter]) -> Vec<u8> {
    let instruction = |i: &sock_filter| {
        let [a, b] = i.code.to_ne_bytes();
        let [c, d, e, f] = i.k.to_ne_bytes();
        [a, b, i.jt, i.jf, c, d, e, f]
    };
    program.iter().flat_map(instruction).collect()
}

fn rule(conditions: Vec<SeccompCondition>) -> Option<SeccompRule> {
    SeccompRule::new(conditions).ok()
}

fn condition(argument: u8, operator: SeccompCmpOp, value: libc::c_int) -> Option<SeccompCondition> {
    // The kernel looks at the lower half of these arguments only; so must the filter.
    let value = u64::from(value.cast_unsigned());
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value).ok()
}

/// One rule for each flag, since a rule compares masked bits with one value.
fn namespaces() -> Option<Vec<SeccompRule>> {
    let bits = (0..31).map(|bit| 1 << bit);
    bits.filter(|flag| NAMESPACES & flag != 0)
        .map(|flag: libc::c_int| {
            let mask = SeccompCmpOp::MaskedEq(u64::from(flag.cast_unsigned()));
            rule(vec![condition(0, mask, flag)?])
        })
        .collect()
}

/// Every family but the allowed ones. Rules of one call are joined by "or", conditions of one rule by "and".
fn families(sockets: Sockets) -> Option<Vec<SeccompRule>> {
    let unequal = sockets
        .families()
        .iter()
        .map(|family| condition(0, SeccompCmpOp::Ne, *family));
    let unequal: Vec<_> = unequal.collect::<Option<_>>()?;
    if unequal.is_empty() {
        return Some(vec![]);
    }
    Some(vec![rule(unequal)?])
}

/// Typing into the terminal we were started from.
fn terminals() -> Option<Vec<SeccompRule>> {
    [libc::TIOCSTI, libc::TIOCLINUX]
        .into_iter()
        .map(|request| {
            let request = libc::c_int::try_from(request).ok()?;
            rule(vec![condition(1, SeccompCmpOp::Eq, request)?])
        })
        .collect()
}

/// `kill(-1, …)`: everything the account runs, the worker among it.
fn all_of_the_account() -> Option<SeccompCondition> {
    condition(0, SeccompCmpOp::Eq, -1)
}

/// `clone3`, and calls numbered for another view of the processor, do not exist: libraries fall back to `clone`.
fn unknown_calls() -> BpfProgram {
    const LOAD_NUMBER: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    const ANSWER: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    /// Bit 30 marks x32 calls on x86-64; nothing else has numbers that high.
    const OTHER_VIEW: u32 = 0x4000_0000;
    const CLONE3: u32 = libc::SYS_clone3 as u32;
    const ENOSYS: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
    let instruction = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    vec![
        instruction(LOAD_NUMBER, 0, 0, 0),
        instruction(EQUAL, 1, 0, CLONE3),
        instruction(AT_LEAST, 0, 1, OTHER_VIEW),
        instruction(ANSWER, 0, 0, ENOSYS),
    ]
}

//! Asks the kernel for Landlock.

/// `LANDLOCK_CREATE_RULESET_VERSION`: with it the call creates nothing and answers with its ABI.
#[cfg(target_os = "linux")]
const VERSION: std::ffi::c_uint = 1;

/// The ABI of Landlock, 0 when the kernel has none.
#[cfg(target_os = "linux")]
pub(super) fn abi() -> u32 {
    use std::ffi::{c_long, c_void};
    use std::ptr::null;

    unsafe extern "C" {
        fn syscall(number: c_long, ...) -> c_long;
    }
    // Newer than the split of system call numbers by architecture: 444 nearly everywhere.
    const LANDLOCK_CREATE_RULESET: c_long = 444;
    // SAFETY: `syscall` is libc's, always linked; landlock_create_ruleset(attr, size, flags) with a
    // null attribute of size 0 and the version flag reads and writes no memory of ours.
    let answer = unsafe { syscall(LANDLOCK_CREATE_RULESET, null::<c_void>(), 0_usize, VERSION) };
    u32::try_from(answer).unwrap_or(0)
}

/// The ABI of Landlock: only Linux has it.
#[cfg(not(target_os = "linux"))]
pub(super) fn abi() -> u32 {
    0
}

//! The same walls for an account without rights, when the tests are run by root.

use crate::support::left_out;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// `nobody`, on every system.
const ACCOUNT: u32 = 65534;

/// Rooms that are about the wall and nothing else.
const ROOMS: [&str; 6] = [
    "walls::files::",
    "walls::network::",
    "walls::gate::",
    "walls::limits::",
    "walls::system::",
    "walls::kills::",
];

#[test]
fn the_walls_stand_for_a_plain_account_too() {
    if !rustix::process::geteuid().is_root() {
        left_out("the other tests are run by a plain account already");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    // Where the program lies, that account may have no access.
    let program = home.path().join("it");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let temporary = home.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    for (path, mode) in [(home.path(), 0o755), (&program, 0o755), (&temporary, 0o777)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let said = Command::new(&program)
        .args(ROOMS)
        .args(["--test-threads=2", "--nocapture"])
        .env("TMPDIR", &temporary)
        .env("HOME", &temporary)
        .current_dir(&temporary)
        .uid(ACCOUNT)
        .gid(ACCOUNT)
        .output()
        .unwrap();
    let told =
        String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{told}");
    assert!(!told.contains("running 0 tests"), "{told}");
    for line in told.lines().filter(|line| line.contains("SKIPPED")) {
        eprintln!("as a plain account: {line}");
    }
}

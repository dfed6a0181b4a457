//! Who runs the server. Postgres refuses root, so root hands it to an unprivileged account; everybody else runs it
//! themselves. Nothing here changes a permission: a directory the account cannot reach is an error with advice.

use std::{
    fs,
    io::ErrorKind,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use super::Error;

/// Accounts tried for root when none is named: ours, the distribution's, and the one that always exists.
const CANDIDATES: [&str; 3] = ["codegraph", "postgres", "nobody"];

/// An unprivileged account from `/etc/passwd`; `initdb` insists on an entry there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The account to run the server as, or `None` for ourselves. An existing cluster keeps its owner.
pub(super) fn choose(wanted: Option<&str>, data: &Path) -> Result<Option<Account>, Error> {
    let ours = rustix::process::geteuid().as_raw();
    let owner = fs::metadata(data).ok().map(|found| found.uid());
    if ours != 0 {
        return match owner {
            Some(owner) if owner != ours => Err(Error::WrongOwner {
                path: data.into(),
                owner,
                ours,
            }),
            _ => Ok(None),
        };
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(Error::io("read", "/etc/passwd"))?;
    // An empty directory somebody made ready as root says nothing about who shall use it.
    let owner = owner.filter(|uid| *uid != 0 || data.join("PG_VERSION").exists());
    let account = pick(&passwd, wanted, owner)?;
    match owner {
        Some(owner) if owner != account.uid => Err(Error::WrongOwner {
            path: data.into(),
            owner,
            ours: account.uid,
        }),
        _ => Ok(Some(account)),
    }
}

fn pick(passwd: &str, wanted: Option<&str>, owner: Option<u32>) -> Result<Account, Error> {
    let known = || {
        passwd
            .lines()
            .filter_map(parse)
            .filter(|account| account.uid != 0)
    };
    if let Some(name) = wanted {
        let missing = || Error::NoAccount {
            wanted: format!("there is no unprivileged account `{name}`"),
        };
        return known()
            .find(|account| account.name == name)
            .ok_or_else(missing);
    }
    if let Some(account) = owner.and_then(|uid| known().find(|account| account.uid == uid)) {
        return Ok(account);
    }
    CANDIDATES
        .iter()
        .find_map(|name| known().find(|account| account.name == *name))
        .ok_or_else(|| Error::NoAccount {
            wanted: format!("there is none of {}", CANDIDATES.join(", ")),
        })
}

fn parse(line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_owned();
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Account { name, uid, gid })
}

/// A command that runs as the account, knows nothing of our environment and holds no directory of ours open.
pub(super) fn command(program: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    if let Some(account) = account {
        // std also drops the supplementary groups when it changes the uid as root.
        command.uid(account.uid).gid(account.gid);
    }
    command
        .env_clear()
        .envs([("LC_ALL", "C"), ("TZ", "UTC"), ("PATH", "/usr/bin:/bin")])
        .current_dir("/")
        .stdin(Stdio::null());
    command
}

/// Proves that the account can enter the directory, by entering it.
pub(super) fn reach(directory: &Path, account: Option<&Account>) -> Result<(), Error> {
    let Some(account) = account else {
        return Ok(());
    };
    // The child changes directory after it changed its uid, so an unreachable one fails the spawn itself.
    let status = command(Path::new("/bin/sh"), Some(account))
        .args(["-c", ":"])
        .current_dir(directory)
        .status();
    match status {
        Ok(_) => Ok(()),
        Err(error) => Err(refusal(&error, directory, account)
            .unwrap_or_else(|| Error::io("enter", directory)(error))),
    }
}

/// Tells apart the two meanings of "permission denied" when a program is started as an account.
pub(super) fn refusal(error: &std::io::Error, path: &Path, account: &Account) -> Option<Error> {
    if error.raw_os_error() == Some(rustix::io::Errno::PERM.raw_os_error()) {
        return Some(Error::CannotSwitch {
            account: account.name.clone(),
        });
    }
    (error.kind() == ErrorKind::PermissionDenied).then(|| Error::Unreachable {
        account: account.name.clone(),
        path: path.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n\
        nobody:x:65534:65534::/:/bin/false\n\
        postgres:x:101:104::/:/bin/sh\n\
        broken line\n\
        ada:x:1000:1000::/home/ada:/bin/sh\n";

    fn name(wanted: Option<&str>, owner: Option<u32>) -> Result<String, String> {
        pick(PASSWD, wanted, owner)
            .map(|account| account.name)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn prefers_the_named_then_the_owner_then_the_usual() {
        assert_eq!(name(Some("nobody"), Some(1000)).as_deref(), Ok("nobody"));
        assert_eq!(name(None, Some(1000)).as_deref(), Ok("ada"));
        assert_eq!(name(None, None).as_deref(), Ok("postgres"));
    }

    #[test]
    fn refuses_root_and_strangers() {
        for wanted in ["root", "eve"] {
            let error = name(Some(wanted), None).expect_err("must be refused");
            assert!(
                error.contains(wanted) && error.contains("CODEGRAPH_PG_USER"),
                "{error}"
            );
        }
        assert!(pick("root:x:0:0::/:/bin/sh", None, None).is_err());
    }
}

//! The password of the cluster's superuser: drawn once, kept in a file only its owner reads.

use std::{
    fs,
    io::{ErrorKind, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, fchown},
    path::Path,
};

use super::{Error, account::Account};

/// The password kept in `file`, drawn when there is no cluster yet.
pub(super) fn load(file: &Path, exists: bool) -> Result<String, Error> {
    match fs::read_to_string(file) {
        Ok(found) if !found.trim().is_empty() => return Ok(found.trim().to_owned()),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(Error::io("read", file)(error));
        }
        _ if exists => return Err(Error::SecretLost { path: file.into() }),
        _ => {}
    }
    let drawn = random_hex::<24>()?;
    let fresh = file.with_extension("incomplete");
    let _ = fs::remove_file(&fresh);
    write_private(&fresh, &drawn)?;
    fs::rename(&fresh, file).map_err(Error::io("rename to", file))?;
    Ok(drawn)
}

/// Lends the password to `initdb`, which reads it from a file, as an account that cannot read ours.
pub(super) fn lend(file: &Path, secret: &str, account: Option<&Account>) -> Result<(), Error> {
    let _ = fs::remove_file(file);
    let open = write_private(file, secret)?;
    // By the open file, not by its name: the directory belongs to the account, which could swap the file.
    let owner = account.map(|account| (account.uid, account.gid)).unzip();
    fchown(open, owner.0, owner.1).map_err(Error::io("hand over", file))
}

fn write_private(file: &Path, text: &str) -> Result<fs::File, Error> {
    let write = || {
        let mut open = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        Ok(open)
    };
    write().map_err(Error::io("write", file))
}

/// `N` bytes nobody can guess, in hexadecimal.
pub(super) fn random_hex<const N: usize>() -> Result<String, Error> {
    let mut bytes = [0; N];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(Error::io("read", "/dev/urandom"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_secret_is_private_stable_and_never_redrawn_for_data()
    -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("secret");
        assert!(matches!(load(&file, true), Err(Error::SecretLost { .. })));
        let drawn = load(&file, false)?;
        assert_eq!(load(&file, true)?, drawn);
        assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
        Ok(())
    }

    #[test]
    fn random_words_have_their_length_and_differ() -> Result<(), Error> {
        let (one, two) = (random_hex::<24>()?, random_hex::<24>()?);
        assert_eq!(one.len(), 48);
        assert_ne!(one, two);
        Ok(())
    }
}

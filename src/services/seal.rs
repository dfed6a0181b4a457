//! What keeps secrets that have to be given to somebody again: sealed under a key that the database does not have. A value
//! is bound to its place; moved to another row, it cannot be opened.

#[cfg(unix)]
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::{
    fmt, fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::secret;
use crate::{
    config::{Config, SecretKey},
    error::{Error, Result},
};

/// The first byte of everything that is sealed like this.
const VERSION: u8 = 1;
/// Bytes of the key's fingerprint.
const MARK: usize = 8;
/// Bytes of a nonce: long enough to be drawn.
const NONCE: usize = 24;

/// Seals and opens. Clones share the key.
#[derive(Clone)]
pub struct Seal {
    set: Option<SecretKey>,
    file: PathBuf,
    read: Arc<OnceLock<SecretKey>>,
}

impl Seal {
    /// With the configured key, or the one in the home folder.
    #[must_use]
    pub fn configured(config: &Config) -> Self {
        Self {
            set: config.forge.secret_key.clone(),
            file: config.home.join("secret.key"),
            read: Arc::default(),
        }
    }

    /// Seals a value for this place.
    pub fn seal(&self, place: &str, value: &str) -> Result<Vec<u8>> {
        let key = self.key(true)?;
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&secret::bytes()?[..NONCE]);
        let payload = Payload {
            msg: value.as_bytes(),
            aad: place.as_bytes(),
        };
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Internal("a secret could not be sealed".to_owned()))?;
        Ok([&[VERSION], &mark(key)[..], &nonce, &sealed].concat())
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<SecretString> {
        let broken = || Error::Internal(format!("the secret {place} is not as it was sealed"));
        let (version, rest) = sealed.split_first().ok_or_else(broken)?;
        if *version != VERSION || rest.len() < MARK + NONCE {
            return Err(broken());
        }
        let (found, rest) = rest.split_at(MARK);
        let (nonce, msg) = rest.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let key = self.key(false)?;
        if found != mark(key) {
            return Err(Error::Unavailable(
                "a secret was sealed under another key: all nodes need the same CODEGRAPH_SECRET_KEY"
                    .to_owned(),
            ));
        }
        let payload = Payload {
            msg,
            aad: place.as_bytes(),
        };
        let opened = cipher(key)
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| broken())?;
        let text = String::from_utf8(opened).map_err(|_| broken())?;
        Ok(text.into())
    }

    /// The key. One is made only when something is to be sealed: what was sealed before cannot be opened with it.
    fn key(&self, make: bool) -> Result<&SecretKey> {
        if let Some(key) = &self.set {
            return Ok(key);
        }
        if let Some(key) = self.read.get() {
            return Ok(key);
        }
        let key = match read(&self.file)? {
            Some(key) => key,
            None if make => made(&self.file)?,
            None => {
                return Err(Error::Unavailable(format!(
                    "secrets were sealed under a key that is not here: set CODEGRAPH_SECRET_KEY, or bring back {}",
                    self.file.display()
                )));
            }
        };
        Ok(self.read.get_or_init(|| key))
    }
}

fn cipher(key: &SecretKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key.bytes()))
}

/// By which a key is known, and from which it cannot be found.
fn mark(key: &SecretKey) -> [u8; MARK] {
    let digest = Sha256::new()
        .chain_update(b"codegraph secret key\0")
        .chain_update(key.bytes())
        .finalize();
    let mut mark = [0; MARK];
    mark.copy_from_slice(&digest[..MARK]);
    mark
}

fn read(file: &Path) -> Result<Option<SecretKey>> {
    let wrong = |why: &str| Error::Unavailable(format!("the key {} {why}", file.display()));
    let found = match fs::metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(&format!("cannot be looked at: {error}"))),
    };
    #[cfg(unix)]
    if found.mode() & 0o077 != 0 {
        return Err(wrong("may be read by others; `chmod 600` it"));
    }
    let text =
        fs::read_to_string(file).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    let key = SecretKey::parse(&text).ok_or_else(|| wrong("is none"))?;
    Ok(Some(key))
}

/// Makes a key. Of several who do so at once, one makes it, and all have that one.
fn made(file: &Path) -> Result<SecretKey> {
    let failed = |error: std::io::Error| {
        Error::Unavailable(format!(
            "the key {} cannot be made: {error}",
            file.display()
        ))
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let draft = file.with_extension(secret::fingerprint(&secret::new("draft")?));
    let mut open = fs::OpenOptions::new();
    #[cfg(unix)]
    open.mode(0o600);
    let mut writing = open
        .write(true)
        .create_new(true)
        .open(&draft)
        .map_err(failed)?;
    let text = secret::standard(&secret::bytes()?);
    let written = writeln!(writing, "{text}").and_then(|()| writing.sync_all());
    // Only whole keys have the name, and none takes the place of another.
    let named = written.and_then(|()| match fs::hard_link(&draft, file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        named => named,
    });
    let cleared = fs::remove_file(&draft);
    named.and(cleared).map_err(failed)?;
    read(file)?.ok_or_else(|| Error::Unavailable(format!("the key {} is gone", file.display())))
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn seal(home: &Path, settings: &[(&str, &str)]) -> Seal {
        let home = [("CODEGRAPH_HOME", home.to_str().unwrap())];
        let all = settings.iter().chain(&home);
        let all = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Seal::configured(&Config::read(all, Path::new("/")).unwrap())
    }

    #[test]
    fn what_is_sealed_is_opened_in_its_place_alone() {
        let home = tempfile::tempdir().unwrap();
        let one = seal(home.path(), &[]);
        let sealed = one.seal("a/B", "hunter22").unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"hunter22"));
        assert_ne!(
            sealed,
            one.seal("a/B", "hunter22").unwrap(),
            "a nonce is never the same"
        );
        // Another process of this machine reads the same key.
        let two = seal(home.path(), &[]);
        assert_eq!(
            two.open("a/B", &sealed).unwrap().expose_secret(),
            "hunter22"
        );
        assert!(two.open("a/C", &sealed).is_err(), "moved to another place");
        for at in [0, 3, 12, 40, sealed.len() - 1] {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(one.open("a/B", &bent).is_err(), "byte {at}");
        }
        assert!(one.open("a/B", &[]).is_err() && one.open("a/B", &sealed[..20]).is_err());
    }

    #[test]
    fn the_key_is_made_once_and_kept_from_others() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("secret.key");
        // Opening makes none: it would not fit.
        let empty = seal(home.path(), &[]).open("a", &[1; 80]).unwrap_err();
        assert!(
            empty.to_string().contains("CODEGRAPH_SECRET_KEY"),
            "{empty}"
        );
        assert!(!file.exists());
        let sealed: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let work = |_| scope.spawn(|| seal(home.path(), &[]).seal("a", "x").unwrap());
            let all: Vec<_> = (0..8).map(work).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        for one in &sealed {
            seal(home.path(), &[]).open("a", one).unwrap();
        }
        let other = seal(home.path(), &[("CODEGRAPH_SECRET_KEY", &"ab".repeat(32))]);
        let refused = other.open("a", &sealed[0]).unwrap_err().to_string();
        assert!(refused.contains("another key"), "{refused}");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        fs::set_permissions(&file, mode).unwrap();
        let refused = seal(home.path(), &[])
            .seal("a", "x")
            .unwrap_err()
            .to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
    }
}

//! Passwords: argon2id, off the async threads, only so many at once.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Shortest and longest password, in characters.
pub const LENGTH: std::ops::RangeInclusive<usize> = 12..=256;

/// Each takes 19 MiB and one processor for a moment; more at once would starve the rest of the process.
const AT_ONCE: usize = 2;
/// More than this waiting is an attack or a crowd; both are told to come back.
const WAITING: usize = 64;

/// Hashes and verifies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    line: Arc<Semaphore>,
    nobodys: Arc<str>,
}

impl Passwords {
    /// Prepares what is compared when there is nobody to compare with.
    pub fn new() -> Result<Self> {
        let nobodys = hash_now(&super::secret::new("")?)?;
        Ok(Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            line: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            nobodys: nobodys.into(),
        })
    }

    /// The hash to keep.
    pub async fn hash(&self, password: &SecretString) -> Result<String> {
        let password = password.clone();
        self.apart(move || hash_now(password.expose_secret()))
            .await?
    }

    /// Whether this is the password. Without a hash it takes just as long and is not.
    pub async fn verify(&self, password: &SecretString, hash: Option<String>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys.as_ref().to_owned());
        let password = password.clone();
        let fits = self.apart(move || verify_now(password.expose_secret(), &hash));
        Ok(fits.await?? && known)
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let crowded = |_| Error::TooMany { after_s: 2 };
        let _line = self.line.try_acquire().map_err(crowded)?;
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|closed| Error::Internal(closed.to_string()))?;
        // A caller that goes away must not make room for another while this still computes.
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        task.await
            .map_err(|cause| Error::Internal(cause.to_string()))
    }
}

/// Why a new password is not good enough.
#[must_use]
pub fn weakness(password: &SecretString, email: &str) -> Option<&'static str> {
    let password = password.expose_secret();
    if !LENGTH.contains(&password.chars().count()) {
        return Some("a password has 12 to 256 characters");
    }
    let mut characters: Vec<char> = password.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < 5 {
        return Some("this password repeats itself; a few unrelated words are better");
    }
    let own = email.split('@').next().unwrap_or_default().to_lowercase();
    let lower = password.to_lowercase();
    let rest = lower.replace(&email.to_lowercase(), "");
    let rest = if own.len() < 3 {
        rest
    } else {
        rest.replace(&own, "")
    };
    (rest.chars().count() < 8).then_some("this password is little more than the address")
}

fn hash_now(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    let hash = hash.map_err(|cause| Error::Internal(format!("a password: {cause}")))?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash)
        .map_err(|cause| Error::Internal(format!("a stored hash of a password: {cause}")))?;
    Ok(Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_fits_and_nobodys_never() {
        let passwords = Passwords::new().unwrap();
        let right = SecretString::from("correct horse battery");
        let hash = passwords.hash(&right).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let fits = async |word: &str, hash: Option<&String>| {
            let word = SecretString::from(word);
            passwords.verify(&word, hash.cloned()).await.unwrap()
        };
        assert!(fits("correct horse battery", Some(&hash)).await);
        assert!(!fits("correct horse batterz", Some(&hash)).await);
        assert!(!fits("correct horse battery", None).await);
        assert!(passwords.verify(&right, Some("x".into())).await.is_err());
    }

    #[test]
    fn a_weak_password_is_told_why() {
        for (password, weak) in [
            ("correct horse battery", false),
            ("short", true),
            ("aaaaaaaaaaaaaaaa", true),
            ("abababababab", true),
            ("ada.lovelace@x.org1", true),
            ("ada.lovelace1234", true),
            ("ÄÖÜ ein Satz mit Umlauten", false),
        ] {
            let password = SecretString::from(password);
            let found = weakness(&password, "ada.lovelace@x.org");
            assert_eq!(found.is_some(), weak, "{found:?}");
        }
    }
}

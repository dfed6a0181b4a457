//! The keys that sign access tokens. They stand in the database, so every node takes what another has signed; each
//! node keeps them in memory and looks again when it meets one it does not know.

use std::{
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use sha2::{Digest as _, Sha256};
use sqlx::PgPool;

use super::access::ACCESS_LIFE;
use crate::{
    error::{Error, Result},
    models::signing_key,
    services::secret,
};

/// A key signs for so long.
const SIGNS: Duration = Duration::from_secs(30 * 24 * 3600);
/// A node looks for new keys so often; until it has, an old one still signs.
const LOOK: Duration = Duration::from_secs(300);
/// And so often at most for keys it does not know: names of keys come from strangers.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A key and its name.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) kid: String,
    pub(super) secret: Arc<[u8]>,
    /// When it was read, and how old it was then.
    read: Instant,
    age: Duration,
}

impl Key {
    fn signs(&self) -> bool {
        self.age + self.read.elapsed() < SIGNS
    }
}

/// The keys of this installation.
pub struct Keys {
    db: PgPool,
    known: RwLock<Known>,
}

#[derive(Default, Clone)]
struct Known {
    /// Newest first.
    keys: Vec<Key>,
    read: Option<Instant>,
}

impl Known {
    fn older_than(&self, age: Duration) -> bool {
        self.read.is_none_or(|read| read.elapsed() >= age)
    }
}

impl Keys {
    /// None is read before it is needed.
    #[must_use]
    pub fn new(db: PgPool) -> Self {
        Self {
            db,
            known: RwLock::default(),
        }
    }

    /// The key to sign with. Makes one when there is none or the newest has signed for long enough.
    pub(super) async fn signing(&self) -> Result<Key> {
        let mut known = self.known();
        if known.older_than(LOOK) {
            known = self.read().await?;
        }
        match known.keys.into_iter().next().filter(Key::signs) {
            Some(key) => Ok(key),
            None => self.replace(false).await,
        }
    }

    /// The key of this name.
    pub(super) async fn verifying(&self, kid: &str) -> Result<Option<Key>> {
        let find = |known: Known| known.keys.into_iter().find(|key| key.kid == kid);
        let known = self.known();
        let stale = known.older_than(LOOK);
        let may_look = known.older_than(LOOK_AGAIN);
        match find(known) {
            Some(key) if !stale => Ok(Some(key)),
            _ if may_look => Ok(find(self.read().await?)),
            found => Ok(found),
        }
    }

    /// Makes a new key. Those before it verify until all they have signed has expired.
    pub async fn rotate(&self) -> Result<()> {
        self.replace(true).await.map(drop)
    }

    /// What proves that somebody reads the log of this installation: the same on all nodes and after a restart, as long
    /// as nobody has signed in.
    pub async fn setup_code(&self) -> Result<String> {
        let key = self.signing().await?;
        let digest = Sha256::new()
            .chain_update("codegraph setup code")
            .chain_update(&key.secret)
            .chain_update("codegraph setup code")
            .finalize();
        Ok(readable(&digest[..10]))
    }

    fn known(&self) -> Known {
        let known = self.known.read();
        known.map_or_else(|broken| broken.into_inner().clone(), |known| known.clone())
    }

    async fn read(&self) -> Result<Known> {
        let rows = signing_key::all(&self.db).await?;
        let read = Instant::now();
        let keys = rows.into_iter().map(|row| Key {
            kid: row.kid,
            secret: row.secret.into(),
            read,
            age: Duration::try_from_secs_f64(row.age_s).unwrap_or_default(),
        });
        let known = Known {
            keys: keys.collect(),
            read: Some(read),
        };
        match self.known.write() {
            Ok(mut place) => *place = known.clone(),
            Err(broken) => *broken.into_inner() = known.clone(),
        }
        Ok(known)
    }

    async fn replace(&self, anyway: bool) -> Result<Key> {
        let mut tx = self.db.begin().await?;
        signing_key::take_turn(&mut tx).await?;
        let newest = signing_key::all(&mut *tx).await?.into_iter().next();
        // Another node may have been quicker.
        let wanted = anyway || newest.is_none_or(|key| key.age_s >= SIGNS.as_secs_f64());
        if wanted {
            let kid = secret::new("")?;
            signing_key::insert(&mut tx, &kid[..16], &secret::bytes()?).await?;
            // Whatever the old ones signed is over, however late a node noticed that there is a new one.
            let over = ACCESS_LIFE + LOOK * 2;
            signing_key::prune(&mut tx, over.as_secs_f64()).await?;
        }
        tx.commit().await?;
        let known = self.read().await?;
        let newest = known.keys.into_iter().next();
        newest.ok_or_else(|| Error::Internal("there is no signing key".to_owned()))
    }
}

/// Crockford's base 32, in groups of four: nothing in it is mistaken for something else.
fn readable(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bit = |at: usize| (bytes[at / 8] >> (7 - at % 8)) & 1;
    let mut text = String::new();
    for digit in 0..bytes.len() * 8 / 5 {
        if digit > 0 && digit % 4 == 0 {
            text.push('-');
        }
        let value = (0..5).fold(0, |value, at| value << 1 | bit(digit * 5 + at));
        text.push(char::from(DIGITS[usize::from(value)]));
    }
    text
}

/// What somebody typed, as it would have been written.
#[must_use]
pub(in crate::services) fn as_written(code: &str) -> String {
    let meant = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let digits: Vec<char> = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(meant)
        .collect();
    let groups = digits.chunks(4).map(String::from_iter);
    groups.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let code = readable(&[0xff, 0x00, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0]);
        assert_eq!(code, "ZW01-4D2P-F2DB-SQQG");
        assert_eq!(as_written("zw oi 4d2pf2db-sqqg"), code);
        assert_ne!(as_written("ZW01-4D2P-F2DB-SQQ"), code);
    }
}

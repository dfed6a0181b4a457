//! Secrets that are handed out once: long random texts of which only the hash is kept.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64},
};
use rand::{TryRngCore as _, rngs::OsRng};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// 32 random bytes from the system.
pub fn bytes() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|cause| Error::Internal(format!("the system gives no random bytes: {cause}")))?;
    Ok(bytes)
}

/// A new secret that begins with this.
pub fn new(prefix: &str) -> Result<String> {
    Ok(format!("{prefix}{}", BASE64.encode(bytes()?)))
}

/// Bytes as other programs read them most often.
#[must_use]
pub fn standard(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Bytes that were written like that.
#[must_use]
pub fn of_standard(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}

/// What is kept of it. It has 256 random bits, so a fast hash is enough.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// A short name of a secret, from which it cannot be found.
#[must_use]
pub fn fingerprint(secret: &str) -> String {
    BASE64.encode(&hash(secret)[..16])
}

/// Whether two texts are the same, in a time that does not tell where they differ.
#[must_use]
pub fn same(left: &str, right: &str) -> bool {
    let differs = |(left, right): (u8, u8)| left ^ right;
    let pairs = hash(left).into_iter().zip(hash(right));
    pairs.map(differs).fold(0, std::ops::BitOr::bitor) == 0
}

#[cfg(test)]
mod tests {
    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (one, two) = (super::new("cg_").unwrap(), super::new("cg_").unwrap());
        assert_eq!(one.len(), 3 + 43);
        assert!(one.starts_with("cg_") && one != two);
        assert!(super::same(&one, &one.clone()) && !super::same(&one, &two));
        assert_ne!(super::fingerprint(&one), super::fingerprint(&two));
    }
}

//! Masks secrets in text: those we were told, and those we know by their shape.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};

use super::shapes;

/// What stands where a secret stood.
pub(super) const MASK: &str = "[redacted]";

/// Shorter values are ordinary words often enough that masking them would blot out the log; a
/// short password is still masked where it stands in an address or after `password=`.
const SHORTEST: usize = 8;

/// Masks secrets. Clones share what they know.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Arc<RwLock<Vec<SecretString>>>,
}

impl Redactor {
    /// Knows `secrets` besides the shapes.
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let redactor = Self::default();
        secrets
            .into_iter()
            .for_each(|secret| redactor.register(&secret));
        redactor
    }

    /// Masks this value too from now on, also as it looks inside JSON.
    pub fn register(&self, secret: &SecretString) {
        let plain = secret.expose_secret();
        if plain.len() < SHORTEST {
            return;
        }
        let quoted = serde_json::Value::from(plain).to_string();
        let inside = &quoted[1..quoted.len() - 1];
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.iter().any(|secret| secret.expose_secret() == plain) {
            return;
        }
        known.push(plain.into());
        if inside != plain {
            known.push(inside.into());
        }
        // Of two secrets, one inside the other, the longer must go first.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }

    /// The same text without secrets.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        for secret in known.iter().map(ExposeSecret::expose_secret) {
            if text.contains(secret) {
                text = Cow::Owned(text.replace(secret, MASK));
            }
        }
        match shapes::mask(&text) {
            Some(masked) => Cow::Owned(masked),
            None => text,
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

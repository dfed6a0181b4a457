//! Servers that host repositories, and what keeps their keys.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{HttpUrl, text::Text};

/// Servers that host repositories, and what keeps their keys.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ForgeConfig {
    /// `CODEGRAPH_GITHUB_API_URL`: the API of GitHub, or of a GitHub of one's own
    /// (`https://github.example.org/api/v3`); default the public one.
    #[serde(default)]
    pub github_api_url: Option<HttpUrl>,
    /// `CODEGRAPH_GITHUB_TOKEN`, else `GITHUB_TOKEN`: used for repositories that have no secret of this
    /// name: branches are pushed and pull requests opened in its name.
    #[serde(default)]
    pub github_token: Option<SecretString>,
    /// `CODEGRAPH_SECRET_KEY`: 32 bytes as base64 or as 64 hexadecimal digits, under which secrets of
    /// repositories are kept (`openssl rand -base64 32`). Several nodes need the same one. Default: a
    /// key in the home folder, made when it is needed first.
    #[serde(default)]
    pub secret_key: Option<SecretKey>,
}

impl ForgeConfig {
    /// The values that nobody may see.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let key = self.secret_key.as_ref().map(|key| key.text.clone());
        self.github_token.iter().cloned().chain(key).collect()
    }
}

/// A key of 32 bytes.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Text")]
pub struct SecretKey {
    text: SecretString,
    bytes: [u8; 32],
}

impl SecretKey {
    /// The bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Reads one that was written as base64 or as hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = BASE64_STANDARD.decode(text).ok().or_else(|| unhex(text));
        // 64 hexadecimal digits are base64 as well, of 48 bytes.
        let bytes = bytes.filter(|bytes| bytes.len() == 32);
        let bytes = bytes.or_else(|| unhex(text))?;
        Some(Self {
            text: text.into(),
            bytes: bytes.try_into().ok()?,
        })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let pairs = digits?;
    let pairs = pairs.chunks_exact(2);
    Some(pairs.map(|pair| pair[0] * 16 + pair[1]).collect())
}

impl TryFrom<Text> for SecretKey {
    type Error = &'static str;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(
            "is not 32 bytes as base64 or as 64 hexadecimal digits (`openssl rand -base64 32` makes one)",
        )
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        self.text.expose_secret() == other.text.expose_secret()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

#[cfg(test)]
mod tests {
    use super::SecretKey;

    #[test]
    fn a_key_is_32_bytes_however_it_is_written() {
        let hex = "00".repeat(31) + "ff";
        let base64 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8=";
        let [one, two] = [hex.as_str(), base64].map(|text| SecretKey::parse(text).unwrap());
        assert_eq!(one.bytes(), two.bytes());
        for wrong in ["", "password", "AAAA", &"0".repeat(63), &"zz".repeat(32)] {
            assert!(SecretKey::parse(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{one:?}"), "SecretKey");
    }
}

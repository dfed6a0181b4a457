//! Redis (or Valkey): optional. Without it every node keeps its own cache and limits.

use std::fmt;
use std::str::FromStr;

use redis::{ConnectionAddr, ConnectionInfo};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::database::password_of;
use super::text::Text;

/// What several nodes share besides the database.
#[derive(Debug, Clone, Deserialize)]
pub struct RedisConfig {
    /// `CODEGRAPH_REDIS_URL`, else `REDIS_URL`: cache and rate limits are shared through
    /// it. Not set: in-process.
    #[serde(default, rename = "redis_url")]
    pub url: Option<RedisUrl>,
}

/// The address of a Redis server, known to be one the client can use.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Text")]
pub struct RedisUrl {
    url: SecretString,
    info: ConnectionInfo,
}

impl RedisUrl {
    /// The same, as the client wants it.
    pub fn info(&self) -> ConnectionInfo {
        self.info.clone()
    }

    /// The password in it.
    pub fn password(&self) -> Option<SecretString> {
        password_of(self.url.expose_secret()).map(SecretString::from)
    }
}

impl FromStr for RedisUrl {
    type Err = &'static str;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let info = url
            .parse()
            .map_err(|_| "is not an address of the form redis://:password@host:6379/0")?;
        Ok(Self {
            url: url.into(),
            info,
        })
    }
}

impl TryFrom<Text> for RedisUrl {
    type Error = &'static str;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Host and port, or the socket.
impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.info.addr() {
            ConnectionAddr::Unix(path) => write!(f, "{}", path.display()),
            other => write!(f, "{other}"),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

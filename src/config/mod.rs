//! What a person may set, read once at start into types that cannot be wrong.
//!
//! A setting has one name everywhere. As a variable it wears the prefix `CODEGRAPH_` and capitals
//! (`CODEGRAPH_DATABASE_CONNECTIONS`); in `codegraph.toml` it is plain (`database_connections`).
//! The environment wins over the file, an empty variable counts as not set. The file stands in the
//! working directory or where `CODEGRAPH_CONFIG` points. A few variables other programs use too
//! (`DATABASE_URL`, `ANTHROPIC_API_KEY` …) are understood without the prefix; with it, they win.
//!
//! One struct per concern, one field per setting; its doc names the variable. This room imports no
//! other, opens no connection and reads nothing but the environment and the one file.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

pub use self::accounts::{AccountsConfig, Registration};
pub use self::database::{DatabaseConfig, DatabaseUrl};
pub use self::error::Error;
pub use self::forge::{ForgeConfig, SecretKey};
pub use self::limits::LimitsConfig;
pub use self::log::{LogConfig, LogFilter, LogFormat};
pub use self::models::{HttpUrl, ModelId, ModelsConfig};
pub use self::objects::{ObjectPlace, ObjectsConfig};
pub use self::redis::{RedisConfig, RedisUrl};
pub use self::repositories::{GitHosts, RepositoriesConfig};
pub use self::sandbox::{Egress, SandboxConfig, Wall};
pub use self::server::{Origins, ServerConfig};
pub use self::webhooks::WebhooksConfig;
pub use self::worker::{Concurrency, Lanes, WorkerConfig};

mod accounts;
mod database;
mod error;
mod fields;
mod forge;
mod home;
mod limits;
mod log;
mod models;
mod objects;
mod redis;
mod repositories;
mod sandbox;
mod server;
mod source;
mod text;
mod webhooks;
mod worker;

use self::home::Home;
use self::source::Source;

/// Everything the program was told, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the embedded Postgres, its bundle and the mirrors live; absolute.
    pub home: PathBuf,
    /// Where the rows live.
    pub database: DatabaseConfig,
    /// What several nodes share besides the database.
    pub redis: RedisConfig,
    /// What this process works on, and how much at once.
    pub worker: WorkerConfig,
    /// Where the API listens.
    pub server: ServerConfig,
    /// How much of the server one caller may use.
    pub limits: LimitsConfig,
    /// Who may come in, and under which address people find us.
    pub accounts: AccountsConfig,
    /// Where repositories may come from.
    pub repositories: RepositoriesConfig,
    /// Where large contents are kept.
    pub objects: ObjectsConfig,
    /// Servers that host repositories, and what keeps their keys.
    pub forge: ForgeConfig,
    /// Whom webhooks may reach.
    pub webhooks: WebhooksConfig,
    /// What keeps the commands of agents in.
    pub sandbox: SandboxConfig,
    /// Keys and addresses of model vendors.
    pub models: ModelsConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// The configuration file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// `CODEGRAPH_…` variables that are set and mean nothing here: most likely misspelt.
    pub ignored: Vec<String>,
}

impl Config {
    /// Reads the environment of this process and the configuration file of its working directory.
    pub fn load() -> Result<Self, Error> {
        let directory = std::env::current_dir().map_err(|cause| Error::Directory { cause })?;
        Self::read(source::process_environment()?, &directory)
    }

    /// Reads these variables, and the file they or `directory` lead to.
    pub fn read(
        environment: impl IntoIterator<Item = (String, String)>,
        directory: &Path,
    ) -> Result<Self, Error> {
        let source = Source::new(environment, directory, &settings())?;
        Ok(Self {
            home: source.section::<Home>()?.path(directory),
            database: source.section()?,
            redis: source.section()?,
            worker: source.section()?,
            server: source.section()?,
            limits: source.section()?,
            accounts: source.section()?,
            repositories: source.section()?,
            objects: source.section()?,
            forge: source.section()?,
            webhooks: source.section()?,
            sandbox: source.section()?,
            models: source.section()?,
            log: source.section()?,
            file: source.file,
            ignored: source.ignored,
        })
    }

    /// Every secret value in here, for the log to mask.
    pub fn secrets(&self) -> Vec<SecretString> {
        let mut secrets = self.models.secrets();
        secrets.extend(self.database.url.as_ref().and_then(DatabaseUrl::password));
        secrets.extend(self.server.metrics_token.clone());
        secrets.extend(self.forge.secrets());
        secrets.extend(self.objects.secrets());
        secrets.extend(self.redis.url.as_ref().and_then(RedisUrl::password));
        secrets
    }
}

/// The names of all settings as they stand in `codegraph.toml`, read off the structs themselves.
fn settings() -> Vec<&'static str> {
    [
        fields::of::<Home>(),
        fields::of::<DatabaseConfig>(),
        fields::of::<RedisConfig>(),
        fields::of::<WorkerConfig>(),
        fields::of::<ServerConfig>(),
        fields::of::<LimitsConfig>(),
        fields::of::<AccountsConfig>(),
        fields::of::<RepositoriesConfig>(),
        fields::of::<ObjectsConfig>(),
        fields::of::<ForgeConfig>(),
        fields::of::<WebhooksConfig>(),
        fields::of::<SandboxConfig>(),
        fields::of::<ModelsConfig>(),
        fields::of::<LogConfig>(),
    ]
    .concat()
}

/// Every environment variable that is understood; `.env.sample` explains exactly these.
pub fn variables() -> Vec<String> {
    let own = settings().into_iter().map(source::variable);
    let shared = source::SHARED.iter().map(|(name, _)| (*name).to_owned());
    std::iter::once(source::FILE_VARIABLE.to_owned())
        .chain(own)
        .chain(shared)
        .collect()
}

#[cfg(test)]
mod tests;

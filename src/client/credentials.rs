//! Logins, kept in a file that only its owner can read. Commands that run side by side take turns with a lock, and
//! the file is always whole: a new one takes its place.

use std::{
    collections::BTreeMap,
    env,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::failure::Failure;

/// An access token that is over so soon is not worth showing.
const SOON: TimeDelta = TimeDelta::seconds(60);

/// How one comes in at a server.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Login {
    /// Whose it is.
    pub(super) email: String,
    /// An access token, or a token of a program.
    #[serde(serialize_with = "exposed")]
    pub(super) access_token: SecretString,
    /// When the access token is over; the token of a program says so itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<DateTime<Utc>>,
    /// Good for one use.
    #[serde(
        default,
        serialize_with = "perhaps_exposed",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) refresh_token: Option<SecretString>,
}

impl Login {
    /// Whether its access token can still be shown.
    pub(super) fn is_fresh(&self) -> bool {
        self.expires_at.is_none_or(|end| end - Utc::now() > SOON)
    }

    /// Whether nobody has renewed it. Access tokens of the same second are the same: the refresh token tells.
    pub(super) fn same(&self, other: &Self) -> bool {
        let tokens = |login: &Self| {
            let refresh = login
                .refresh_token
                .as_ref()
                .map(ExposeSecret::expose_secret);
            let refresh = refresh.map(str::to_owned);
            (login.access_token.expose_secret().to_owned(), refresh)
        };
        tokens(self) == tokens(other)
    }
}

fn exposed<S: Serializer>(secret: &SecretString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose_secret())
}

fn perhaps_exposed<S: Serializer>(secret: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
    let secret = secret.as_ref().map(ExposeSecret::expose_secret);
    secret.serialize(to)
}

/// What the file says.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    /// The server of the last login: where commands go that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    /// Logins by server.
    #[serde(default)]
    logins: BTreeMap<String, Login>,
}

/// The file.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    folder: PathBuf,
}

/// As long as this is there, no other command changes the file.
pub(super) struct Turn(
    #[expect(dead_code, reason = "the lock ends with the file being closed")] File,
);

impl Credentials {
    /// Those of whoever runs this.
    pub(super) fn here() -> Result<Self, Failure> {
        let path = |name| env::var_os(name).map(PathBuf::from);
        let absolute = |name| path(name).filter(|path| path.is_absolute());
        let usual = if cfg!(target_os = "macos") {
            "Library/Application Support"
        } else {
            ".config"
        };
        let base = absolute("XDG_CONFIG_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(usual)))
            .ok_or_else(|| {
                Failure::Here("neither XDG_CONFIG_HOME nor HOME says where logins are kept".into())
            })?;
        Ok(Self {
            folder: base.join("codegraph"),
        })
    }

    fn file(&self) -> PathBuf {
        self.folder.join("credentials.json")
    }

    /// The server of the last login.
    pub(super) fn server(&self) -> Result<Option<String>, Failure> {
        Ok(self.read()?.server)
    }

    /// The login at a server.
    pub(super) fn login(&self, server: &str) -> Result<Option<Login>, Failure> {
        Ok(self.read()?.logins.remove(server))
    }

    /// Waits for one's turn to change the file.
    pub(super) async fn turn(&self) -> Result<Turn, Failure> {
        let (folder, path) = (self.folder.clone(), self.folder.join("credentials.lock"));
        let wait = move || {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(&folder)?;
            let lock = private().create(true).truncate(false).open(path)?;
            lock.lock()?;
            Ok::<_, std::io::Error>(lock)
        };
        let lock = tokio::task::spawn_blocking(wait).await;
        let lock = lock.map_err(|error| Failure::Here(error.to_string()))?;
        Ok(Turn(lock.map_err(|error| self.wrong(&error))?))
    }

    /// Keeps a login and makes its server the one that commands go to.
    pub(super) fn enter(&self, _: &Turn, server: &str, login: Login) -> Result<(), Failure> {
        let mut kept = self.read()?;
        kept.server = Some(server.to_owned());
        kept.logins.insert(server.to_owned(), login);
        self.write(&kept)
    }

    /// Keeps what became of a login.
    pub(super) fn replace(&self, _: &Turn, server: &str, login: Login) -> Result<(), Failure> {
        let mut kept = self.read()?;
        kept.logins.insert(server.to_owned(), login);
        self.write(&kept)
    }

    /// Forgets a login.
    pub(super) fn forget(&self, _: &Turn, server: &str) -> Result<(), Failure> {
        let mut kept = self.read()?;
        kept.logins.remove(server);
        self.write(&kept)
    }

    fn read(&self) -> Result<Kept, Failure> {
        let text = match fs::read_to_string(self.file()) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Kept::default()),
            Err(error) => return Err(self.wrong(&error)),
        };
        // serde's own words may repeat a secret.
        let place = |error: serde_json::Error| format!("line {} makes no sense", error.line());
        serde_json::from_str(&text).map_err(|error| self.wrong(&place(error)))
    }

    fn write(&self, kept: &Kept) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(kept).map_err(|error| self.wrong(&error))?;
        let next = self
            .folder
            .join(format!("credentials.{}", std::process::id()));
        let written = write_whole(&next, &text).and_then(|()| fs::rename(&next, self.file()));
        if written.is_err() {
            drop(fs::remove_file(&next));
        }
        written.map_err(|error| self.wrong(&error))
    }

    fn wrong(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::Here(format!("{}: {error}", self.file().display()))
    }
}

/// Whoever makes the file is the only one who can read it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    // One that a killed command with the same number left is not trusted to be private.
    drop(fs::remove_file(path));
    let mut file = private().create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

//! Where settings come from: the environment over the file, joined by figment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::de::DeserializeOwned;

use super::error::Error;

/// Names the file; cannot itself stand in it.
pub(super) const FILE_VARIABLE: &str = "CODEGRAPH_CONFIG";

const PREFIX: &str = "CODEGRAPH_";
const FILE_NAME: &str = "codegraph.toml";

/// Variables other programs use too, and the settings they stand for.
pub(super) const SHARED: &[(&str, &str)] = &[
    ("DATABASE_URL", "database_url"),
    ("REDIS_URL", "redis_url"),
    ("ANTHROPIC_API_KEY", "anthropic_api_key"),
    ("ANTHROPIC_BASE_URL", "anthropic_base_url"),
    ("OPENAI_API_KEY", "openai_api_key"),
    ("OPENAI_BASE_URL", "openai_base_url"),
    ("GITHUB_TOKEN", "github_token"),
];

/// Variables with our prefix that are none of a server: of commands that speak to one (`client`), and those that the
/// tests and the bench read themselves.
const NOT_SETTINGS: &[&str] = &[
    "CODEGRAPH_URL",
    "CODEGRAPH_TOKEN",
    "CODEGRAPH_FAULTS",
    "CODEGRAPH_TEST_",
    "CODEGRAPH_BENCH_",
];

/// The variable of a setting.
pub(super) fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_uppercase())
}

/// All variables of this process. Foreign ones may hold any bytes; ours must be text.
pub(super) fn process_environment() -> Result<Vec<(String, String)>, Error> {
    let mut variables = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else {
            continue;
        };
        match value.into_string() {
            Ok(value) => variables.push((name, value)),
            Err(_) if name.starts_with(PREFIX) || SHARED.iter().any(|(s, _)| *s == name) => {
                return Err(Error::Value {
                    name,
                    reason: "is not valid UTF-8".into(),
                });
            }
            Err(_) => {}
        }
    }
    Ok(variables)
}

/// The joined settings, ready to be taken section by section.
pub(super) struct Source {
    figment: Figment,
    names: BTreeMap<String, String>,
    pub(super) file: Option<PathBuf>,
    pub(super) ignored: Vec<String>,
}

impl Source {
    pub(super) fn new(
        environment: impl IntoIterator<Item = (String, String)>,
        directory: &Path,
        settings: &[&str],
    ) -> Result<Self, Error> {
        let environment: BTreeMap<String, String> = environment
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let file = find_file(&environment, directory)?;
        let mut figment = Figment::new();
        if let Some(file) = &file {
            check_keys(file, settings)?;
            figment = figment.merge(Toml::file_exact(file));
        }
        let (variables, ignored) = Variables::choose(&environment, settings);
        let names = variables
            .0
            .iter()
            .map(|(s, (name, _))| (s.clone(), name.clone()))
            .collect();
        Ok(Self {
            figment: figment.merge(variables),
            names,
            file,
            ignored,
        })
    }

    /// Takes the settings of one concern.
    pub(super) fn section<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.figment.extract().map_err(|error| {
            let key = error.path.last().cloned().unwrap_or_default();
            let name = match (self.names.get(&key), &self.file) {
                (Some(variable), _) => variable.clone(),
                (None, Some(file)) => format!("`{key}` in {}", file.display()),
                (None, None) => variable(&key),
            };
            Error::Value {
                name,
                reason: reason(&error.kind),
            }
        })
    }
}

/// figment's own texts repeat the value; a mistyped secret must not end up in a log.
fn reason(kind: &figment::error::Kind) -> String {
    use figment::error::Kind;
    match kind {
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            format!("expected {expected}")
        }
        other => other.to_string(),
    }
}

/// What the environment sets: the setting, the variable it came from, the value.
struct Variables(BTreeMap<String, (String, String)>);

impl Variables {
    fn choose(environment: &BTreeMap<String, String>, settings: &[&str]) -> (Self, Vec<String>) {
        let mut chosen = BTreeMap::new();
        for (name, setting) in SHARED {
            if let Some(value) = environment.get(*name) {
                chosen.insert((*setting).to_owned(), ((*name).to_owned(), value.clone()));
            }
        }
        let mut ignored = Vec::new();
        for (name, value) in environment {
            let Some(setting) = name.strip_prefix(PREFIX).map(str::to_lowercase) else {
                continue;
            };
            if settings.contains(&setting.as_str()) {
                chosen.insert(setting, (name.clone(), value.clone()));
            } else if name != FILE_VARIABLE && !NOT_SETTINGS.iter().any(|n| name.starts_with(n)) {
                ignored.push(name.clone());
            }
        }
        (Self(chosen), ignored)
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment")
    }

    // Values stay text. figment's own `Env` would read a key of digits as a number and a password
    // that begins with a bracket as a list.
    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let dict: Dict = self
            .0
            .iter()
            .map(|(s, (_, value))| (s.clone(), Value::from(value.clone())))
            .collect();
        Ok(Profile::Default.collect(dict))
    }
}

fn find_file(
    environment: &BTreeMap<String, String>,
    directory: &Path,
) -> Result<Option<PathBuf>, Error> {
    let Some(named) = environment.get(FILE_VARIABLE) else {
        let usual = directory.join(FILE_NAME);
        return Ok(usual.is_file().then_some(usual));
    };
    let file = directory.join(named);
    if file.is_file() {
        return Ok(Some(file));
    }
    Err(Error::File {
        file,
        reason: format!("{FILE_VARIABLE} names it, but there is no such file"),
    })
}

fn check_keys(file: &Path, settings: &[&str]) -> Result<(), Error> {
    let found = Toml::file_exact(file).data().map_err(|error| Error::File {
        file: file.to_owned(),
        reason: without_source_lines(&error.kind.to_string()),
    })?;
    for key in found.values().flat_map(BTreeMap::keys) {
        if !settings.contains(&key.as_str()) {
            let hint = hint(key, settings);
            return Err(Error::UnknownKey {
                file: file.to_owned(),
                key: key.clone(),
                hint,
            });
        }
    }
    Ok(())
}

/// The TOML reader quotes the line it stumbled over. That line may well be an unquoted API key.
fn without_source_lines(text: &str) -> String {
    let quoted = |line: &&str| {
        let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        !line.starts_with('|')
    };
    text.lines().filter(quoted).collect::<Vec<_>>().join(": ")
}

fn hint(key: &str, settings: &[&str]) -> String {
    let plain = key.to_lowercase().replace('-', "_");
    let plain = plain.strip_prefix("codegraph_").unwrap_or(&plain);
    let near = settings
        .iter()
        .find(|s| **s == plain || s.ends_with(plain) || s.starts_with(plain));
    near.map_or_else(
        || "; .env.sample lists them (in lower case and without CODEGRAPH_ here)".to_owned(),
        |setting| format!("; did you mean `{setting}`?"),
    )
}

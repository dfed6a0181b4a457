//! The profile of a repository: what its people want said and run in every task, and what is found in it.

use std::{collections::BTreeMap, path::Path};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use workflows::definitions::coding::{Commands, Options, RoleLimits};

use super::{
    access::Caller,
    audit,
    registries::{self, Named},
    repositories::{Repositories, of_git, own},
};
pub use crate::providers::git::Match;
use crate::{
    error::{Error, Result},
    evidence,
    models::repository::{self, RepositoryRow},
    providers::{
        gate::Host,
        git::{self, Listed, Mirror},
    },
};

/// Bytes of a repository that is laid out to look for its tests; runs look at any.
const LAID_OUT: u64 = 200 << 20;
/// Languages that are told.
const LANGUAGES: usize = 8;

/// What a repository's people want said and run in every task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// What holds here: conventions, what to leave alone.
    pub instructions: Option<String>,
    /// What must run before tests, as a shell reads it.
    pub setup_command: Option<String>,
    /// What runs the tests, as a shell reads it; found out when nothing is said.
    pub test_command: Option<String>,
    /// Hosts that commands may reach in tasks that have the network.
    pub network_hosts: Vec<String>,
    /// Minutes of work that a run may take.
    pub minutes: Option<u32>,
    /// What one conversation of a role may use.
    pub limits: BTreeMap<String, RoleLimits>,
}

/// Hosts of one profile at most.
const HOSTS: usize = 50;

/// What is found in a repository.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// The commit that was looked at.
    pub commit: String,
    /// Files and bytes by language, the most bytes first.
    pub languages: Vec<Language>,
    /// The commands that its tests are run with; nothing when it is too large to be looked at here.
    pub suites: Option<Vec<Suite>>,
    /// Files in which it tells agents how one works in it.
    pub guidance: Vec<String>,
    /// Package registries that it names.
    pub registries: Vec<Named>,
}

/// How much of a repository is written in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// What it is called.
    pub name: &'static str,
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Tests that are run with one command.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Whose output it is.
    pub framework: &'static str,
    /// Where it is run; empty for the top folder.
    pub folder: String,
    /// The command.
    pub command: String,
    /// Which file says so.
    pub because: String,
}

impl Profile {
    /// As it is stored.
    #[must_use]
    pub fn of(stored: &Value) -> Self {
        let text = |key: &str| stored[key].as_str().map(str::to_owned);
        Self {
            instructions: text("instructions"),
            setup_command: text("setup_command"),
            test_command: text("test_command"),
            network_hosts: serde_json::from_value(stored["network_hosts"].clone())
                .unwrap_or_default(),
            minutes: stored["minutes"].as_u64().and_then(|n| n.try_into().ok()),
            limits: serde_json::from_value(stored["limits"].clone()).unwrap_or_default(),
        }
    }

    /// What is to be stored; `null` takes something back.
    fn stored(&self) -> Value {
        let all = [
            ("instructions", &self.instructions),
            ("setup_command", &self.setup_command),
            ("test_command", &self.test_command),
        ];
        let said = |text: &Option<String>| {
            let text = text
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty());
            json!(text)
        };
        let mut stored: Map<String, Value> = all
            .into_iter()
            .map(|(key, text)| (key.to_owned(), said(text)))
            .collect();
        let some = |there: bool, value: Value| if there { value } else { Value::Null };
        let (hosts, limits) = (&self.network_hosts, &self.limits);
        stored.insert(
            "network_hosts".into(),
            some(!hosts.is_empty(), json!(hosts)),
        );
        stored.insert("minutes".into(), json!(self.minutes));
        stored.insert("limits".into(), some(!limits.is_empty(), json!(limits)));
        Value::Object(stored)
    }

    fn check(&mut self) -> Result<()> {
        if self.network_hosts.len() > HOSTS {
            let message = format!("at most {HOSTS} hosts; `*.example.com` stands for all below it");
            return Err(Error::field("/network_hosts", message));
        }
        let mut wrong = Vec::new();
        for (at, host) in self.network_hosts.iter_mut().enumerate() {
            *host = host.trim().to_lowercase();
            if let Err(why) = host.parse::<Host>() {
                wrong.push((format!("/network_hosts/{at}"), why.to_owned()));
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::Fields(wrong))
        }
    }

    /// What the repository's people want run.
    pub(super) fn commands(&self) -> Commands {
        Commands {
            setup: self.setup_command.clone(),
            test: self.test_command.clone(),
        }
    }

    /// The options of a task, with what holds in the repository wherever the task says nothing.
    pub(super) fn under(&self, options: &Options) -> Options {
        options.clone().or(self.minutes, &self.limits)
    }
}

impl Repositories {
    /// A repository with its profile, and what is found in its default branch as it was fetched last.
    pub async fn profile(&self, caller: &Caller, id: Uuid) -> Result<(RepositoryRow, Discovered)> {
        let (row, mirror) = self.mirror(caller, id).await?;
        let commit = mirror.resolve(&row.default_branch).await.map_err(of_git)?;
        let found = self.discover(&mirror, commit).await?;
        Ok((row, found))
    }

    /// Puts a profile in the place of the one before, if nobody has changed the repository since `seen`; it holds for
    /// tasks that are started from then on.
    pub async fn set_profile(
        &self,
        caller: &Caller,
        id: Uuid,
        seen: Option<DateTime<Utc>>,
        mut profile: Profile,
    ) -> Result<()> {
        own(&self.db, caller, id).await?;
        profile.check()?;
        let stored = profile.stored();
        let change = repository::Change {
            profile: Some(&stored),
            ..repository::Change::default()
        };
        let mut tx = self.db.begin().await?;
        if !repository::update(&mut tx, id, seen, &change).await? {
            return Err(Error::Stale);
        }
        // What somebody wants run is worth knowing later; what they want said may be long.
        let detail = json!({"profile_changed": true, "setup_command": stored["setup_command"],
            "test_command": stored["test_command"], "network_hosts": stored["network_hosts"]});
        let subject = audit::repository(id);
        audit::note(&mut tx, caller, "repository.changed", &subject, &detail).await?;
        Ok(tx.commit().await?)
    }

    /// Lines of a repository's files that hold these words, letters of either case.
    pub async fn grep(
        &self,
        caller: &Caller,
        id: Uuid,
        at: Option<&str>,
        words: &str,
        path: &str,
        most: usize,
    ) -> Result<Vec<Match>> {
        let (row, mirror) = self.mirror(caller, id).await?;
        let at = at.unwrap_or(&row.default_branch);
        let commit = mirror.resolve(at).await.map_err(of_git)?;
        let found = mirror.grep(&commit, words, path, most).await;
        found.map_err(of_git)
    }

    async fn discover(&self, mirror: &Mirror, commit: String) -> Result<Discovered> {
        let files = mirror.listing(&commit).await.map_err(of_git)?;
        let size: u64 = files.iter().map(|file| file.size).sum();
        let suites = if size > LAID_OUT {
            None
        } else {
            Some(self.suites(mirror, &commit).await?)
        };
        let guides = ["AGENTS.md", "CLAUDE.md"].into_iter();
        let there = |name: &&str| files.iter().any(|file| file.path == *name);
        let registries = named(mirror, &commit, &files).await?;
        Ok(Discovered {
            registries,
            languages: languages(&files),
            guidance: guides.filter(there).map(str::to_owned).collect(),
            suites,
            commit,
        })
    }

    /// Lays the tree out for a moment: tests are found in files, not in git.
    async fn suites(&self, mirror: &Mirror, commit: &str) -> Result<Vec<Suite>> {
        let folder = self.desk.join(Uuid::now_v7().simple().to_string());
        let laid = mirror.checkout(commit, "look", &folder.join("tree")).await;
        let found = match laid {
            Ok(workspace) => {
                let root = workspace.path().to_owned();
                let look = move || evidence::discover(&root);
                let found = tokio::task::spawn_blocking(look).await;
                found.map_err(|error| Error::Internal(error.to_string()))
            }
            Err(error) => Err(of_git(error)),
        };
        remove(&folder).await;
        Ok(found?.into_iter().map(Suite::from).collect())
    }
}

/// The registries that files of the repository name.
async fn named(mirror: &Mirror, commit: &str, files: &[Listed]) -> Result<Vec<Named>> {
    let mut read = Vec::new();
    for name in registries::FILES {
        if files.iter().any(|file| file.path == name) {
            match mirror.file(commit, name).await {
                Ok(Some(text)) => read.push((name, text)),
                // Too large, or no text.
                Ok(None) | Err(git::Error::NotFound(_)) => {}
                Err(error) => return Err(of_git(error)),
            }
        }
    }
    Ok(registries::of(&read))
}

async fn remove(folder: &Path) {
    if let Err(error) = tokio::fs::remove_dir_all(folder).await {
        tracing::warn!(%error, folder = %folder.display(), "a tree that was looked at stays behind");
    }
}

impl From<evidence::Suite> for Suite {
    fn from(suite: evidence::Suite) -> Self {
        Self {
            framework: suite.framework.as_str(),
            folder: suite.dir,
            command: suite.command.join(" "),
            because: suite.because,
        }
    }
}

/// Files and bytes by language, by the ends of names.
pub fn languages(files: &[Listed]) -> Vec<Language> {
    let mut by: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    for file in files {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let end = name.rsplit_once('.').map_or("", |(_, end)| end);
        if let Some(language) = language(end) {
            let entry = by.entry(language).or_default();
            entry.0 += 1;
            entry.1 += file.size;
        }
    }
    let mut all: Vec<Language> = by
        .into_iter()
        .map(|(name, (files, bytes))| Language { name, files, bytes })
        .collect();
    all.sort_by_key(|language| std::cmp::Reverse(language.bytes));
    all.truncate(LANGUAGES);
    all
}

fn language(end: &str) -> Option<&'static str> {
    Some(match end {
        "rs" => "Rust",
        "py" => "Python",
        "ts" | "tsx" | "mts" | "cts" => "TypeScript",
        "js" | "jsx" | "mjs" | "cjs" => "JavaScript",
        "go" => "Go",
        "java" => "Java",
        "kt" | "kts" => "Kotlin",
        "swift" => "Swift",
        "c" | "h" => "C",
        "cc" | "cpp" | "cxx" | "hpp" | "hh" => "C++",
        "cs" => "C#",
        "rb" => "Ruby",
        "php" => "PHP",
        "scala" => "Scala",
        "ex" | "exs" => "Elixir",
        "hs" => "Haskell",
        "ml" | "mli" => "OCaml",
        "lua" => "Lua",
        "sh" | "bash" => "Shell",
        "sql" => "SQL",
        "vue" => "Vue",
        "svelte" => "Svelte",
        "html" => "HTML",
        "css" | "scss" => "CSS",
        "dart" => "Dart",
        "zig" => "Zig",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_their_bytes() {
        let file = |path: &str, size| Listed {
            path: path.to_owned(),
            size,
        };
        let files = [
            file("a.rs", 10),
            file("b/c.py", 30),
            file("b/d.py", 1),
            file("rs", 99),
            file("x.png", 999),
        ];
        let told: Vec<_> = languages(&files)
            .into_iter()
            .map(|l| (l.name, l.files, l.bytes))
            .collect();
        assert_eq!(told, [("Python", 2, 31), ("Rust", 1, 10)]);
    }

    #[test]
    fn what_is_empty_is_taken_back() {
        let profile = Profile {
            instructions: Some("  ".to_owned()),
            setup_command: None,
            test_command: Some(" make test\n".to_owned()),
            ..Profile::default()
        };
        assert_eq!(
            profile.stored(),
            json!({"instructions": null, "setup_command": null, "test_command": "make test",
                "network_hosts": null, "minutes": null, "limits": null})
        );
        assert_eq!(
            Profile::of(&profile.stored()).test_command.as_deref(),
            Some("make test")
        );
    }
}

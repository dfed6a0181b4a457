//! Smaller runs of a suite: some files, some names, or exactly the tests that failed.

use std::collections::BTreeSet;

use super::id::{BETWEEN, split};
use super::suite::{Framework, Report, Suite};
use super::text;

/// Failures run again; when more fail, it is not chance.
const AGAIN: usize = 40;

impl Suite {
    /// The same suite for these files (relative to the repository) or names of tests only. Nothing when the framework
    /// cannot be asked that, when none of the files is below this suite, or when files and names are mixed.
    pub fn only(&self, files_or_filter: &[String]) -> Option<Self> {
        let wanted: Vec<&str> = files_or_filter.iter().map(|word| word.trim()).collect();
        if wanted.is_empty() || wanted.iter().any(|word| !harmless(word)) {
            return None;
        }
        let (files, names): (Vec<&str>, Vec<&str>) =
            wanted.into_iter().partition(|word| is_file(word));
        if names.is_empty() {
            let files: Vec<&str> = files
                .into_iter()
                .filter_map(|file| self.inside(file))
                .collect();
            return if files.is_empty() {
                None
            } else {
                self.only_files(&files)
            };
        }
        if files.is_empty() {
            self.only_names(&names)
        } else {
            None
        }
    }

    /// The same suite for exactly these tests, by the ids of an outcome, to see whether they fail again. Nothing when
    /// there are too many, when one has a name that is not whole, or when the framework cannot be asked that.
    pub fn again(&self, failing: &[String]) -> Option<Self> {
        let safe = |id: &String| text::is_whole(id) && harmless(id);
        if failing.is_empty() || failing.len() > AGAIN || !failing.iter().all(safe) {
            return None;
        }
        let ids: Vec<&str> = failing.iter().map(|id| without_number(id)).collect();
        let names: Vec<&str> = ids.iter().map(|id| split(id).1).collect();
        let leaves = || ids.iter().map(|id| id.rsplit(BETWEEN).next().unwrap_or(id));
        match self.framework {
            Framework::CargoTest => {
                let doc = ids.iter().any(|id| split(id).0.ends_with("(doc)"));
                let exact = if doc { vec![] } else { vec!["--exact"] };
                Some(self.with(&[&["--"], exact.as_slice(), names.as_slice()].concat()))
            }
            Framework::CargoNextest => {
                let tests: Vec<String> = ids
                    .iter()
                    .map(|id| nextest_filter(id))
                    .collect::<Option<_>>()?;
                Some(self.with(&["-E", &tests.join(" | ")]))
            }
            Framework::Pytest => Some(self.with(&ids)),
            Framework::Unittest => {
                let picked: Vec<&str> = ids.iter().flat_map(|id| ["-k", *id]).collect();
                Some(self.with(&picked))
            }
            // Jest joins suites and test by a space; the file keeps out namesakes.
            Framework::Jest | Framework::Vitest => {
                let files = ids
                    .iter()
                    .map(|id| split(id).0)
                    .filter(|file| is_file(file));
                let files: BTreeSet<&str> = files
                    .map(|file| self.inside(file).unwrap_or(file))
                    .collect();
                let files: Vec<&str> = files.into_iter().collect();
                let pattern = exactly(names.iter().map(|&name| name.to_owned()));
                // A title may hold the sign itself.
                let pattern = pattern.replace(BETWEEN, "(?: > | )");
                let narrowed = if files.is_empty() {
                    self.clone()
                } else {
                    self.only_files(&files)?
                };
                Some(narrowed.with(&["-t", &pattern]))
            }
            Framework::NodeTest => {
                let pattern = exactly(leaves().map(str::to_owned));
                Some(self.option(&["--test-name-pattern", &pattern]))
            }
            Framework::Mocha => Some(self.with(&[
                "--grep",
                &exactly(names.iter().map(|&name| name.to_owned())),
            ])),
            Framework::GoTest => {
                let tops: BTreeSet<&str> = names
                    .iter()
                    .map(|name| name.split('/').next().unwrap_or(name))
                    .collect();
                let whole = ids.iter().all(|id| id.contains(BETWEEN));
                whole.then(|| self.option(&["-run", &exactly(tops.into_iter().map(str::to_owned))]))
            }
            Framework::Other => None,
        }
    }

    fn only_files(&self, files: &[&str]) -> Option<Self> {
        match self.framework {
            Framework::CargoTest | Framework::CargoNextest => self.only_rust_files(files),
            Framework::Pytest | Framework::Vitest | Framework::Mocha => Some(self.with(files)),
            Framework::Jest => Some(self.with(&[&["--runTestsByPath"], files].concat())),
            Framework::NodeTest => {
                // The files take the place of those the command names.
                let words = self
                    .command
                    .iter()
                    .filter(|word| word.starts_with('-') || *word == "node");
                let mut only = Self {
                    command: words.cloned().collect(),
                    ..self.clone()
                };
                only.command
                    .extend(files.iter().map(|&file| file.to_owned()));
                Some(only)
            }
            Framework::Unittest => {
                let modules: Vec<String> = files
                    .iter()
                    .map(|file| module(file))
                    .collect::<Option<_>>()?;
                Some(
                    self.with(
                        &modules
                            .iter()
                            .flat_map(|module| ["-k", module.as_str()])
                            .collect::<Vec<_>>(),
                    ),
                )
            }
            Framework::GoTest => {
                let folder = |file: &&str| {
                    file.rsplit_once('/')
                        .map_or("./".to_owned(), |(folder, _)| format!("./{folder}"))
                };
                let folders: BTreeSet<String> = files.iter().map(folder).collect();
                let words = self.command.iter().filter(|word| *word != "./...");
                Some(Self {
                    command: words.cloned().chain(folders).collect(),
                    ..self.clone()
                })
            }
            Framework::Other => None,
        }
    }

    /// `tests/it.rs` is a target of its own, `src/a/b.rs` a part of the names in it.
    fn only_rust_files(&self, files: &[&str]) -> Option<Self> {
        let target = |file: &&&str| !file.contains("src/") && file.contains("tests/");
        let (targets, modules): (Vec<&str>, Vec<&str>) = files.iter().partition(target);
        if modules.is_empty() {
            let names: Option<Vec<&str>> = targets.iter().map(|file| rust_target(file)).collect();
            let words: Vec<&str> = names?
                .into_iter()
                .flat_map(|name| ["--test", name])
                .collect();
            return Some(self.with(&words));
        }
        if !targets.is_empty() {
            return None;
        }
        let names: Option<Vec<String>> = modules.iter().map(|file| rust_module(file)).collect();
        let names = names?;
        self.only_names(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn only_names(&self, names: &[&str]) -> Option<Self> {
        let any = names
            .iter()
            .map(|name| regex::escape(name))
            .collect::<Vec<_>>()
            .join("|");
        match self.framework {
            Framework::CargoTest => Some(self.with(&[&["--"], names].concat())),
            Framework::CargoNextest => Some(self.with(names)),
            Framework::Pytest => {
                let plain = |name: &&str| {
                    name.chars()
                        .all(|c| c.is_alphanumeric() || "_.".contains(c))
                };
                names
                    .iter()
                    .all(plain)
                    .then(|| self.with(&["-k", &names.join(" or ")]))
            }
            Framework::Unittest => Some(
                self.with(
                    &names
                        .iter()
                        .flat_map(|name| ["-k", *name])
                        .collect::<Vec<_>>(),
                ),
            ),
            Framework::Jest | Framework::Vitest => Some(self.with(&["-t", &any])),
            Framework::NodeTest => Some(self.option(&["--test-name-pattern", &any])),
            Framework::Mocha => Some(self.with(&["--grep", &any])),
            Framework::GoTest => Some(self.option(&["-run", &any])),
            Framework::Other => None,
        }
    }

    /// The path as the suite's own folder sees it.
    fn inside<'f>(&self, file: &'f str) -> Option<&'f str> {
        let file = file.strip_prefix("./").unwrap_or(file);
        if self.dir.is_empty() {
            return Some(file);
        }
        file.strip_prefix(self.dir.as_str())?.strip_prefix('/')
    }

    /// The suite with words at the end of its command.
    fn with(&self, words: &[&str]) -> Self {
        let words = words.iter().map(|&word| word.to_owned());
        Self {
            command: self.command.iter().cloned().chain(words).collect(),
            ..self.clone()
        }
    }

    /// The suite with options before the files its command names: behind `node --test`, `go test`.
    fn option(&self, words: &[&str]) -> Self {
        let mut suite = self.clone();
        let verb = suite
            .command
            .iter()
            .position(|word| word == "--test" || word == "test");
        let direct = suite
            .command
            .first()
            .is_some_and(|program| program == "node" || program == "go");
        let at = verb
            .filter(|_| direct)
            .map_or(suite.command.len(), |verb| verb + 1);
        suite
            .command
            .splice(at..at, words.iter().map(|&word| word.to_owned()));
        suite
    }
}

impl Report {
    /// Where the report lies, as a path or a glob; nothing when it is what the command prints.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Stdout => None,
            Self::JUnit(path) | Self::Json(path) => Some(path),
        }
    }
}

/// Whether a word can stand in a command: it is no option, and leads nowhere else.
fn harmless(word: &str) -> bool {
    let control = word.contains(|c: char| c.is_control());
    !word.is_empty()
        && !word.starts_with(['-', '/', '@'])
        && !control
        && !word.split('/').any(|part| part == "..")
}

fn is_file(word: &str) -> bool {
    const ENDINGS: [&str; 12] = [
        ".rs", ".py", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".go", "/",
    ];
    let word = word.split("::").next().unwrap_or(word);
    !word.contains(' ') && ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Without the number of a namesake.
fn without_number(id: &str) -> &str {
    match id.rsplit_once(" #") {
        Some((name, number)) if number.parse::<u32>().is_ok() => name,
        _ => id,
    }
}

/// A regular expression that matches these names and nothing else.
fn exactly(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.map(|name| regex::escape(&name)).collect();
    format!("^({})$", names.join("|"))
}

fn nextest_filter(id: &str) -> Option<String> {
    let (binary, name) = split(id);
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || "_:-./".contains(c))
    };
    (plain(binary) && plain(name)).then(|| format!("(binary_id(={binary}) & test(={name}))"))
}

/// `tests/it.rs` and `tests/it/main.rs` are the target `it`; so is every file below `tests/it/`.
fn rust_target(file: &str) -> Option<&str> {
    let below = file.split_once("tests/")?.1;
    let first = below.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// `src/a/b.rs` holds tests whose names contain `a::b::`; the root of a crate holds all.
fn rust_module(file: &str) -> Option<String> {
    let path = file.rsplit_once("src/")?.1.strip_suffix(".rs")?;
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if ["lib", "main"].contains(&path) {
        return None;
    }
    Some(format!("{}::", path.replace('/', "::")))
}

/// `tests/test_x.py` as a module.
fn module(file: &str) -> Option<String> {
    let path = file.strip_suffix(".py")?;
    path.rsplit('/').next().map(|name| format!("{name}."))
}

//! What a repository defines, file by file: first those that the others speak of most.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Cache,
    access::Caller,
    repositories::{Repositories, of_git},
};
pub use crate::syntax::{Kind, Symbol};
use crate::{
    error::{Error, Result},
    providers::git::Listed,
    syntax::{Grammar, LARGEST, Outline, Outliner},
};

/// Files that are read, and their bytes.
const FILES: usize = 2_000;
const BYTES: u64 = 16 << 20;
/// Symbols of one file, and of all.
const OF_FILE: usize = 200;
const SYMBOLS: usize = 20_000;
/// So long is read; what is left then is left out.
const LONGEST: Duration = Duration::from_secs(10);
/// A commit never changes, so what is kept of it is only ever forgotten.
const LIFE: Duration = Duration::from_secs(24 * 3600);
/// Shorter names are too common to say who is meant.
const TELLING: usize = 3;

/// The map of a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// The commit.
    pub commit: String,
    /// The files that define something, those first that others speak of most.
    pub files: Vec<MappedFile>,
    /// Whether something was left out, for there is too much.
    pub truncated: bool,
}

/// A file that defines something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedFile {
    /// Its path.
    pub path: String,
    /// What it defines, in order.
    pub symbols: Vec<Symbol>,
}

impl MappedFile {
    /// Whether it lies at or below this path.
    #[must_use]
    pub fn is_below(&self, path: &str) -> bool {
        let path = path.trim_matches('/');
        let rest = self.path.strip_prefix(path);
        path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Repositories {
    /// The map of a repository's default branch as it was fetched last, or of another place in it.
    pub async fn map(
        &self,
        cache: &Cache,
        caller: &Caller,
        id: Uuid,
        at: Option<&str>,
    ) -> Result<Map> {
        let (row, mirror) = self.mirror(caller, id).await?;
        let at = at.unwrap_or(&row.default_branch);
        let commit = mirror.resolve(at).await.map_err(of_git)?;
        let key = format!("map:{}:{commit}", id.simple());
        if let Some(kept) = cache.get(&key).await
            && let Ok(map) = serde_json::from_slice(&kept)
        {
            return Ok(map);
        }
        let _turn = self.looks.turn(caller.user)?;
        let (files, truncated) = chosen(mirror.listing(&commit).await.map_err(of_git)?);
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        let texts = mirror.texts(&commit, &paths, BYTES).await.map_err(of_git)?;
        let drawn = tokio::task::spawn_blocking(move || draw(files, texts));
        let mut map = drawn
            .await
            .map_err(|error| Error::Internal(error.to_string()))?;
        map.truncated |= truncated;
        map.commit = commit;
        if let Ok(kept) = serde_json::to_vec(&map) {
            cache.put(&key, kept, LIFE).await;
        }
        Ok(map)
    }
}

/// The files that are read, and whether there are more.
fn chosen(files: Vec<Listed>) -> (Vec<(String, Grammar)>, bool) {
    let mut room = BYTES;
    let mut chosen = Vec::new();
    let mut more = false;
    for file in files {
        // Files are asked for line by line.
        let Some(grammar) = Grammar::of(&file.path).filter(|_| !file.path.contains('\n')) else {
            continue;
        };
        let fits = file.size <= LARGEST as u64 && file.size <= room && chosen.len() < FILES;
        more |= !fits;
        if fits {
            room -= file.size;
            chosen.push((file.path, grammar));
        }
    }
    (chosen, more)
}

/// Reads the outlines, and puts them in their order.
fn draw(files: Vec<(String, Grammar)>, texts: Vec<Option<String>>) -> Map {
    let end = Instant::now() + LONGEST;
    let mut outliner = Outliner::default();
    let mut read = Vec::new();
    let mut map = Map::default();
    for ((path, grammar), text) in files.into_iter().zip(texts) {
        if Instant::now() > end {
            map.truncated = true;
            break;
        }
        let outline = text.and_then(|text| outliner.read(grammar, &text));
        read.extend(outline.map(|outline| (path, outline)));
    }
    let mut left = SYMBOLS;
    for (path, mut symbols) in ranked(read) {
        let most = OF_FILE.min(left);
        map.truncated |= symbols.len() > most;
        symbols.truncate(most);
        left -= symbols.len();
        if !symbols.is_empty() {
            map.files.push(MappedFile { path, symbols });
        }
    }
    map
}

/// The files that others speak of most come first. A name that several define says less of each.
fn ranked(read: Vec<(String, Outline)>) -> Vec<(String, Vec<Symbol>)> {
    let mut definers: HashMap<&str, u64> = HashMap::new();
    let mut speakers: HashMap<&str, u64> = HashMap::new();
    for (_, outline) in &read {
        for name in names(outline) {
            *definers.entry(name).or_default() += 1;
        }
        for name in &outline.speaks_of {
            *speakers.entry(name).or_default() += 1;
        }
    }
    let weight = |outline: &Outline| -> u64 {
        let of_name = |name: &str| {
            let own = u64::from(outline.speaks_of.contains(name));
            let others = speakers.get(name).map_or(0, |all| all - own);
            // In hundredths, so that a part of one still counts.
            100 * others / definers.get(name).copied().unwrap_or(1).max(1)
        };
        names(outline).into_iter().map(of_name).sum()
    };
    let weights: Vec<u64> = read.iter().map(|(_, outline)| weight(outline)).collect();
    let mut all: Vec<(u64, String, Vec<Symbol>)> = weights
        .into_iter()
        .zip(read)
        .map(|(weight, (path, outline))| (weight, path, outline.symbols))
        .collect();
    all.sort_by(|(one, path, _), (other, beside, _)| other.cmp(one).then_with(|| path.cmp(beside)));
    all.into_iter()
        .map(|(_, path, symbols)| (path, symbols))
        .collect()
}

/// What a text defines, each name once.
fn names(outline: &Outline) -> HashSet<&str> {
    let names = outline.symbols.iter().map(|symbol| symbol.name.as_str());
    names.filter(|name| name.len() >= TELLING).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(files: &[(&str, &str)]) -> Map {
        let named = files.iter().map(|(path, _)| {
            let grammar = Grammar::of(path).unwrap();
            ((*path).to_owned(), grammar)
        });
        let texts = files.iter().map(|(_, text)| Some((*text).to_owned()));
        draw(named.collect(), texts.collect())
    }

    #[test]
    fn what_others_speak_of_comes_first() {
        let map = drawn(&[
            ("a.py", "def first():\n    return second() + third()\n"),
            ("b.py", "def second():\n    return third()\n"),
            ("c.py", "def third():\n    return third()\n"),
            ("d.py", "third()\n"),
        ]);
        let paths: Vec<&str> = map.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(
            paths,
            ["c.py", "b.py", "a.py"],
            "what defines nothing is left out"
        );
        assert!(!map.truncated);
    }

    #[test]
    fn a_map_has_an_end() {
        let many: String = (0..OF_FILE + 5)
            .map(|n| format!("def name_{n}():\n    pass\n"))
            .collect();
        let map = drawn(&[("a.py", &many)]);
        assert!(map.truncated);
        assert_eq!(map.files[0].symbols.len(), OF_FILE);
        let file = |path: &str, size| Listed {
            path: path.to_owned(),
            size,
        };
        let (files, more) = chosen(vec![
            file("a.py", 10),
            file("b.py", 1 << 20),
            file("c.txt", 10),
            file("d.rs", 10),
        ]);
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!((paths, more), (vec!["a.py", "d.rs"], true));
    }
}

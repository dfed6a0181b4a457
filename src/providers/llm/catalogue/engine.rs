//! Engines: installed programs that write code by themselves, as an operator describes them. Nothing is known of one but
//! what its row says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::super::{anthropic, ollama, openai};
use super::{File, free};

/// Vendors whose ways of speaking the door understands.
const VENDORS: [&str; 3] = [anthropic::NAME, openai::NAME, ollama::NAME];

/// The most minutes that a row may give: a step of a run ends after four hours.
const MINUTES: f64 = 240.0;

/// A row as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    id: String,
    command: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    model: String,
    #[serde(default = "half_an_hour")]
    minutes: f64,
    #[serde(default)]
    last_word: LastWord,
    #[serde(default)]
    readable: Vec<PathBuf>,
}

/// A program that codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// What tasks call it.
    pub id: String,
    /// The program and its arguments.
    command: Vec<Template>,
    /// What it finds in its environment.
    env: BTreeMap<String, Template>,
    /// The model that it may use, and whose price counts.
    pub model: String,
    /// The longest that it may work at a time.
    pub limit: Duration,
    /// Where what it says in the end stands.
    pub last_word: LastWord,
    /// Folders it may read besides those of the system.
    pub readable: Vec<PathBuf>,
}

/// Where the last word of a program stands in what it writes to its standard output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastWord {
    /// All of it is the last word.
    #[default]
    Text,
    /// It is JSON, or lines of it, and this is the field: names with dots between them.
    Json(String),
}

/// What is filled in when a program is started.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// What it is told.
    pub prompt: &'a str,
    /// Where it finds its model.
    pub door: &'a str,
    /// What it shows there.
    pub pass: &'a str,
    /// What the model is called there.
    pub model: &'a str,
}

/// A text with places to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Place),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Prompt,
    Door,
    Pass,
    Model,
}

fn half_an_hour() -> f64 {
    30.0
}

impl Engine {
    /// The row, if a program can be started by it.
    fn of(row: Row) -> Result<Self, String> {
        let id = &row.id;
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '/');
        if id.is_empty() || id.len() > 100 || !id.chars().all(plain) {
            return Err(format!("`{id}` is not the name of an engine"));
        }
        let wrong = |what: String| format!("the engine `{id}`: {what}");
        if row.command.first().is_none_or(String::is_empty) {
            return Err(wrong("its command is empty".to_owned()));
        }
        if !(row.minutes > 0.0 && row.minutes <= MINUTES) {
            return Err(wrong(format!(
                "it may work for up to {MINUTES} minutes at a time"
            )));
        }
        if let LastWord::Json(field) = &row.last_word
            && field.split('.').any(str::is_empty)
        {
            return Err(wrong(format!("`{field}` is not the name of a field")));
        }
        if let Some(path) = row.readable.iter().find(|path| !path.is_absolute()) {
            let path = path.display();
            return Err(wrong(format!("`{path}` in readable is no whole path")));
        }
        let command = row.command.iter().map(|text| Template::read(text));
        let command = command.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        if command[0].0.iter().any(|p| matches!(p, Piece::Place(_))) {
            return Err(wrong("its program is not known beforehand".to_owned()));
        }
        let mut env = BTreeMap::new();
        for (name, text) in &row.env {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty()
                || name.starts_with(|c: char| c.is_ascii_digit())
                || !name.chars().all(fits)
            {
                return Err(wrong(format!("`{name}` is not the name of a variable")));
            }
            let text = Template::read(text).map_err(wrong)?;
            if text.has(Place::Prompt) {
                return Err(wrong(format!(
                    "{name} holds {{prompt}}; that goes into the command"
                )));
            }
            env.insert(name.clone(), text);
        }
        Ok(Self {
            command,
            env,
            model: row.model,
            limit: Duration::from_secs_f64(row.minutes * 60.0),
            last_word: row.last_word,
            readable: row.readable,
            id: row.id,
        })
    }

    /// The program, by its name or path.
    #[must_use]
    pub fn program(&self) -> String {
        self.command[0].text()
    }

    /// The program with its arguments.
    #[must_use]
    pub fn command(&self, filling: Filling<'_>) -> Vec<String> {
        self.command.iter().map(|word| word.fill(filling)).collect()
    }

    /// Its environment.
    #[must_use]
    pub fn env(&self, filling: Filling<'_>) -> BTreeMap<String, String> {
        let filled = |(name, text): (&String, &Template)| (name.clone(), text.fill(filling));
        self.env.iter().map(filled).collect()
    }

    /// Whether it reads what it is told from its standard input: an argument for it is nowhere.
    #[must_use]
    pub fn listens(&self) -> bool {
        !self.command.iter().any(|word| word.has(Place::Prompt))
    }

    /// The command as people read it, with its places unfilled.
    #[must_use]
    pub fn shown(&self) -> String {
        let words: Vec<String> = self.command.iter().map(Template::text).collect();
        words.join(" ")
    }
}

impl LastWord {
    /// The last word in what was written; nothing where it is not.
    #[must_use]
    pub fn find(&self, written: &str) -> Option<String> {
        let Self::Json(field) = self else {
            let text = written.trim();
            return (!text.is_empty()).then(|| text.to_owned());
        };
        let of = |text: &str| {
            let value: Value = serde_json::from_str(text).ok()?;
            let found = field
                .split('.')
                .try_fold(&value, |value, name| value.get(name))?;
            found.as_str().map(str::to_owned)
        };
        of(written).or_else(|| written.lines().rev().find_map(of))
    }
}

impl Place {
    const ALL: [(&'static str, Self); 4] = [
        ("prompt", Self::Prompt),
        ("door", Self::Door),
        ("pass", Self::Pass),
        ("model", Self::Model),
    ];

    fn name(self) -> &'static str {
        let named = Self::ALL.iter().find(|(_, place)| *place == self);
        named.map_or("", |(name, _)| name)
    }
}

impl Template {
    /// `{word}` is a place, any other brace a brace: configurations in JSON are full of them.
    fn read(text: &str) -> Result<Self, String> {
        if text.contains('\0') {
            return Err("a character that no command can hold".to_owned());
        }
        let mut pieces = Vec::new();
        let (mut plain, mut rest) = (String::new(), text);
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            plain += before;
            let word = from[1..].split('}').next().unwrap_or_default();
            let ends = from[1..].len() > word.len();
            let is_word =
                !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if !(ends && is_word) {
                plain.push('{');
                rest = &from[1..];
                continue;
            }
            let Some((_, place)) = Place::ALL.iter().find(|(name, _)| *name == word) else {
                let known = Place::ALL.map(|(name, _)| format!("{{{name}}}")).join(", ");
                return Err(format!("`{{{word}}}` is not known; there are {known}"));
            };
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(Piece::Place(*place));
            rest = &from[word.len() + 2..];
        }
        pieces.push(Piece::Text(plain + rest));
        Ok(Self(pieces))
    }

    fn has(&self, place: Place) -> bool {
        self.0.contains(&Piece::Place(place))
    }

    fn fill(&self, with: Filling<'_>) -> String {
        let filled = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Place(Place::Prompt) => with.prompt,
            Piece::Place(Place::Door) => with.door,
            Piece::Place(Place::Pass) => with.pass,
            Piece::Place(Place::Model) => with.model,
        });
        filled.collect()
    }

    fn text(&self) -> String {
        let shown = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Place(place) => format!("{{{}}}", place.name()),
        });
        shown.collect()
    }
}

/// The engines of a file whose models are these; the first thing that is wrong with them.
pub(super) fn read(file: &File) -> Result<Vec<Engine>, String> {
    let mut names = BTreeSet::new();
    let mut engines = Vec::new();
    for row in &file.engines {
        let engine = Engine::of(row.clone())?;
        let id = &engine.id;
        if file.models.iter().any(|model| model.is(id)) {
            return Err(format!("a model and an engine are called `{id}`"));
        }
        if !names.insert(id.clone()) {
            return Err(format!("two engines are called `{id}`"));
        }
        let model = file.models.iter().find(|model| model.is(&engine.model));
        let model = model.cloned().or_else(|| free::model(&engine.model));
        let Some(model) = model else {
            let model = &engine.model;
            return Err(format!(
                "the engine `{id}` uses `{model}`, which has no row"
            ));
        };
        if !VENDORS.contains(&model.provider.as_str()) {
            let vendor = &model.provider;
            return Err(format!(
                "the engine `{id}`: models of {vendor} cannot be used by one"
            ));
        }
        engines.push(engine);
    }
    Ok(engines)
}

//! The models that are known: what they cost, what they understand, how long they live. All of it is data. What
//! may not live here: knowledge of a model in code.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

pub use self::engine::{Engine, Filling, LastWord};
use self::file::File;
pub use self::model::{Model, Price, State, Thinking, Tier};
use super::{anthropic, ollama, openai};
use crate::config::ModelsConfig;

mod engine;
mod file;
mod free;
mod model;

/// Every known model, and who uses which.
#[derive(Debug, Clone)]
pub struct Catalogue {
    models: Vec<Model>,
    /// Where the default of each tier stands in `models`.
    tiers: [usize; Tier::ALL.len()],
    /// Roles that were given a model by hand, and where it stands.
    roles: Vec<(String, usize)>,
    /// Programs that code.
    engines: Vec<Engine>,
    /// The one that codes when a task says nothing, and where it stands in `engines`.
    coder: Option<usize>,
}

/// The one role that an engine can have.
pub const CODER: &str = "coder";

/// There is no such model to use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoModel {
    /// No row has this name.
    #[error(
        "no model is called `{id}`; the known ones are {known}, any other of a server of one's own is called \
         `openai/NAME` or `ollama/NAME`, and CODEGRAPH_MODELS may name a file with more"
    )]
    Unknown {
        /// The name that was asked for.
        id: String,
        /// Names that can be used.
        known: String,
    },
    /// The vendor does not serve it any more.
    #[error("the model `{id}` is retired; {}", advice(.successor.as_deref()))]
    Retired {
        /// The name that was asked for.
        id: String,
        /// The model to use instead.
        successor: Option<String>,
    },
}

/// The catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file is not there or cannot be read.
    #[error("{}: {cause}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// What stands in it makes no catalogue.
    #[error("{place}: {reason}")]
    Wrong {
        /// The file, or where else the rows come from.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A role was given a model that cannot be used.
    #[error("CODEGRAPH_MODEL_{}: {cause}", .role.to_uppercase())]
    Role {
        /// The role.
        role: &'static str,
        /// Why.
        cause: NoModel,
    },
    /// A role other than the coder was given an engine.
    #[error("CODEGRAPH_MODEL_{}: {}", .role.to_uppercase(), only_coder(.engine))]
    NotCoder {
        /// The role.
        role: &'static str,
        /// The engine.
        engine: String,
    },
}

/// What whoever gives an engine to another role is told.
#[must_use]
pub fn only_coder(engine: &str) -> String {
    format!("`{engine}` is an engine; only the coder can be one")
}

impl Catalogue {
    /// The rows that were built in.
    pub fn embedded() -> Self {
        match File::embedded().and_then(|file| Self::build(file, "the built-in catalogue")) {
            Ok(catalogue) => catalogue,
            // A test reads the same bytes; they cannot be wrong only here.
            Err(error) => unreachable!("{error}"),
        }
    }

    /// The built-in rows, with those of a file added or in their place.
    pub fn with_file(path: &Path) -> Result<Self, CatalogueError> {
        let text = std::fs::read_to_string(path).map_err(|cause| CatalogueError::Unreadable {
            file: path.to_owned(),
            cause,
        })?;
        Self::with_text(&text, &path.display().to_string())
    }

    /// The built-in rows, with those of a text added or in their place; `place` says where it is from.
    pub fn with_text(text: &str, place: &str) -> Result<Self, CatalogueError> {
        Self::build(File::embedded()?.merged(File::read(text, place)?), place)
    }

    /// What was configured: the file, and the models of roles.
    pub fn configured(config: &ModelsConfig) -> Result<Self, CatalogueError> {
        let mut catalogue = match &config.models {
            Some(file) => Self::with_file(file)?,
            None => Self::embedded(),
        };
        catalogue.replace_tiers(config)?;
        for (role, model) in config.chosen() {
            let mut model = model.as_str();
            if let Some(at) = catalogue.engines.iter().position(|one| one.id == model) {
                if role != CODER {
                    let engine = model.to_owned();
                    return Err(CatalogueError::NotCoder { role, engine });
                }
                catalogue.coder = Some(at);
                model = &catalogue.engines[at].model;
            }
            let found = catalogue.find(model);
            let found = found.map_err(|cause| CatalogueError::Role { role, cause })?;
            let found = found.into_owned();
            let at = catalogue.settle(found);
            catalogue.roles.push((role.to_owned(), at));
        }
        Ok(catalogue)
    }

    /// Tiers whose vendor is not configured have the model of the first vendor that is, where it was named.
    fn replace_tiers(&mut self, config: &ModelsConfig) -> Result<(), CatalogueError> {
        let vendors = [
            (
                ollama::NAME,
                "OLLAMA",
                &config.ollama_model,
                config.ollama_url.is_some(),
            ),
            (
                openai::NAME,
                "OPENAI",
                &config.openai_model,
                config.has_openai(),
            ),
        ];
        let is_there = |vendor: &str| match vendor {
            anthropic::NAME => config.has_anthropic() || config.script.is_some(),
            other => !vendors
                .iter()
                .any(|(name, .., there)| *name == other && !there),
        };
        let named = vendors
            .iter()
            .rev()
            .find_map(|(vendor, setting, model, there)| {
                Some((
                    *vendor,
                    *setting,
                    model.as_ref().filter(|_| *there)?.as_str(),
                ))
            });
        let Some((vendor, setting, name)) = named else {
            return Ok(());
        };
        // A row of that name, or any name at all.
        let row = self.row(name).filter(|row| row.provider == vendor).cloned();
        let model = row.or_else(|| free::model(name).filter(|model| model.provider == vendor));
        let model = model.or_else(|| free::model(&format!("{vendor}/{name}")));
        let model = model.ok_or_else(|| CatalogueError::Wrong {
            place: format!("CODEGRAPH_{setting}_MODEL"),
            reason: format!("`{name}` is not the name of a model"),
        })?;
        let at = self.settle(model);
        for tier in Tier::ALL {
            let place = self.tiers[tier as usize];
            if !is_there(&self.models[place].provider) {
                self.tiers[tier as usize] = at;
            }
        }
        Ok(())
    }

    /// Where a model stands; it is given a row when it has none.
    fn settle(&mut self, model: Model) -> usize {
        self.place(&model.id).unwrap_or_else(|| {
            self.models.push(model);
            self.models.len() - 1
        })
    }

    fn build(file: File, place: &str) -> Result<Self, CatalogueError> {
        let wrong = |reason| CatalogueError::Wrong {
            place: place.to_owned(),
            reason,
        };
        file.check().map_err(wrong)?;
        let mut catalogue = Self {
            engines: engine::read(&file).map_err(wrong)?,
            models: file.models,
            tiers: [0; Tier::ALL.len()],
            roles: Vec::new(),
            coder: None,
        };
        for tier in Tier::ALL {
            let id = file.tiers.get(&tier).map_or("", String::as_str);
            let at = catalogue.place(id);
            catalogue.tiers[tier as usize] =
                at.ok_or_else(|| wrong(format!("the tier {tier:?} has no model `{id}`")))?;
        }
        Ok(catalogue)
    }

    /// Every row.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The row of this name, also of a model that is retired: old bills can still be read.
    pub fn row(&self, id: &str) -> Option<&Model> {
        self.place(id).map(|at| &self.models[at])
    }

    /// What the server of a model calls it.
    pub fn served_as(&self, id: &str) -> String {
        let model = self.row(id).cloned().or_else(|| free::model(id));
        model
            .and_then(|model| model.served_as)
            .unwrap_or_else(|| id.to_owned())
    }

    /// The model of this name, if it can be used now.
    pub fn find(&self, id: &str) -> Result<Cow<'_, Model>, NoModel> {
        self.find_at(id, Utc::now())
    }

    /// The model of this name, if it can be used at that time.
    pub fn find_at(&self, id: &str, at: DateTime<Utc>) -> Result<Cow<'_, Model>, NoModel> {
        let Some(model) = self.row(id) else {
            if let Some(model) = free::model(id) {
                return Ok(Cow::Owned(model));
            }
            return Err(NoModel::Unknown {
                id: id.to_owned(),
                known: self.usable(at),
            });
        };
        if model.state_at(at) == State::Retired {
            return Err(NoModel::Retired {
                id: id.to_owned(),
                successor: model.successor.clone(),
            });
        }
        Ok(Cow::Borrowed(model))
    }

    /// The model a role uses: the one it was given, else that of its tier.
    pub fn for_role(&self, role: &str) -> &Model {
        let given = self.roles.iter().find(|(name, _)| name == role);
        let at = given.map_or_else(|| self.tiers[Tier::of_role(role) as usize], |(_, at)| *at);
        &self.models[at]
    }

    /// Every engine.
    pub fn engines(&self) -> &[Engine] {
        &self.engines
    }

    /// The engine of this name.
    pub fn engine(&self, id: &str) -> Option<&Engine> {
        self.engines.iter().find(|engine| engine.id == id)
    }

    /// The engine that codes when a task names nothing.
    pub fn coding_engine(&self) -> Option<&Engine> {
        self.coder.map(|at| &self.engines[at])
    }

    /// The default model of a tier.
    pub fn for_tier(&self, tier: Tier) -> &Model {
        &self.models[self.tiers[tier as usize]]
    }

    /// The model to go on with when this one will not or cannot.
    pub fn fallback(&self, model: &Model) -> Option<Cow<'_, Model>> {
        self.find(model.fallback.as_deref()?).ok()
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.models.iter().position(|model| model.is(id))
    }

    fn usable(&self, at: DateTime<Utc>) -> String {
        let usable = |model: &&Model| model.state_at(at) == State::Current;
        let names: Vec<&str> = self
            .models
            .iter()
            .filter(usable)
            .map(|m| m.id.as_str())
            .collect();
        names.join(", ")
    }
}

fn advice(successor: Option<&str>) -> String {
    successor.map_or_else(
        || "it has no successor".to_owned(),
        |successor| format!("use `{successor}`"),
    )
}

//! The models that are known: what they cost, what they understand, how long they live. All of it is data. What
//! may not live here: knowledge of a model in code.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use self::file::File;
pub use self::model::{Model, Price, State, Thinking, Tier};
use crate::config::ModelsConfig;

mod file;
mod model;

/// Every known model, and who uses which.
#[derive(Debug, Clone)]
pub struct Catalogue {
    models: Vec<Model>,
    /// Where the default of each tier stands in `models`.
    tiers: [usize; Tier::ALL.len()],
    /// Roles that were given a model by hand, and where it stands.
    roles: Vec<(String, usize)>,
}

/// There is no such model to use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoModel {
    /// No row has this name.
    #[error(
        "no model is called `{id}`; the known ones are {known}, and CODEGRAPH_MODELS may name a file with more"
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
        for (role, model) in config.chosen() {
            let found = catalogue.find(model.as_str());
            let id = found
                .map_err(|cause| CatalogueError::Role { role, cause })?
                .id
                .clone();
            catalogue
                .roles
                .extend(catalogue.place(&id).map(|at| (role.to_owned(), at)));
        }
        Ok(catalogue)
    }

    fn build(file: File, place: &str) -> Result<Self, CatalogueError> {
        let wrong = |reason| CatalogueError::Wrong {
            place: place.to_owned(),
            reason,
        };
        file.check().map_err(wrong)?;
        let mut catalogue = Self {
            models: file.models,
            tiers: [0; Tier::ALL.len()],
            roles: Vec::new(),
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

    /// The model of this name, if it can be used now.
    pub fn find(&self, id: &str) -> Result<&Model, NoModel> {
        self.find_at(id, Utc::now())
    }

    /// The model of this name, if it can be used at that time.
    pub fn find_at(&self, id: &str, at: DateTime<Utc>) -> Result<&Model, NoModel> {
        let Some(model) = self.row(id) else {
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
        Ok(model)
    }

    /// The model a role uses: the one it was given, else that of its tier.
    pub fn for_role(&self, role: &str) -> &Model {
        let given = self.roles.iter().find(|(name, _)| name == role);
        let at = given.map_or_else(|| self.tiers[Tier::of_role(role) as usize], |(_, at)| *at);
        &self.models[at]
    }

    /// The default model of a tier.
    pub fn for_tier(&self, tier: Tier) -> &Model {
        &self.models[self.tiers[tier as usize]]
    }

    /// The model to go on with when this one will not or cannot.
    pub fn fallback(&self, model: &Model) -> Option<&Model> {
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

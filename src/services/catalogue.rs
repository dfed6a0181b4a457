//! The models that tasks can name, and whether this installation can reach them. Keys are never shown.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};

use crate::providers::llm::catalogue::{CODER, Engine, only_coder};
pub use crate::providers::llm::catalogue::{Price, State, Tier};
use crate::{
    config::ModelsConfig,
    error::{Error, Result},
    providers::llm::{Catalogue, Providers},
};

/// The vendor for which a scenario stands in.
const STAND_IN: &str = "anthropic";

/// Who "makes" an engine, to whoever asks for a vendor.
const COMMAND: &str = "command";

/// The roles for which a model can be chosen.
const ROLES: [&str; 4] = ["planner", "coder", "tester", "reviewer"];

/// A model as people choose it.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The vendor's name of it.
    pub id: String,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// Who makes it.
    pub provider: String,
    /// What it is good for.
    pub tier: Tier,
    /// Tokens of prompt and answer together.
    pub context: u64,
    /// The most tokens of an answer.
    pub output: u32,
    /// How far its life has gone.
    pub state: State,
    /// The day from which it is not served any more.
    pub retires: Option<NaiveDate>,
    /// The model to use instead.
    pub successor: Option<String>,
    /// What it costs now, by the length of the prompt.
    pub prices: Vec<Price>,
    /// Why its vendor cannot be reached; nothing when it can.
    pub missing: Option<String>,
    /// Roles that use it when a task says nothing.
    pub roles: Vec<&'static str>,
}

/// The catalogue as this node is configured.
#[derive(Debug, Clone)]
pub struct Models {
    catalogue: Arc<Catalogue>,
    providers: Arc<Providers>,
    scripted: bool,
}

impl Models {
    /// As configured.
    pub fn new(config: &ModelsConfig) -> Result<Self> {
        let catalogue = Catalogue::configured(config);
        let catalogue = catalogue.map_err(|error| Error::Invalid(error.to_string()))?;
        Ok(Self {
            catalogue: Arc::new(catalogue),
            providers: Arc::new(Providers::new(config)),
            scripted: config.script.is_some(),
        })
    }

    /// Every model, in the catalogue's order, and after them the engines.
    #[must_use]
    pub fn list(&self, at: DateTime<Utc>) -> Vec<Offered> {
        let coding = self.catalogue.coding_engine();
        let models = self.catalogue.models().iter();
        let offered = models.map(|model| Offered {
            id: model.id.clone(),
            aliases: model.aliases.clone(),
            provider: model.provider.clone(),
            tier: model.tier,
            context: model.context,
            output: model.output,
            state: model.state_at(at),
            retires: model.retires,
            successor: model.successor.clone(),
            prices: model.prices_at(at),
            missing: self.missing(&model.provider),
            roles: ROLES
                .into_iter()
                .filter(|role| self.catalogue.for_role(role).id == model.id)
                .filter(|role| *role != CODER || coding.is_none())
                .collect(),
        });
        let engines = self.catalogue.engines().iter();
        offered
            .chain(engines.filter_map(|engine| self.engine(engine, at)))
            .collect()
    }

    /// An engine, which costs and lasts what its model does.
    fn engine(&self, engine: &Engine, at: DateTime<Utc>) -> Option<Offered> {
        let found = self.catalogue.find_at(&engine.model, at);
        let model = found
            .ok()
            .or_else(|| self.catalogue.row(&engine.model).map(Cow::Borrowed))?;
        let coding = self.catalogue.coding_engine();
        Some(Offered {
            id: engine.id.clone(),
            aliases: Vec::new(),
            provider: COMMAND.to_owned(),
            tier: model.tier,
            context: model.context,
            output: model.output,
            state: model.state_at(at),
            retires: model.retires,
            successor: None,
            prices: model.prices_at(at),
            missing: self.missing(&model.provider),
            roles: coding
                .filter(|coding| coding.id == engine.id)
                .map_or_else(Vec::new, |_| vec![CODER]),
        })
    }

    /// Whether the models that tasks use when they say nothing can be reached.
    #[must_use]
    pub fn ready(&self) -> bool {
        let reached = |role: &&str| {
            let model = self.catalogue.for_role(role);
            self.missing(&model.provider).is_none()
        };
        ROLES.iter().all(reached)
    }

    /// Whether each role can have the model or engine that a task names for it; a retired one is answered with its
    /// successor.
    pub fn check(&self, named: &BTreeMap<String, String>) -> Result<()> {
        let wrong: Vec<_> = named
            .iter()
            .filter_map(|(role, id)| {
                let field = format!("/options/models/{role}");
                if self.catalogue.engine(id).is_some() {
                    return (role != CODER).then(|| (field, only_coder(id)));
                }
                let error = self.catalogue.find(id).err()?;
                Some((field, error.to_string()))
            })
            .collect();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::Fields(wrong))
        }
    }

    /// The roles that have a model which is named for the whole of a run; an engine is the coder.
    pub fn roles_for(&self, id: &str) -> Result<&'static [&'static str]> {
        if self.catalogue.engine(id).is_some() {
            return Ok(&[CODER]);
        }
        match self.catalogue.find(id) {
            Ok(_) => Ok(&ROLES),
            Err(error) => Err(Error::field("/model", error.to_string())),
        }
    }

    fn missing(&self, provider: &str) -> Option<String> {
        if self.scripted && provider == STAND_IN {
            return None;
        }
        self.providers.get(provider).err().map(|e| e.to_string())
    }
}

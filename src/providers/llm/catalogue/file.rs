//! Reading the catalogue, and what a row must have.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{CatalogueError, Model, Tier, engine};

const EMBEDDED: &str = include_str!("../models.toml");

/// The catalogue as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The default model of each tier.
    #[serde(default)]
    pub(super) tiers: BTreeMap<Tier, String>,
    #[serde(default)]
    pub(super) models: Vec<Model>,
    /// Programs that code.
    #[serde(default)]
    pub(super) engines: Vec<engine::Row>,
}

impl File {
    pub(super) fn embedded() -> Result<Self, CatalogueError> {
        Self::read(EMBEDDED, "the built-in catalogue")
    }

    pub(super) fn read(text: &str, place: &str) -> Result<Self, CatalogueError> {
        toml::from_str(text).map_err(|error| CatalogueError::Wrong {
            place: place.to_owned(),
            reason: error.to_string().trim_end().to_owned(),
        })
    }

    /// Both, where a row or a tier of `over` takes the place of ours.
    pub(super) fn merged(mut self, over: Self) -> Self {
        for model in over.models {
            match self.models.iter_mut().find(|ours| ours.id == model.id) {
                Some(ours) => *ours = model,
                None => self.models.push(model),
            }
        }
        self.tiers.extend(over.tiers);
        self.engines.extend(over.engines);
        self
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for model in &self.models {
            for name in std::iter::once(&model.id).chain(&model.aliases) {
                if !names.insert(name.as_str()) {
                    return Err(format!("two models are called `{name}`"));
                }
            }
            prices(model)?;
        }
        for model in &self.models {
            for other in [&model.successor, &model.fallback].into_iter().flatten() {
                if !names.contains(other.as_str()) {
                    return Err(format!(
                        "`{}` points at `{other}`, which has no row",
                        model.id
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Whatever the day and the length of the prompt, there is exactly one price.
fn prices(model: &Model) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for price in &model.prices {
        if !seen.insert((price.valid_from, price.prompt_tokens_over)) {
            let (day, over) = (price.valid_from, price.prompt_tokens_over);
            return Err(format!(
                "`{}` has two prices of {day} over {over} tokens",
                model.id
            ));
        }
    }
    let days: BTreeSet<_> = model.prices.iter().map(|price| price.valid_from).collect();
    if days.is_empty() {
        return Err(format!("`{}` has no price", model.id));
    }
    match days.into_iter().find(|day| !seen.contains(&(*day, 0))) {
        Some(day) => Err(format!(
            "`{}` has no price of {day} for short prompts",
            model.id
        )),
        None => Ok(()),
    }
}

//! The vendors that can be reached from here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Anthropic, Catalogue, ModelProvider, Ollama, OpenAi, anthropic, ollama, openai};
use crate::config::{HttpUrl, ModelsConfig};

/// A vendor cannot be reached: something is not set, or set wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("models of {vendor} cannot be used: {reason}")]
pub struct NotConfigured {
    vendor: String,
    reason: String,
}

impl NotConfigured {
    pub(super) fn new(vendor: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            vendor: vendor.into(),
            reason: reason.into(),
        }
    }
}

type Found = Result<Arc<dyn ModelProvider>, NotConfigured>;

/// The vendors, by the names their models carry in the catalogue.
#[derive(Debug, Clone)]
pub struct Providers {
    vendors: BTreeMap<&'static str, Found>,
}

impl Providers {
    /// The vendors of the configuration. One that is not configured says so when it is asked for.
    pub fn new(config: &ModelsConfig) -> Self {
        let vendors = match Catalogue::configured(config) {
            Ok(catalogue) => vendors(config, &Arc::new(catalogue)),
            Err(error) => {
                let reason = error.to_string();
                let wrong = |name| (name, Err(NotConfigured::new(name, reason.clone())));
                BTreeMap::from([anthropic::NAME, openai::NAME, ollama::NAME].map(wrong))
            }
        };
        Self { vendors }
    }

    /// No vendor at all, for those who insert their own.
    pub fn none() -> Self {
        Self {
            vendors: BTreeMap::new(),
        }
    }

    /// Adds a vendor, in the place of one with the same name.
    pub fn insert(&mut self, provider: Arc<dyn ModelProvider>) {
        self.vendors.insert(provider.name(), Ok(provider));
    }

    /// The vendor of this name.
    pub fn get(&self, name: &str) -> Found {
        let missing = || Err(NotConfigured::new(name, "no such vendor is known here"));
        self.vendors.get(name).cloned().unwrap_or_else(missing)
    }
}

fn vendors(config: &ModelsConfig, catalogue: &Arc<Catalogue>) -> BTreeMap<&'static str, Found> {
    BTreeMap::from([
        (anthropic::NAME, anthropic(config, catalogue)),
        (openai::NAME, openai(config, catalogue)),
        (ollama::NAME, ollama(config, catalogue)),
    ])
}

fn anthropic(config: &ModelsConfig, catalogue: &Arc<Catalogue>) -> Found {
    let (key, base) = (&config.anthropic_api_key, &config.anthropic_base_url);
    if key.is_none() && base.is_none() {
        let reason = "set CODEGRAPH_ANTHROPIC_API_KEY (or ANTHROPIC_API_KEY)";
        return Err(NotConfigured::new(anthropic::NAME, reason));
    }
    let base = or_default(base.as_ref(), anthropic::ADDRESS, anthropic::NAME)?;
    let vendor = Anthropic::new(&base, key.clone(), catalogue.clone())?;
    Ok(Arc::new(vendor))
}

fn openai(config: &ModelsConfig, catalogue: &Arc<Catalogue>) -> Found {
    let (key, base) = (&config.openai_api_key, &config.openai_base_url);
    if key.is_none() && base.is_none() {
        let reason =
            "set CODEGRAPH_OPENAI_API_KEY, or CODEGRAPH_OPENAI_BASE_URL for a server without a key";
        return Err(NotConfigured::new(openai::NAME, reason));
    }
    let base = or_default(base.as_ref(), openai::ADDRESS, openai::NAME)?;
    let vendor = OpenAi::new(&base, key.clone(), catalogue.clone())?;
    Ok(Arc::new(vendor))
}

fn ollama(config: &ModelsConfig, catalogue: &Arc<Catalogue>) -> Found {
    let Some(base) = &config.ollama_url else {
        let reason = "set CODEGRAPH_OLLAMA_URL, such as http://127.0.0.1:11434";
        return Err(NotConfigured::new(ollama::NAME, reason));
    };
    let vendor = Ollama::new(base, catalogue.clone())?;
    Ok(Arc::new(vendor))
}

fn or_default(base: Option<&HttpUrl>, usual: &str, vendor: &str) -> Result<HttpUrl, NotConfigured> {
    match base {
        Some(base) => Ok(base.clone()),
        None => usual
            .parse()
            .map_err(|wrong: &str| NotConfigured::new(vendor, wrong)),
    }
}

//! Which models roles would use, and whether their vendors can be reached. Keys are never shown, not even in part.

use std::collections::BTreeMap;

use super::report::Finding;
use crate::{
    config::ModelsConfig,
    providers::llm::{Catalogue, Providers},
};

/// The roles that speak to models.
const ROLES: [&str; 4] = ["planner", "coder", "tester", "reviewer"];

const REMEDY: &str = "set ANTHROPIC_API_KEY; or OPENAI_API_KEY (and OPENAI_BASE_URL) with CODEGRAPH_OPENAI_MODEL; or \
                      CODEGRAPH_OLLAMA_URL with CODEGRAPH_OLLAMA_MODEL";

pub(super) fn check(config: &ModelsConfig) -> Finding {
    let catalogue = match Catalogue::configured(config) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            return Finding::fail("models", error.to_string())
                .remedy("correct that setting; .env.sample explains it");
        }
    };
    if config.script.is_some() {
        return Finding::warn("models", "a scenario stands in for them (CODEGRAPH_SCRIPT)")
            .detail("its replies are written beforehand: for demonstrations and tests");
    }
    let providers = Providers::new(config);
    let mut used: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut missing: BTreeMap<&str, String> = BTreeMap::new();
    for role in ROLES {
        let model = catalogue.for_role(role);
        used.entry(&model.id).or_default().push(role);
        if let Err(why) = providers.get(&model.provider) {
            missing.insert(&model.id, why.to_string());
        }
    }
    let told = |(model, roles): (&&str, &Vec<&str>)| format!("{model} ({})", roles.join(", "));
    let used: Vec<String> = used.iter().map(told).collect();
    if missing.is_empty() {
        return Finding::ok("models", used.join("; "));
    }
    let vendor = config.has_anthropic() || config.has_openai() || config.ollama_url.is_some();
    let said = if vendor {
        "the models that roles use cannot be reached"
    } else {
        "none is configured"
    };
    let why: Vec<String> = missing.into_values().collect();
    Finding::warn("models", said)
        .detail(format!(
            "roles use {}; {}. `codegraph demo` needs none; real tasks do",
            used.join("; "),
            why.join("; ")
        ))
        .remedy(REMEDY)
}

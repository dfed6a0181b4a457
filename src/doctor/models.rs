//! Which model vendors can be used. Keys are never shown, not even in part.

use crate::config::ModelsConfig;

use super::report::Finding;

pub(super) fn check(config: &ModelsConfig) -> Finding {
    let vendors: Vec<String> = [
        config
            .anthropic_api_key
            .as_ref()
            .map(|_| "Anthropic (key set)".to_owned()),
        config
            .openai_base_url
            .as_ref()
            .map(|url| format!("OpenAI-compatible at {url}")),
        config
            .openai_api_key
            .as_ref()
            .map(|_| "OpenAI (key set)".to_owned()),
        config
            .ollama_url
            .as_ref()
            .map(|url| format!("Ollama at {url}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if vendors.is_empty() {
        return Finding::warn("models", "none is configured")
            .detail("`codegraph demo` needs none; real tasks do")
            .remedy(
                "set ANTHROPIC_API_KEY, or OPENAI_API_KEY (and OPENAI_BASE_URL), \
                 or CODEGRAPH_OLLAMA_URL",
            );
    }
    Finding::ok("models", vendors.join(", "))
}

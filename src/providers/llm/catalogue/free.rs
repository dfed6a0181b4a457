//! Models that have no row: whatever a server of one's own calls them. Nothing is known of them but how to ask.

use chrono::NaiveDate;

use super::super::{ollama, openai};
use super::{Model, Price, State, Thinking, Tier};

/// Longest name.
const LONGEST: usize = 100;

/// What is assumed of a model of which nothing is known: the window and the longest answer, in tokens.
const SERVED: (u64, u32) = (128_000, 16_000);
/// The same of one on a machine of one's own, where windows are small.
const LOCAL: (u64, u32) = (32_000, 8_000);

/// The model that `openai/NAME` or `ollama/NAME` names.
pub(super) fn model(id: &str) -> Option<Model> {
    let (provider, name) = id.split_once('/')?;
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(plain) {
        return None;
    }
    let ((context, output), version) = match provider {
        // Nobody has told us the price; the ledger says so instead of calling it free.
        openai::NAME => (SERVED, "unknown"),
        ollama::NAME => (LOCAL, "own machine"),
        _ => return None,
    };
    Some(Model {
        id: id.to_owned(),
        aliases: Vec::new(),
        served_as: Some(name.to_owned()),
        provider: provider.to_owned(),
        tier: Tier::Standard,
        context,
        output,
        state: State::Current,
        retires: None,
        successor: None,
        fallback: None,
        effort: false,
        thinking: Thinking::None,
        prices: vec![Price {
            version: version.to_owned(),
            valid_from: NaiveDate::MIN,
            prompt_tokens_over: 0,
            input: 0,
            output: 0,
            cache_read: 0,
            cache_write: 0,
        }],
    })
}

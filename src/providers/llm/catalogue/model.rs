//! A row of the catalogue.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::super::Usage;

/// Tokens a price is for.
const MILLION: u128 = 1_000_000;

/// A model, as far as the program has to know it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The vendor's name of it.
    pub id: String,
    /// Other names the vendor takes for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What its server calls it, where that is not its id.
    #[serde(default)]
    pub served_as: Option<String>,
    /// The name of the provider that reaches it.
    pub provider: String,
    /// What it is good for.
    pub tier: Tier,
    /// Tokens of prompt and answer together.
    pub context: u64,
    /// The most tokens of an answer.
    pub output: u32,
    /// How far its life has gone, by the vendor's word.
    pub state: State,
    /// The day from which the vendor does not serve it any more.
    #[serde(default)]
    pub retires: Option<NaiveDate>,
    /// The model to use instead.
    #[serde(default)]
    pub successor: Option<String>,
    /// The model to go on with when this one refuses or fails.
    #[serde(default)]
    pub fallback: Option<String>,
    /// Whether it understands how hard it shall think.
    #[serde(default)]
    pub effort: bool,
    /// How it is told to think.
    #[serde(default)]
    pub thinking: Thinking,
    /// What it costs, and cost.
    pub prices: Vec<Price>,
}

/// What a model is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Titles, summaries, sorting.
    Fast,
    /// Writing code and tests.
    Standard,
    /// Plans and judgements.
    Deep,
}

/// How far the life of a model has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The vendor's present.
    Current,
    /// Works, but there is a better one.
    Legacy,
    /// Works until a day that is set.
    Deprecated,
    /// Does not answer any more.
    Retired,
}

/// How a model is told to think.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thinking {
    /// It is not.
    #[default]
    None,
    /// It decides itself how much.
    Adaptive,
}

/// A price, in micro-dollars for a million tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// What the ledger writes down, so that a bill can be checked later.
    pub version: String,
    /// The first day it holds, in UTC.
    pub valid_from: NaiveDate,
    /// It holds for prompts of more tokens than this.
    #[serde(default)]
    pub prompt_tokens_over: u64,
    /// Prompt that is read anew.
    pub input: u64,
    /// Answer.
    pub output: u64,
    /// Prompt from the cache.
    pub cache_read: u64,
    /// Prompt that is put into the cache.
    pub cache_write: u64,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Standard, Self::Deep];

    /// What a role needs.
    pub fn of_role(role: &str) -> Self {
        match role {
            "planner" | "reviewer" => Self::Deep,
            _ => Self::Standard,
        }
    }
}

impl Model {
    /// Whether this is one of its names.
    pub(super) fn is(&self, name: &str) -> bool {
        self.id == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// How far its life has gone at that time: the day it retires comes without anybody editing the row.
    pub fn state_at(&self, at: DateTime<Utc>) -> State {
        match self.retires {
            Some(day) if day <= at.date_naive() => State::Retired,
            _ => self.state,
        }
    }

    /// What a prompt of this length costs at that time. Before the first known price, that one.
    pub fn price(&self, at: DateTime<Utc>, prompt_tokens: u64) -> &Price {
        let day = at.date_naive();
        let days = self.prices.iter().map(|price| price.valid_from);
        let begun = days.clone().filter(|from| *from <= day).max();
        let from = begun.or_else(|| days.min());
        let fits = |price: &&Price| {
            Some(price.valid_from) == from
                && (price.prompt_tokens_over == 0 || price.prompt_tokens_over < prompt_tokens)
        };
        let holds = self.prices.iter().filter(fits);
        let holds = holds.max_by_key(|price| price.prompt_tokens_over);
        // A row without a price for short prompts is not let in.
        holds.unwrap_or(&self.prices[0])
    }

    /// What holds at that time, for short prompts first.
    pub fn prices_at(&self, at: DateTime<Utc>) -> Vec<Price> {
        let from = self.price(at, 0).valid_from;
        let holds = self.prices.iter().filter(|price| price.valid_from == from);
        let mut holds: Vec<Price> = holds.cloned().collect();
        holds.sort_by_key(|price| price.prompt_tokens_over);
        holds
    }

    /// The most a call can cost in micro-dollars: nothing of the prompt is cached, the answer is as long as it
    /// may be.
    pub fn worst_case(&self, prompt_tokens: u64, max_tokens: u32, at: DateTime<Utc>) -> i64 {
        let price = self.price(at, prompt_tokens);
        let output = u64::from(max_tokens);
        let anew = Usage {
            input: prompt_tokens,
            output,
            ..Usage::default()
        };
        let cached = Usage {
            cache_write: prompt_tokens,
            output,
            ..Usage::default()
        };
        price.cost(&anew).max(price.cost(&cached))
    }
}

impl Price {
    /// What was used costs this many micro-dollars, rounded up.
    pub fn cost(&self, usage: &Usage) -> i64 {
        let parts = [
            (usage.input, self.input),
            (usage.output, self.output),
            (usage.cache_read, self.cache_read),
            (usage.cache_write, self.cache_write),
        ];
        let parts = parts.map(|(tokens, price)| u128::from(tokens) * u128::from(price));
        let total = parts.into_iter().fold(0_u128, u128::saturating_add);
        i64::try_from(total.div_ceil(MILLION)).unwrap_or(i64::MAX)
    }
}

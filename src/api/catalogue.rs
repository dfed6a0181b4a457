//! The models that tasks can name.

use chrono::{NaiveDate, Utc};
use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, payload::Json};

use super::{ApiState, Problem, Tag, auth::Auth};
use crate::services::catalogue::{self, Offered};

#[derive(Default)]
pub(super) struct CatalogueApi;

/// What a model is good for.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "ModelTier", rename_all = "snake_case")]
enum Tier {
    /// Titles, summaries, sorting.
    Fast,
    /// Writing code and tests.
    Standard,
    /// Plans and judgements.
    Deep,
}

/// How far the life of a model has gone.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "ModelState", rename_all = "snake_case")]
enum State {
    /// The vendor's present.
    Current,
    /// Works, but there is a better one.
    Legacy,
    /// Works until a day that is set.
    Deprecated,
    /// Does not answer any more.
    Retired,
}

/// What a model costs, in millionths of a US dollar for a million tokens.
#[derive(Debug, Clone, Object)]
struct ModelPrice {
    /// It holds for prompts of more tokens than this.
    prompt_tokens_over: u64,
    /// Prompt that is read anew.
    input: u64,
    /// Answer.
    output: u64,
    /// Prompt from the cache.
    cache_read: u64,
    /// Prompt that is put into the cache.
    cache_write: u64,
    /// What the ledger writes down, so that a bill can be checked later.
    version: String,
}

/// A model.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
struct Model {
    /// Its name, as a task's options take it.
    id: String,
    /// Other names that are taken for it.
    aliases: Vec<String>,
    /// Who makes it.
    provider: String,
    /// What it is good for.
    tier: Tier,
    /// Tokens of prompt and answer together.
    context: u64,
    /// The most tokens of an answer.
    max_output: u32,
    /// How far its life has gone.
    state: State,
    /// The day from which it is not served any more.
    retires: Option<NaiveDate>,
    /// The model to use instead.
    successor: Option<String>,
    /// What it costs now; of several, the one with the highest `prompt_tokens_over` below the length of the prompt
    /// holds for the whole prompt.
    prices: Vec<ModelPrice>,
    /// Whether it can be used here: its vendor is configured and it is not retired.
    available: bool,
    /// What is missing, when its vendor is not configured.
    missing: Option<String>,
    /// Roles that use it when a task says nothing.
    default_of: Vec<String>,
}

/// Models.
#[derive(Object)]
struct ModelList {
    /// All that are known.
    items: Vec<Model>,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Models")]
impl CatalogueApi {
    /// List models
    ///
    /// All that a task can name, with prices, and whether this node has what it takes to reach their vendor. Keys are
    /// never shown.
    #[oai(path = "/models", method = "get", operation_id = "listModels")]
    async fn list(&self, state: Data<&ApiState>, auth: Auth) -> Result<Json<ModelList>, Problem> {
        auth.may("listModels")?;
        let models = state.work.models.list(Utc::now());
        Ok(Json(ModelList {
            items: models.into_iter().map(Model::from).collect(),
        }))
    }
}

impl From<Offered> for Model {
    fn from(model: Offered) -> Self {
        let state = match model.state {
            catalogue::State::Current => State::Current,
            catalogue::State::Legacy => State::Legacy,
            catalogue::State::Deprecated => State::Deprecated,
            catalogue::State::Retired => State::Retired,
        };
        let price = |price: catalogue::Price| ModelPrice {
            prompt_tokens_over: price.prompt_tokens_over,
            input: price.input,
            output: price.output,
            cache_read: price.cache_read,
            cache_write: price.cache_write,
            version: price.version,
        };
        Self {
            available: model.missing.is_none() && !matches!(state, State::Retired),
            id: model.id,
            aliases: model.aliases,
            provider: model.provider,
            tier: match model.tier {
                catalogue::Tier::Fast => Tier::Fast,
                catalogue::Tier::Standard => Tier::Standard,
                catalogue::Tier::Deep => Tier::Deep,
            },
            context: model.context,
            max_output: model.output,
            state,
            retires: model.retires,
            successor: model.successor,
            prices: model.prices.into_iter().map(price).collect(),
            missing: model.missing,
            default_of: model.roles.into_iter().map(str::to_owned).collect(),
        }
    }
}

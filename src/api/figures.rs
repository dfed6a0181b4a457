//! Figures for people: cost, tokens, how runs went. What machines scrape is in `metrics`.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, param::Query, payload::Json};
use uuid::Uuid;

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Id, kind},
};
use crate::services::figures::{self, Period, Scope, Source, Used, Went};

#[derive(Default)]
pub(super) struct FiguresApi;

/// What agents used.
#[derive(Debug, Clone, Object)]
struct Spending {
    /// Calls of models.
    calls: i64,
    /// Tokens that went in, those of the cache not counted.
    input_tokens: i64,
    /// Tokens that came out.
    output_tokens: i64,
    /// Tokens read from the vendor's cache.
    cache_read_tokens: i64,
    /// Tokens written to the vendor's cache.
    cache_write_tokens: i64,
    /// What it cost, in millionths of a US dollar.
    cost_usd_micros: i64,
}

/// How runs went that were started in a period.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
struct RunFigures {
    /// All of them.
    started: i64,
    /// Those that came to a good end.
    succeeded: i64,
    /// Those whose end a person has to look at.
    needs_human: i64,
    /// Those that a person or the reviewer turned down.
    rejected: i64,
    /// Those that could not go on.
    failed: i64,
    /// Those that a person has ended.
    canceled: i64,
    /// Those that have not ended.
    open: i64,
    /// Of those that ended and were not canceled, the part that came to a good end: 0 to 1; absent when there are none.
    success_rate: Option<f64>,
    /// Half of those that came to a good end took no longer, in seconds.
    median_lead_seconds: Option<f64>,
}

/// All in all.
#[derive(Object)]
struct MetricsSummary {
    /// From then on.
    from: DateTime<Utc>,
    /// Before then.
    to: DateTime<Utc>,
    /// What agents used in the period.
    usage: Spending,
    /// The runs that were started in the period.
    runs: RunFigures,
    /// What agents used in the period of the same length before it.
    usage_before: Spending,
    /// The runs that were started in the period before it.
    runs_before: RunFigures,
}

/// A stretch of time.
#[derive(Object)]
struct MetricsBucket {
    /// Where it begins.
    start: DateTime<Utc>,
    /// Where it ends.
    end: DateTime<Utc>,
    /// Whether it is not over yet, or the period covers a part of it only.
    partial: bool,
    /// What agents used in it.
    usage: Spending,
    /// The runs that were started in it.
    runs: RunFigures,
}

/// Stretch by stretch.
#[derive(Object)]
struct MetricsSeries {
    /// Oldest first, without a gap.
    items: Vec<MetricsBucket>,
}

/// What is under one heading.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct MetricsPart {
    /// The heading: the name of a model or role, an id, or where runs stand; empty for what belongs to no task.
    key: String,
    /// The heading for people.
    label: String,
    /// What was used; absent with `by=status`.
    usage: Option<Spending>,
    /// The runs; under a model or a role, those in which it took part: one run can count under several.
    runs: RunFigures,
}

/// Heading by heading.
#[derive(Object)]
struct MetricsBreakdown {
    /// The most expensive first; 100 at most.
    items: Vec<MetricsPart>,
}

/// How long the stretches of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "MetricsBucketLength", rename_all = "snake_case")]
enum Length {
    /// An hour.
    Hour,
    /// A day of the time zone.
    Day,
    /// A week of the time zone, from Monday.
    Week,
}

/// What figures are broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "MetricsBy", rename_all = "snake_case")]
enum By {
    /// The model.
    Model,
    /// The role of the agent.
    Role,
    /// The repository.
    Repository,
    /// Who asked for the task.
    User,
    /// Where the runs stand.
    Status,
}

#[OpenApi(prefix_path = "/api/v1/metrics", tag = "Tag::Metrics")]
impl FiguresApi {
    /// Sum up a period
    ///
    /// Cost, tokens and how runs went, of the work one may see, beside the period of the same length before. Figures may
    /// be 15 seconds old.
    #[oai(path = "/summary", method = "get", operation_id = "getMetricsSummary")]
    async fn summary(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// From then on; thirty days before `to` when nothing is said. At most 400 days before it.
        from: Query<Option<DateTime<Utc>>>,
        /// Before then; now when nothing is said.
        to: Query<Option<DateTime<Utc>>>,
        /// Of this repository alone.
        repository_id: Query<Option<Id<kind::Repository>>>,
    ) -> Result<Json<MetricsSummary>, Problem> {
        let caller = auth.may("getMetricsSummary")?;
        let scope = Scope::new(caller, period(from.0, to.0, repository_id.0))?;
        let (used, went) = figures::summary(source(&state), &scope).await?;
        let (used_before, went_before) = figures::summary(source(&state), &scope.before()).await?;
        Ok(Json(MetricsSummary {
            from: scope.from(),
            to: scope.to(),
            usage: used.into(),
            runs: went.into(),
            usage_before: used_before.into(),
            runs_before: went_before.into(),
        }))
    }

    /// Follow figures over time
    ///
    /// The same figures for each hour, day or week of a period; at most 1,000 of them.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    #[oai(path = "/series", method = "get", operation_id = "getMetricsSeries")]
    async fn series(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// From then on; thirty days before `to` when nothing is said. At most 400 days before it.
        from: Query<Option<DateTime<Utc>>>,
        /// Before then; now when nothing is said.
        to: Query<Option<DateTime<Utc>>>,
        /// How long the stretches are (`day`).
        bucket: Query<Option<Length>>,
        /// The time zone whose days and weeks they are, such as `Europe/Berlin` (`UTC`).
        #[oai(validator(
            min_length = 1,
            max_length = 60,
            pattern = "^[A-Za-z][A-Za-z0-9_+/-]*$"
        ))]
        time_zone: Query<Option<String>>,
        /// Of this repository alone.
        repository_id: Query<Option<Id<kind::Repository>>>,
    ) -> Result<Json<MetricsSeries>, Problem> {
        let caller = auth.may("getMetricsSeries")?;
        let scope = Scope::new(caller, period(from.0, to.0, repository_id.0))?;
        let bucket = match bucket.0.unwrap_or(Length::Day) {
            Length::Hour => "hour",
            Length::Day => "day",
            Length::Week => "week",
        };
        let zone = time_zone.0.unwrap_or_else(|| "UTC".to_owned());
        let buckets = figures::series(source(&state), &scope, bucket, &zone).await?;
        let items = buckets.into_iter().map(|bucket| MetricsBucket {
            start: bucket.start,
            end: bucket.end,
            partial: bucket.partial,
            usage: bucket.used.into(),
            runs: bucket.went.into(),
        });
        Ok(Json(MetricsSeries {
            items: items.collect(),
        }))
    }

    /// Break figures down
    ///
    /// By model, role, repository, person or where the runs stand.
    #[oai(
        path = "/breakdown",
        method = "get",
        operation_id = "getMetricsBreakdown"
    )]
    async fn breakdown(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// What they are broken down by.
        by: Query<By>,
        /// From then on; thirty days before `to` when nothing is said. At most 400 days before it.
        from: Query<Option<DateTime<Utc>>>,
        /// Before then; now when nothing is said.
        to: Query<Option<DateTime<Utc>>>,
        /// Of this repository alone.
        repository_id: Query<Option<Id<kind::Repository>>>,
    ) -> Result<Json<MetricsBreakdown>, Problem> {
        let caller = auth.may("getMetricsBreakdown")?;
        let scope = Scope::new(caller, period(from.0, to.0, repository_id.0))?;
        let by = match by.0 {
            By::Model => figures::By::Model,
            By::Role => figures::By::Role,
            By::Repository => figures::By::Repository,
            By::User => figures::By::User,
            By::Status => figures::By::Status,
        };
        let parts = figures::breakdown(source(&state), &scope, by).await?;
        let items = parts.into_iter().map(|part| MetricsPart {
            key: shown(by, part.key),
            label: part.label,
            usage: part.used.map(Spending::from),
            runs: part.went.into(),
        });
        Ok(Json(MetricsBreakdown {
            items: items.collect(),
        }))
    }
}

/// A heading as the rest of the API shows it.
fn shown(by: figures::By, key: String) -> String {
    match (by, key.parse::<Uuid>()) {
        (figures::By::Repository, Ok(id)) => Id::<kind::Repository>::from(id).to_string(),
        (figures::By::User, Ok(id)) => Id::<kind::User>::from(id).to_string(),
        _ => key,
    }
}

fn source(state: &ApiState) -> Source<'_> {
    Source {
        db: &state.db,
        cache: &state.cache,
        feed: &state.feed,
    }
}

fn period(
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    repository: Option<Id<kind::Repository>>,
) -> Period {
    Period {
        from,
        to,
        repository: repository.map(|id| id.0),
    }
}

impl From<Used> for Spending {
    fn from(used: Used) -> Self {
        Self {
            calls: used.calls,
            input_tokens: used.input_tokens,
            output_tokens: used.output_tokens,
            cache_read_tokens: used.cache_read_tokens,
            cache_write_tokens: used.cache_write_tokens,
            cost_usd_micros: used.cost_usd_micros,
        }
    }
}

impl From<Went> for RunFigures {
    fn from(went: Went) -> Self {
        let judged = went.succeeded + went.needs_human + went.rejected + went.failed;
        let rate = went.succeeded as f64 / judged as f64;
        Self {
            started: went.started,
            succeeded: went.succeeded,
            needs_human: went.needs_human,
            rejected: went.rejected,
            failed: went.failed,
            canceled: went.canceled,
            open: went.started - judged - went.canceled,
            success_rate: (judged > 0).then_some(rate),
            median_lead_seconds: went.median_s,
        }
    }
}

//! Counts of what is under way, for those who watch.

use sqlx::PgExecutor;

/// How many living runs there are of a lane in a state.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadCount {
    /// The lane.
    pub lane: String,
    /// The state.
    pub state: String,
    /// How many.
    pub runs: i64,
    /// For how long the first of them has been so, in seconds.
    pub oldest_s: f64,
}

/// Living runs by lane and state.
pub async fn heads(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<HeadCount>> {
    sqlx::query_as!(
        HeadCount,
        r#"select lane, state, count(*) as "runs!",
                  extract(epoch from clock_timestamp() - min(since))::float8 as "oldest_s!"
           from run_heads group by lane, state order by lane, state"#
    )
    .fetch_all(db)
    .await
}

/// Workers whose lease is good.
pub async fn workers(db: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "workers!" from workers where lease_until > clock_timestamp()"#
    )
    .fetch_one(db)
    .await
}

//! What agents used, in quarters of hours, and how runs went: what figures are made of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::repository::Viewer;

/// Stands for the repository and the person of what belongs to no task: nobody has this id.
pub const NOBODYS: Uuid = Uuid::nil();

/// Adds a finished call to its quarter of an hour. One that belongs to no task is nobody's.
pub async fn add(conn: &mut PgConnection, call: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into usage_slots as u (slot, repository_id, user_id, model, agent, calls, input_tokens, output_tokens,
                                       cache_read_tokens, cache_write_tokens, cost_usd_micros)
         select date_bin('15 minutes', c.ended_at, 'epoch'), coalesce(t.repository_id, $2), coalesce(t.created_by, $2),
                c.model, a.agent, 1, coalesce(c.input_tokens, 0), coalesce(c.output_tokens, 0), coalesce(c.cache_read_tokens, 0),
                coalesce(c.cache_write_tokens, 0), coalesce(c.cost_usd_micros, 0)
         from model_calls c
         join agent_runs a on a.id = c.agent_run_id
         join runs n on n.id = a.run_id
         left join runs p on p.id = n.parent_run
         left join tasks t on t.id = coalesce(n.task_id, p.task_id)
         where c.id = $1
         on conflict (slot, repository_id, user_id, model, agent) do update
         set calls = u.calls + 1, input_tokens = u.input_tokens + excluded.input_tokens,
             output_tokens = u.output_tokens + excluded.output_tokens,
             cache_read_tokens = u.cache_read_tokens + excluded.cache_read_tokens,
             cache_write_tokens = u.cache_write_tokens + excluded.cache_write_tokens,
             cost_usd_micros = u.cost_usd_micros + excluded.cost_usd_micros",
        call,
        NOBODYS
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What figures are asked about.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// Who asks.
    pub viewer: Viewer,
    /// From then on.
    pub from: DateTime<Utc>,
    /// Before then.
    pub to: DateTime<Utc>,
    /// Of this repository alone.
    pub repository: Option<Uuid>,
}

impl Scope {
    /// Runs have ids that grow with time: those from then on, and an hour more, because the clocks that make ids are
    /// not the database's.
    fn first_run(&self) -> Uuid {
        let millis = self.from.timestamp_millis() - 3_600_000;
        let millis = u64::try_from(millis).unwrap_or_default();
        Uuid::from_u128(u128::from(millis) << 80)
    }
}

/// What was used under one heading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// The heading: a model, a role, an id; empty for everything.
    pub key: String,
    /// Where its bucket begins, when there are buckets.
    pub start: Option<DateTime<Utc>>,
    /// Calls of models.
    pub calls: i64,
    /// Tokens that went in.
    pub input_tokens: i64,
    /// Tokens that came out.
    pub output_tokens: i64,
    /// Tokens read from a cache.
    pub cache_read_tokens: i64,
    /// Tokens written to a cache.
    pub cache_write_tokens: i64,
    /// Millionths of a dollar.
    pub cost_usd_micros: i64,
}

/// What was used, the most expensive heading first. `by` is `model`, `role`, `repository`, `user`; anything else puts
/// all under one.
pub async fn used_by(
    db: impl PgExecutor<'_>,
    scope: &Scope,
    by: &str,
    most: i64,
) -> sqlx::Result<Vec<Used>> {
    sqlx::query_as!(
        Used,
        r#"select case $6 when 'model' then u.model when 'role' then u.agent when 'repository' then u.repository_id::text
                         when 'user' then u.user_id::text else '' end as "key!",
                  null::timestamptz as "start?", sum(u.calls)::bigint as "calls!",
                  sum(u.input_tokens)::bigint as "input_tokens!", sum(u.output_tokens)::bigint as "output_tokens!",
                  sum(u.cache_read_tokens)::bigint as "cache_read_tokens!",
                  sum(u.cache_write_tokens)::bigint as "cache_write_tokens!",
                  sum(u.cost_usd_micros)::bigint as "cost_usd_micros!"
           from usage_slots u
           where u.slot >= $3 and u.slot < $4 and ($5::uuid is null or u.repository_id = $5)
             and ($1 or u.user_id = $2 or u.repository_id = any(
                 array(select r.id from repositories r where r.owner_id = $2 or r.visibility = 'team')))
           group by 1 order by "cost_usd_micros!" desc, 1 limit $7"#,
        scope.viewer.all,
        scope.viewer.user,
        scope.from,
        scope.to,
        scope.repository,
        by,
        most
    )
    .fetch_all(db)
    .await
}

/// What was used in each bucket (`hour`, `day` or `week` of this time zone) in which anything was.
pub async fn used_in(
    db: impl PgExecutor<'_>,
    scope: &Scope,
    bucket: &str,
    zone: &str,
) -> sqlx::Result<Vec<Used>> {
    sqlx::query_as!(
        Used,
        r#"select '' as "key!", date_trunc($6, s.slot, $7) as start, sum(s.calls)::bigint as "calls!",
                  sum(s.input_tokens)::bigint as "input_tokens!", sum(s.output_tokens)::bigint as "output_tokens!",
                  sum(s.cache_read_tokens)::bigint as "cache_read_tokens!",
                  sum(s.cache_write_tokens)::bigint as "cache_write_tokens!",
                  sum(s.cost_usd_micros)::bigint as "cost_usd_micros!"
           from (select u.slot, sum(u.calls) as calls, sum(u.input_tokens) as input_tokens,
                        sum(u.output_tokens) as output_tokens, sum(u.cache_read_tokens) as cache_read_tokens,
                        sum(u.cache_write_tokens) as cache_write_tokens, sum(u.cost_usd_micros) as cost_usd_micros
                 from usage_slots u
                 where u.slot >= $3 and u.slot < $4 and ($5::uuid is null or u.repository_id = $5)
                   and ($1 or u.user_id = $2 or u.repository_id = any(
                       array(select r.id from repositories r where r.owner_id = $2 or r.visibility = 'team')))
                 group by u.slot) s
           group by 2 order by 2"#,
        scope.viewer.all,
        scope.viewer.user,
        scope.from,
        scope.to,
        scope.repository,
        bucket,
        zone
    )
    .fetch_all(db)
    .await
}

/// What was spent of what this person sees since `today` and since `week`, which is no later, in millionths of a
/// dollar: both in one look, for the first page.
pub async fn spent(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    today: DateTime<Utc>,
    week: DateTime<Utc>,
) -> sqlx::Result<(i64, i64)> {
    sqlx::query!(
        r#"select coalesce(sum(u.cost_usd_micros) filter (where u.slot >= $3), 0)::bigint as "today!",
                  coalesce(sum(u.cost_usd_micros), 0)::bigint as "week!"
           from usage_slots u
           where u.slot >= $4
             and ($1 or u.user_id = $2 or u.repository_id = any(
                 array(select r.id from repositories r where r.owner_id = $2 or r.visibility = 'team')))"#,
        viewer.all,
        viewer.user,
        today,
        week
    )
    .map(|row| (row.today, row.week))
    .fetch_one(db)
    .await
}

/// How runs went that were started in a period.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Went {
    /// The heading: an id, where they stand; empty for all.
    pub key: String,
    /// Where their bucket begins, when there are buckets.
    pub start: Option<DateTime<Utc>>,
    /// All of them.
    pub started: i64,
    /// Those that came to a good end.
    pub succeeded: i64,
    /// Those whose end a person has to look at.
    pub needs_human: i64,
    /// Those that a person or the reviewer turned down.
    pub rejected: i64,
    /// Those that could not go on.
    pub failed: i64,
    /// Those that a person has ended.
    pub canceled: i64,
    /// Half of those that came to a good end took no longer, in seconds.
    pub median_s: Option<f64>,
}

/// The statement that counts runs `n` by where they stand, between what it is headed by and what they are taken from.
macro_rules! went {
    ($head:literal, $from:literal, $($value:expr),* $(,)?) => {
        sqlx::query_as!(
            Went,
            $head + r#"count(*) as "started!", count(*) filter (where n.status = 'succeeded') as "succeeded!",
                  count(*) filter (where n.status = 'needs_human') as "needs_human!",
                  count(*) filter (where n.status = 'rejected') as "rejected!",
                  count(*) filter (where n.status = 'failed') as "failed!",
                  count(*) filter (where n.status = 'canceled') as "canceled!",
                  percentile_cont(0.5) within group (order by extract(epoch from n.ended_at - n.created_at)::float8)
                      filter (where n.status = 'succeeded') as "median_s?" "# + $from,
            $($value),*
        )
    };
}

/// How runs went. `by` is `repository`, `user`, `status`, `hour`, `day` or `week` of this time zone; anything else puts
/// all under one heading.
pub async fn went_by(
    db: impl PgExecutor<'_>,
    scope: &Scope,
    by: &str,
    zone: &str,
) -> sqlx::Result<Vec<Went>> {
    went!(
        r#"select case $6 when 'repository' then n.repository_id::text when 'user' then n.created_by::text
                         when 'status' then n.status else '' end as "key!",
                  case when $6 in ('hour', 'day', 'week') then date_trunc($6, n.created_at, $7) end as "start?", "#,
        r#"from (select t.repository_id, t.created_by, n.created_at, n.ended_at,
                        run_status(n.outcome, n.output ->> 'result', h.state, h.paused, h.waits, h.waits_for, h.step) as status
                 from runs n
                 join tasks t on t.id = n.task_id
                 left join run_heads h on h.run_id = n.id
                 where n.id >= $8 and n.created_at >= $3 and n.created_at < $4
                   and ($5::uuid is null or t.repository_id = $5)
                   and ($1 or t.created_by = $2 or t.repository_id = any(
                       array(select r.id from repositories r where r.owner_id = $2 or r.visibility = 'team')))) n
           group by 1, 2 order by "started!" desc, 1, 2"#,
        scope.viewer.all,
        scope.viewer.user,
        scope.from,
        scope.to,
        scope.repository,
        by,
        zone,
        scope.first_run()
    )
    .fetch_all(db)
    .await
}

/// The same by `model` or `role`: the runs in which it took part, attempts of theirs included. A run counts under each of
/// its own.
pub async fn went_with(
    db: impl PgExecutor<'_>,
    scope: &Scope,
    by: &str,
) -> sqlx::Result<Vec<Went>> {
    went!(
        r#"with took_part as (
               select distinct coalesce(n.parent_run, n.id) as run, case $6 when 'model' then a.model else a.agent end as key
               from agent_runs a join runs n on n.id = a.run_id
               where a.run_id >= $7
           )
           select n.key as "key!", null::timestamptz as "start?", "#,
        r#"from (select p.key, n.created_at, n.ended_at,
                        run_status(n.outcome, n.output ->> 'result', h.state, h.paused, h.waits, h.waits_for, h.step) as status
                 from took_part p
                 join runs n on n.id = p.run
                 join tasks t on t.id = n.task_id
                 left join run_heads h on h.run_id = n.id
                 where n.created_at >= $3 and n.created_at < $4
                   and ($5::uuid is null or t.repository_id = $5)
                   and ($1 or t.created_by = $2 or t.repository_id = any(
                       array(select r.id from repositories r where r.owner_id = $2 or r.visibility = 'team')))) n
           group by 1 order by "started!" desc, 1"#,
        scope.viewer.all,
        scope.viewer.user,
        scope.from,
        scope.to,
        scope.repository,
        by,
        scope.first_run()
    )
    .fetch_all(db)
    .await
}

/// Where the buckets of a period begin.
pub async fn buckets(
    db: impl PgExecutor<'_>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    bucket: &str,
    zone: &str,
) -> sqlx::Result<Vec<DateTime<Utc>>> {
    sqlx::query_scalar!(
        r#"with bounds as (
               select $1::timestamptz as low, $2::timestamptz as high, $3::text as bucket, $4::text as zone
           ), steps as (
               select b.*, generate_series(0, (extract(epoch from b.high - b.low)
                                               / case b.bucket when 'hour' then 3600 when 'day' then 82800 else 601200 end)::int + 1) as i
               from bounds b
           ), starts as (
               select high, case when bucket = 'hour' then date_trunc(bucket, low, zone) + i * interval '1 hour'
                                 else (date_trunc(bucket, low at time zone zone) + i * ('1 ' || bucket)::interval) at time zone zone
                            end as start
               from steps
           )
           select start as "start!" from starts where start < high order by 1"#,
        from,
        to,
        bucket,
        zone
    )
    .fetch_all(db)
    .await
}

//! Which runs of tasks a page of a list shows; as in `task_page`, for runs.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{attempt::Filter, repository::Viewer, task_page::Sight};

macro_rules! ids {
    ($conn:ident, $sight:ident, $filter:ident, $from:literal, $order:literal $(, $value:expr)*) => {
        sqlx::query_scalar!(
            $from + " and ($1 or t.created_by = $2 or t.repository_id = any($3))
               and ($4::uuid is null or n.task_id = $4)
               and ($5::uuid is null or t.repository_id = $5)
               and ($6::uuid is null or n.id < $6) " + $order,
            $sight.all,
            $sight.user,
            &$sight.repositories,
            $filter.task,
            $filter.repository,
            $filter.before,
            $filter.most
            $(, $value)*
        )
        .fetch_all($conn)
        .await
    };
}

/// Any, newest first.
pub async fn any(
    conn: &mut PgConnection,
    sight: &Sight,
    filter: &Filter,
) -> sqlx::Result<Vec<Uuid>> {
    ids!(
        conn,
        sight,
        filter,
        "select n.id from runs n join tasks t on t.id = n.task_id where true",
        "order by n.id desc limit $7"
    )
}

/// Those that live and stand at one of these.
pub async fn living(
    conn: &mut PgConnection,
    sight: &Sight,
    filter: &Filter,
    states: &[String],
) -> sqlx::Result<Vec<Uuid>> {
    ids!(
        conn,
        sight,
        filter,
        "select n.id from run_heads h join runs n on n.id = h.run_id join tasks t on t.id = n.task_id
         where run_status(null, null, h.state, h.paused, h.waits, h.waits_for, h.step) = any($8)",
        "order by n.id desc limit $7",
        states
    )
}

/// Those that ended in one of these ways.
pub async fn ended(
    conn: &mut PgConnection,
    sight: &Sight,
    filter: &Filter,
    ends: &[String],
) -> sqlx::Result<Vec<Uuid>> {
    ids!(
        conn,
        sight,
        filter,
        r#"select f.id as "id!" from unnest($8::text[]) as s(word) cross join lateral (
               select n.id from runs n join tasks t on t.id = n.task_id
               where run_end(n.outcome, n.output ->> 'result') = s.word and n.outcome is not null and n.task_id is not null"#,
        "order by n.id desc limit $7) f order by 1 desc limit $7",
        ends
    )
}

/// Any, or those that stand at one of these, oldest first.
pub async fn oldest(
    conn: &mut PgConnection,
    sight: &Sight,
    filter: &Filter,
    states: Option<&[String]>,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select n.id from runs n
         join tasks t on t.id = n.task_id
         left join run_heads h on h.run_id = n.id
         where ($1 or t.created_by = $2 or t.repository_id = any($3))
           and ($4::uuid is null or n.task_id = $4)
           and ($5::uuid is null or t.repository_id = $5)
           and ($6::uuid is null or n.id > $6)
           and ($8::text[] is null
                or run_status(n.outcome, n.output ->> 'result', h.state, h.paused, h.waits, h.waits_for, h.step) = any($8))
         order by n.id limit $7",
        sight.all,
        sight.user,
        &sight.repositories,
        filter.task,
        filter.repository,
        filter.before,
        filter.most,
        states
    )
    .fetch_all(conn)
    .await
}

/// A run that waits for a person's word.
#[derive(Debug, Clone)]
pub struct WaitingRow {
    /// The run.
    pub id: Uuid,
    /// What it waits for, in the words of `run_status`.
    pub status: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// The runs that wait for a word which this person may say (`tasks::may_change`), longest waiting first, those after
/// this one, which has waited since then.
pub async fn waiting(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    after: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> sqlx::Result<Vec<WaitingRow>> {
    let (since, id) = after.unzip();
    sqlx::query_as!(
        WaitingRow,
        r#"select n.id, run_status(null, null, h.state, h.paused, h.waits, h.waits_for, h.step) as "status!", h.since
           from run_heads h
           join runs n on n.id = h.run_id
           left join runs p on p.id = n.parent_run
           join tasks t on t.id = coalesce(n.task_id, p.task_id)
           join repositories r on r.id = t.repository_id
           where h.state = 'waiting' and h.waits = 'signal'
             and ($1 or t.created_by = $2 or r.owner_id = $2)
             and ($3::timestamptz is null or (h.since, n.id) > ($3, $4::uuid))
           order by h.since, n.id limit $5"#,
        viewer.all,
        viewer.user,
        since,
        id,
        most
    )
    .fetch_all(db)
    .await
}

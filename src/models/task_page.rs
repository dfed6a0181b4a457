//! Which tasks a page of a list shows. Only their ids, and one statement for each way in which they can be found: those
//! that live by their heads, those that ended by how they did, all others by their own place. The rows come after
//! (`task::of`). To be asked after [`super::plan::by_values`].

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::task::Filter;

/// What a person may see, as values.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Everything.
    pub all: bool,
    /// What this person asked for.
    pub user: Uuid,
    /// What is about these repositories.
    pub repositories: Vec<Uuid>,
}

/// One of these patterns is in the title or the description, in small letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns(pub Option<String>, pub Option<String>);

// What holds for every way; `$from` ends where the conditions begin, and takes its values from $11 on.
macro_rules! ids {
    ($conn:ident, $sight:ident, $filter:ident, $from:literal, $order:literal $(, $value:expr)*) => {
        sqlx::query_scalar!(
            $from + " and ($1 or t.created_by = $2 or t.repository_id = any($3))
               and ($4::uuid is null or t.repository_id = $4)
               and ($5::uuid is null or t.created_by = $5)
               and ($6::text is null or lower(t.title) like $6 or lower(t.title) like $7
                                     or lower(t.description) like $6 or lower(t.description) like $7)
               and (t.archived_at is not null) = $8
               and ($9::uuid is null or t.id < $9) " + $order,
            $sight.all,
            $sight.user,
            &$sight.repositories,
            $filter.repository,
            $filter.created_by,
            $filter.search.0,
            $filter.search.1,
            $filter.archived,
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
        "select t.id from tasks t where true",
        "order by t.id desc limit $10"
    )
}

/// Those that never had a run.
pub async fn new(
    conn: &mut PgConnection,
    sight: &Sight,
    filter: &Filter,
) -> sqlx::Result<Vec<Uuid>> {
    ids!(
        conn,
        sight,
        filter,
        "select t.id from tasks t where not exists (select from runs a where a.task_id = t.id)",
        "order by t.id desc limit $10"
    )
}

/// Those whose newest run lives and stands at one of these.
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
        "select t.id from run_heads h
         join runs n on n.id = h.run_id
         join tasks t on t.id = n.task_id
         where run_status(null, null, h.state, h.paused, h.waits, h.waits_for, h.step) = any($11)
           and not exists (select from runs a where a.task_id = n.task_id and a.id > n.id)",
        "order by t.id desc limit $10",
        states
    )
}

/// Those whose newest run ended in one of these ways.
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
        r#"select f.id as "id!" from unnest($11::text[]) as s(word) cross join lateral (
               select t.id from runs n join tasks t on t.id = n.task_id
               where run_end(n.outcome, n.output ->> 'result') = s.word and n.outcome is not null and n.task_id is not null
                 and ($9::uuid is null or n.task_id < $9)
                 and not exists (select from runs a where a.task_id = n.task_id and a.id > n.id)"#,
        "order by n.task_id desc limit $10) f order by 1 desc limit $10",
        ends
    )
}

// As `ids`, in another order; `$where` may compare with $12, a moment, and $9, the last of the page before.
macro_rules! ordered {
    ($conn:ident, $sight:ident, $filter:ident, $states:ident, $at:ident, $order:literal) => {
        sqlx::query_scalar!(
            "select t.id from tasks t
             left join lateral (select * from runs a where a.task_id = t.id order by a.id desc limit 1) n on true
             left join run_heads h on h.run_id = n.id
             where ($1 or t.created_by = $2 or t.repository_id = any($3))
               and ($4::uuid is null or t.repository_id = $4)
               and ($5::uuid is null or t.created_by = $5)
               and ($6::text is null or lower(t.title) like $6 or lower(t.title) like $7
                                     or lower(t.description) like $6 or lower(t.description) like $7)
               and (t.archived_at is not null) = $8
               and ($11::text[] is null
                    or run_status(n.outcome, n.output ->> 'result', h.state, h.paused, h.waits, h.waits_for, h.step) = any($11))
               and ($12::timestamptz is null or true) " + $order,
            $sight.all,
            $sight.user,
            &$sight.repositories,
            $filter.repository,
            $filter.created_by,
            $filter.search.0,
            $filter.search.1,
            $filter.archived,
            $filter.before,
            $filter.most,
            $states as Option<&[String]>,
            $at
        )
        .fetch_all($conn)
        .await
    };
}

/// Any, oldest first, those after `before`; those whose newest run stands at one of these.
pub async fn oldest(
    conn: &mut PgConnection,
    sight: &Sight,
    filter: &Filter,
    states: Option<&[String]>,
) -> sqlx::Result<Vec<Uuid>> {
    let at = None::<DateTime<Utc>>;
    ordered!(
        conn,
        sight,
        filter,
        states,
        at,
        "and ($9::uuid is null or t.id > $9) order by t.id limit $10"
    )
}

/// The same, changed last first: those that were changed before `at`, or then and stand behind `before`.
pub async fn changed(
    conn: &mut PgConnection,
    sight: &Sight,
    filter: &Filter,
    states: Option<&[String]>,
    at: Option<DateTime<Utc>>,
) -> sqlx::Result<Vec<Uuid>> {
    ordered!(
        conn,
        sight,
        filter,
        states,
        at,
        "and ($12::timestamptz is null or (t.updated_at, t.id) < ($12, $9)) order by t.updated_at desc, t.id desc limit $10"
    )
}

/// The same the other way round.
pub async fn unchanged(
    conn: &mut PgConnection,
    sight: &Sight,
    filter: &Filter,
    states: Option<&[String]>,
    at: Option<DateTime<Utc>>,
) -> sqlx::Result<Vec<Uuid>> {
    ordered!(
        conn,
        sight,
        filter,
        states,
        at,
        "and ($12::timestamptz is null or (t.updated_at, t.id) > ($12, $9)) order by t.updated_at, t.id limit $10"
    )
}

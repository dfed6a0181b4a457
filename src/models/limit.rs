//! Places: how many runs of one user, repository or task may hold one at the same time, and who is next.

use sqlx::PgConnection;
use uuid::Uuid;

/// A limit.
#[derive(Debug, Clone)]
pub struct LimitRow {
    /// What it limits, such as `user:…`.
    pub key: String,
    /// Places.
    pub most: i32,
    /// Places taken.
    pub holding: i32,
}

/// Makes sure that a limit exists and is so wide.
pub async fn set(conn: &mut PgConnection, key: &str, most: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into run_limits (key, most) values ($1, $2)
         on conflict (key) do update set most = excluded.most where run_limits.most <> excluded.most",
        key,
        most
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The limits of these keys, locked in the order of their keys.
pub async fn lock(conn: &mut PgConnection, keys: &[String]) -> sqlx::Result<Vec<LimitRow>> {
    sqlx::query_as!(
        LimitRow,
        "select key, most, holding from run_limits where key = any($1) order by key for update",
        keys
    )
    .fetch_all(conn)
    .await
}

/// Takes (1) or gives back (-1) a place under each of these keys.
pub async fn hold(conn: &mut PgConnection, keys: &[String], by: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "update run_limits set holding = greatest(holding + $2, 0) where key = any($1)",
        keys,
        by
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts a run into the line of each of its limits.
pub async fn queue(
    conn: &mut PgConnection,
    run: Uuid,
    keys: &[String],
    priority: i16,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into run_queue (key, run_id, priority) select key, $1, $3 from unnest($2::text[]) as k(key)
         on conflict (run_id, key) do nothing",
        run,
        keys,
        priority
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a run out of every line.
pub async fn unqueue(conn: &mut PgConnection, run: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from run_queue where run_id = $1", run)
        .execute(conn)
        .await?;
    Ok(())
}

/// The first runs in the lines of these keys that no other limit holds up.
pub async fn next(conn: &mut PgConnection, keys: &[String], most: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select n.run_id from unnest($1::text[]) as k(key)
         cross join lateral (
             select q.run_id, q.priority, q.queued_at from run_queue q
             where q.key = k.key
               and not exists (select from run_queue o join run_limits l on l.key = o.key
                               where o.run_id = q.run_id and l.holding >= l.most)
             order by q.priority desc, q.queued_at limit $2
         ) n
         group by n.run_id order by max(n.priority) desc, min(n.queued_at)",
        keys,
        most
    )
    .fetch_all(conn)
    .await
}

/// Keys with a line before places that are free: when a limit has grown, nobody's end says so.
pub async fn idle(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select key from run_limits l
         where holding < most and exists (select from run_queue q where q.key = l.key) order by key"
    )
    .fetch_all(conn)
    .await
}

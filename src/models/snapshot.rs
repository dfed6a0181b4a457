//! Recorded trees of a run's workspace.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A recorded tree.
#[derive(Debug, Clone)]
pub struct SnapshotRow {
    /// Its place in the run.
    pub seq: i32,
    /// The tree's id.
    pub tree: String,
    /// The commit that holds it.
    pub commit_id: String,
    /// The objects it added, by their hash among the artifacts.
    pub pack: Option<Vec<u8>>,
}

/// Writes a recorded tree; the same place again is the newer one.
pub async fn upsert(
    conn: &mut PgConnection,
    run: Uuid,
    snapshot: &SnapshotRow,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into snapshots (run_id, seq, tree, commit_id, pack) values ($1, $2, $3, $4, $5)
         on conflict (run_id, seq) do update set tree = $3, commit_id = $4, pack = $5",
        run,
        snapshot.seq,
        snapshot.tree,
        snapshot.commit_id,
        snapshot.pack.as_deref()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The recorded trees of a run, oldest first.
pub async fn list(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Vec<SnapshotRow>> {
    sqlx::query_as!(
        SnapshotRow,
        "select seq, tree, commit_id, pack from snapshots where run_id = $1 order by seq",
        run
    )
    .fetch_all(db)
    .await
}

/// A recorded tree of a run or of one that it was forked from.
#[derive(Debug, Clone)]
pub struct InheritedRow {
    /// The run that recorded it.
    pub run_id: Uuid,
    /// Its place in that run.
    pub seq: i32,
    /// The commit that holds it.
    pub commit_id: String,
    /// The objects it added, by their hash among the artifacts.
    pub pack: Option<Vec<u8>>,
}

/// The recorded trees of a run and of those it was forked from, in an order in which each builds on those before.
pub async fn lineage(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Vec<InheritedRow>> {
    sqlx::query_as!(
        InheritedRow,
        r#"with recursive line(run_id, fork_of, depth) as (
               select id, fork_of, 0 from runs where id = $1
               union all select r.id, r.fork_of, l.depth + 1 from line l join runs r on r.id = l.fork_of
           )
           select s.run_id, s.seq, s.commit_id, s.pack from line l join snapshots s on s.run_id = l.run_id
           order by l.depth desc, s.seq"#,
        run
    )
    .fetch_all(db)
    .await
}

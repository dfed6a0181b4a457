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

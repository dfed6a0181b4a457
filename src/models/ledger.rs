//! Money: reserved before a call, settled or released after it. Entries are added, never changed.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// What a run has cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// Settled, in millionths of a dollar.
    pub spent: i64,
    /// Held back for calls under way.
    pub reserved: i64,
    /// What calls may have cost whose answers were lost; not in `spent`.
    pub possible: i64,
}

/// Adds an entry about a call, once.
pub async fn add(
    conn: &mut PgConnection,
    run: Uuid,
    call: Uuid,
    kind: &str,
    usd_micros: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into ledger_entries (id, run_id, model_call_id, kind, usd_micros) values ($1, $2, $3, $4, $5)
         on conflict (model_call_id, kind) do nothing",
        Uuid::now_v7(),
        run,
        call,
        kind,
        usd_micros
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What was held back for a call.
pub async fn reserved_for(conn: &mut PgConnection, call: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(usd_micros), 0)::bigint as "micros!" from ledger_entries
           where model_call_id = $1 and kind = 'reserved'"#,
        call
    )
    .fetch_one(conn)
    .await
}

/// The balance of a run, with that of its attempts.
pub async fn balance(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Balance> {
    sqlx::query_as!(
        Balance,
        r#"select coalesce(sum(usd_micros) filter (where kind = 'settled'), 0)::bigint as "spent!",
                  (coalesce(sum(usd_micros) filter (where kind = 'reserved'), 0)
                   - coalesce(sum(usd_micros) filter (where kind = 'released'), 0))::bigint as "reserved!",
                  coalesce(sum(usd_micros) filter (where kind = 'possible_charge'), 0)::bigint as "possible!"
           from ledger_entries
           where run_id in (select $1 union all select c.id from runs c where c.parent_run = $1)"#,
        run
    )
    .fetch_one(db)
    .await
}

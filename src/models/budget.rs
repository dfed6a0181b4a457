//! The budgets of tasks, and what of them their runs have been given.

use sqlx::PgConnection;
use uuid::Uuid;

/// What runs of a task have been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// What all of them have cost.
    pub spent: i64,
    /// What living ones may still spend.
    pub held: i64,
}

/// The budget of a task, locked until the transaction ends.
pub async fn lock(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "select budget_usd_micros from tasks where id = $1 for update",
        task
    )
    .fetch_optional(conn)
    .await
}

/// What the runs of a task, each with its attempts, have cost and may still cost.
pub async fn given(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<Given> {
    sqlx::query_as!(
        Given,
        r#"select coalesce(sum(m.spent), 0)::bigint as "spent!",
                  coalesce(sum(greatest(0, coalesce((n.input #>> '{options,budget_usd_micros}')::bigint, 0) + m.raised - m.spent))
                           filter (where h.run_id is not null), 0)::bigint as "held!"
           from runs n
           left join run_heads h on h.run_id = n.id
           cross join lateral (
               select (select coalesce(sum(l.usd_micros) filter (where l.kind = 'settled'), 0) from ledger_entries l
                       where l.run_id in (select n.id union all select c.id from runs c where c.parent_run = n.id)) as spent,
                      (select coalesce(sum((s.payload ->> 'usd_micros')::bigint), 0) from signals s
                       where s.name = 'budget_raised' and s.consumed_at is not null
                         and s.run_id in (select n.id union all select c.id from runs c where c.parent_run = n.id)) as raised) m
           where n.task_id = $1"#,
        task
    )
    .fetch_one(conn)
    .await
}

/// What a run, with its attempts, may still spend when it goes on.
pub async fn rest(conn: &mut PgConnection, run: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"with whole as (select $1::uuid as id union all select id from runs where parent_run = $1)
           select greatest(0, coalesce((n.input #>> '{options,budget_usd_micros}')::bigint, 0)
                  + (select coalesce(sum((s.payload ->> 'usd_micros')::bigint), 0) from signals s
                     where s.name = 'budget_raised' and s.consumed_at is not null and s.run_id in (select id from whole))
                  - (select coalesce(sum(l.usd_micros), 0) from ledger_entries l
                     where l.kind = 'settled' and l.run_id in (select id from whole)))::bigint as "rest!"
           from runs n where n.id = $1"#,
        run
    )
    .fetch_one(conn)
    .await
}

/// Takes so much off what a run was given.
pub async fn lower(conn: &mut PgConnection, run: Uuid, usd_micros: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "update runs set input = jsonb_set(input, '{options,budget_usd_micros}',
                                           to_jsonb((input #>> '{options,budget_usd_micros}')::bigint - $2::bigint))
         where id = $1",
        run,
        usd_micros
    )
    .execute(conn)
    .await?;
    Ok(())
}

//! The audit: entries in a chain whose hashes the database computes.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in the chain.
    pub seq: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Who did it, when that was a person.
    pub actor_id: Option<Uuid>,
    /// Who did it, in words.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// More about it.
    pub detail: Value,
    /// The hash of the entry before and of all of this one.
    pub hash: Vec<u8>,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of this person.
    pub actor_id: Option<Uuid>,
    /// Those whose action is this, or begins with it and a dot.
    pub action: Option<String>,
    /// Those about this.
    pub subject: Option<String>,
    /// Those from then on.
    pub since: Option<DateTime<Utc>>,
    /// Those before then.
    pub until: Option<DateTime<Utc>>,
    /// Those behind this place, in the order of the list.
    pub behind: Option<i64>,
    /// In which order that is.
    pub oldest_first: bool,
}

/// From here to the end of the transaction nobody else writes an entry.
pub async fn take_turn(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('codegraph.audit'))")
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds an entry behind the last one. Only whoever has the turn may.
pub async fn append(
    conn: &mut PgConnection,
    actor_id: Option<Uuid>,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &Value,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"with last as (
               select seq, hash from audit_entries order by seq desc limit 1
           ), entry as (
               select coalesce((select seq from last), 0) + 1 as seq,
                      coalesce((select hash from last), sha256('codegraph')) as previous, clock_timestamp() as at
           )
           insert into audit_entries (seq, at, actor_id, actor, action, subject, detail, previous, hash)
           select seq, at, $1, $2, $3, $4, $5, previous,
                  audit_hash(previous, seq, at, $1, $2, $3, $4, $5)
           from entry returning seq"#,
        actor_id,
        actor,
        action,
        subject,
        detail
    )
    .fetch_one(conn)
    .await
}

macro_rules! listed {
    ($db:ident, $filter:ident, $most:ident, $behind_and_order:literal) => {
        sqlx::query_as!(
            AuditRow,
            "select seq, at, actor_id, actor, action, subject, detail, hash from audit_entries
             where ($1::uuid is null or actor_id = $1)
               and ($2::text is null or action = $2 or starts_with(action, $2 || '.'))
               and ($3::text is null or subject = $3)
               and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
               and ($6::bigint is null or " + $behind_and_order + " limit $7",
            $filter.actor_id,
            $filter.action.as_deref(),
            $filter.subject.as_deref(),
            $filter.since,
            $filter.until,
            $filter.behind,
            $most
        )
        .fetch_all($db)
        .await
    };
}

/// Entries, in the order that is wanted.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    most: i64,
) -> sqlx::Result<Vec<AuditRow>> {
    if filter.oldest_first {
        listed!(db, filter, most, "seq > $6) order by seq")
    } else {
        listed!(db, filter, most, "seq < $6) order by seq desc")
    }
}

/// The first entry of up to `most` behind this place that does not fit the one before it or its own hash, and the
/// last one looked at.
pub async fn first_broken(
    db: impl PgExecutor<'_>,
    after: i64,
    most: i64,
) -> sqlx::Result<(Option<i64>, Option<i64>)> {
    let found = sqlx::query!(
        "with part as (
             select * from audit_entries where seq > $1 order by seq limit $2
         ), looked as (
             select seq,
                    seq is distinct from coalesce(lag(seq) over w, $1) + 1
                    or previous is distinct from coalesce(lag(hash) over w,
                        (select hash from audit_entries where seq = $1), sha256('codegraph'))
                    or hash is distinct from audit_hash(previous, seq, at, actor_id, actor, action, subject, detail)
                    as broken
             from part window w as (order by seq)
         )
         select min(seq) filter (where broken) as broken, max(seq) as last from looked",
        after,
        most
    )
    .fetch_one(db)
    .await?;
    Ok((found.broken, found.last))
}

/// The newest entry's place and hash.
pub async fn head(db: impl PgExecutor<'_>) -> sqlx::Result<Option<(i64, Vec<u8>)>> {
    let found = sqlx::query!("select seq, hash from audit_entries order by seq desc limit 1")
        .fetch_optional(db)
        .await?;
    Ok(found.map(|row| (row.seq, row.hash)))
}

/// The hash at this place.
pub async fn hash_at(db: impl PgExecutor<'_>, seq: i64) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select hash from audit_entries where seq = $1", seq)
        .fetch_optional(db)
        .await
}

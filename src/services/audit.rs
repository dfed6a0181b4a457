//! Who did what. An entry is written in the transaction of the change it is about: both are there, or neither.

use futures::{Stream, stream};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Db, access::Caller};
use crate::{error::Result, models::audit};

pub use crate::models::audit::{AuditRow, Filter};

/// So many entries are read or checked at a time.
const PART: i64 = 1000;

/// What a look at the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The first entry that is not as it was written, or does not follow the one before it.
    pub broken_at: Option<i64>,
    /// The newest entry's place and hash: kept elsewhere, it shows later that nothing up to it was rewritten.
    pub head: Option<(i64, Vec<u8>)>,
}

/// Notes what somebody did, in the caller's transaction. Call it last: from here to the commit, nobody else in the
/// installation writes an entry. `action` is `noun.verb` in the past (`task.created`), `subject` an id as the API shows
/// it; `detail` never holds a secret.
pub async fn note(
    conn: &mut PgConnection,
    caller: &Caller,
    action: &str,
    subject: &str,
    detail: &Value,
) -> Result<()> {
    note_as(
        conn,
        Some(caller.user),
        &caller.email,
        action,
        subject,
        detail,
    )
    .await
}

/// The same for somebody who is not signed in, or for the program itself.
pub async fn note_as(
    conn: &mut PgConnection,
    actor_id: Option<Uuid>,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &Value,
) -> Result<()> {
    audit::take_turn(&mut *conn).await?;
    audit::append(conn, actor_id, actor, action, subject, detail).await?;
    Ok(())
}

/// A person as the subject of an entry.
#[must_use]
pub fn user(id: Uuid) -> String {
    format!("user_{}", id.simple())
}

/// A run as the subject of an entry.
#[must_use]
pub fn run(id: Uuid) -> String {
    format!("run_{}", id.simple())
}

/// A task as the subject of an entry.
#[must_use]
pub fn task(id: Uuid) -> String {
    format!("task_{}", id.simple())
}

/// A repository as the subject of an entry.
#[must_use]
pub fn repository(id: Uuid) -> String {
    format!("repo_{}", id.simple())
}

/// Entries, in the order that is wanted.
pub async fn list(db: &Db, filter: &Filter, most: i64) -> Result<Vec<AuditRow>> {
    Ok(audit::list(db, filter, most).await?)
}

/// All entries that are wanted, in the order that is wanted, read a part at a time.
pub fn export(db: &Db, filter: Filter) -> impl Stream<Item = Result<Vec<AuditRow>>> + use<> {
    stream::try_unfold((db.clone(), filter), async |(db, mut filter)| {
        let rows = audit::list(&db, &filter, PART).await?;
        filter.behind = rows.last().map(|row| row.seq);
        Ok((!rows.is_empty()).then_some((rows, (db, filter))))
    })
}

/// Looks at every entry. `known` is the place and hash of an entry as somebody kept it.
pub async fn verify(db: &Db, known: Option<(i64, Vec<u8>)>) -> Result<Verdict> {
    if let Some((seq, hash)) = known
        && audit::hash_at(db, seq).await? != Some(hash)
    {
        return Ok(Verdict {
            broken_at: Some(seq),
            head: audit::head(db).await?,
        });
    }
    let mut at = 0;
    loop {
        let (broken, last) = audit::first_broken(db, at, PART * 10).await?;
        if broken.is_some() || last.is_none() {
            let head = audit::head(db).await?;
            return Ok(Verdict {
                broken_at: broken,
                head,
            });
        }
        at = last.unwrap_or(at);
    }
}

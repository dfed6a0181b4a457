//! Who did what. An entry is written in the transaction of the change it is about: both are there, or neither.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::access::Caller;
use crate::{error::Result, models::audit};

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

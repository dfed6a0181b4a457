//! Invitations: who may register although registration is not open.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// An invitation about to be written.
#[derive(Debug, Clone)]
pub struct NewInvitation<'a> {
    /// Its id.
    pub id: Uuid,
    /// Who is invited.
    pub email: &'a str,
    /// What they will be.
    pub role: &'a str,
    /// The hash of the token in the link.
    pub token_sha256: &'a [u8],
    /// Who invites.
    pub invited_by: Uuid,
    /// For how long it is good, in seconds.
    pub life_s: f64,
}

/// An open invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Its id.
    pub id: Uuid,
    /// Who is invited.
    pub email: String,
    /// What they will be.
    pub role: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Adds an invitation; one that is open for the same address is replaced.
pub async fn insert(
    conn: &mut PgConnection,
    new: &NewInvitation<'_>,
) -> sqlx::Result<InvitationRow> {
    sqlx::query!(
        "update invitations set revoked_at = clock_timestamp()
         where lower(email) = lower($1) and accepted_at is null and revoked_at is null",
        new.email
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query_as!(
        InvitationRow,
        "insert into invitations (id, email, role, token_sha256, invited_by, expires_at)
         values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6))
         returning id, email, role, created_at, expires_at",
        new.id,
        new.email,
        new.role,
        new.token_sha256,
        new.invited_by,
        new.life_s
    )
    .fetch_one(conn)
    .await
}

/// The good invitation with this hash, locked until the transaction ends.
pub async fn lock_by_token(
    conn: &mut PgConnection,
    token_sha256: &[u8],
) -> sqlx::Result<Option<InvitationRow>> {
    sqlx::query_as!(
        InvitationRow,
        "select id, email, role, created_at, expires_at from invitations
         where token_sha256 = $1 and accepted_at is null and revoked_at is null and expires_at > clock_timestamp()
         for update",
        token_sha256
    )
    .fetch_optional(conn)
    .await
}

/// Notes that an invitation was accepted.
pub async fn accept(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update invitations set accepted_at = clock_timestamp() where id = $1",
        id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The good invitations, newest first, those before this one.
pub async fn list(
    db: impl PgExecutor<'_>,
    before: Option<Uuid>,
    most: i64,
) -> sqlx::Result<Vec<InvitationRow>> {
    sqlx::query_as!(
        InvitationRow,
        "select id, email, role, created_at, expires_at from invitations
         where accepted_at is null and revoked_at is null and expires_at > clock_timestamp()
           and ($1::uuid is null or id < $1)
         order by id desc limit $2",
        before,
        most
    )
    .fetch_all(db)
    .await
}

/// Takes an invitation back; answers with its address.
pub async fn revoke(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "update invitations set revoked_at = clock_timestamp()
         where id = $1 and accepted_at is null and revoked_at is null returning email",
        id
    )
    .fetch_optional(conn)
    .await
}

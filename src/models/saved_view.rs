//! Lists that people come back to.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A list as somebody wants to see it again.
#[derive(Debug, Clone)]
pub struct ViewRow {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The page it is of.
    pub page: String,
    /// What stands behind the `?` there.
    pub query: String,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

macro_rules! views {
    ($which:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            ViewRow,
            "select id, name, page, query, created_at, updated_at from saved_views " + $which
            $(, $value)*
        )
    };
}

/// What is to be saved.
#[derive(Debug, Clone, Copy)]
pub struct NewView<'a> {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What it is called.
    pub name: &'a str,
    /// The page it is of.
    pub page: &'a str,
    /// What stands behind the `?` there.
    pub query: &'a str,
}

/// Saves a view, unless its owner has `most` already. False then, and when one is called so on that page.
pub async fn insert(conn: &mut PgConnection, new: NewView<'_>, most: i64) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into saved_views (id, user_id, name, page, query)
         select $1, $2, $3, $4, $5 where (select count(*) from saved_views where user_id = $2) < $6
         on conflict (user_id, page, name) do nothing",
        new.id,
        new.user_id,
        new.name,
        new.page,
        new.query,
        most
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The views of a person, of one page or of all, by name.
pub async fn list(
    db: impl PgExecutor<'_>,
    user: Uuid,
    page: Option<&str>,
) -> sqlx::Result<Vec<ViewRow>> {
    views!(
        "where user_id = $1 and ($2::text is null or page = $2) order by page, lower(name), id",
        user,
        page
    )
    .fetch_all(db)
    .await
}

/// A view of a person.
pub async fn find(db: impl PgExecutor<'_>, user: Uuid, id: Uuid) -> sqlx::Result<Option<ViewRow>> {
    views!("where user_id = $1 and id = $2", user, id)
        .fetch_optional(db)
        .await
}

/// Whether another view of this person is called so on the page of this one.
pub async fn is_taken(
    conn: &mut PgConnection,
    user: Uuid,
    id: Uuid,
    name: &str,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from saved_views o join saved_views v on v.id = $2 and v.page = o.page
                          where o.user_id = $1 and o.id <> $2 and o.name = $3) as "taken!""#,
        user,
        id,
        name
    )
    .fetch_one(conn)
    .await
}

/// Changes a view that has not been changed since `seen`; nothing stays as it is. False when it has.
pub async fn update(
    conn: &mut PgConnection,
    user: Uuid,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    name: Option<&str>,
    query: Option<&str>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update saved_views set name = coalesce($4, name), query = coalesce($5, query), updated_at = clock_timestamp()
         where user_id = $1 and id = $2 and ($3::timestamptz is null or updated_at = $3)",
        user,
        id,
        seen,
        name,
        query
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a view of a person. False when there is none.
pub async fn delete(conn: &mut PgConnection, user: Uuid, id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from saved_views where user_id = $1 and id = $2",
        user,
        id
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

//! Reviews by people: comments on a difference that were sent to the agents together.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A review.
#[derive(Debug, Clone)]
pub struct ReviewRow {
    /// Its id.
    pub id: Uuid,
    /// Who wrote it.
    pub author_id: Uuid,
    /// What they are called.
    pub author: String,
    /// What they say about the whole.
    pub body: String,
    /// `decision` or `message`.
    pub sent_as: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A comment on lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentRow {
    /// The review it belongs to.
    pub review_id: Uuid,
    /// The file.
    pub path: String,
    /// `new`, or `old` where lines were removed.
    pub side: String,
    /// The first line.
    pub start_line: i32,
    /// The last line.
    pub end_line: i32,
    /// Those lines.
    pub quoted: String,
    /// What is said about them.
    pub body: String,
}

/// A review about to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewReview<'a> {
    /// Its id.
    pub id: Uuid,
    /// The run.
    pub run_id: Uuid,
    /// Who writes it.
    pub author_id: Uuid,
    /// What they say about the whole.
    pub body: &'a str,
    /// `decision` or `message`.
    pub sent_as: &'a str,
    /// The author's key.
    pub request_key: Option<&'a str>,
}

/// Adds a review. False when its author has used its key for this run before.
pub async fn insert(conn: &mut PgConnection, new: NewReview<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into reviews (id, run_id, author_id, body, sent_as, request_key) values ($1, $2, $3, $4, $5, $6)
         on conflict (run_id, author_id, request_key) do nothing",
        new.id,
        new.run_id,
        new.author_id,
        new.body,
        new.sent_as,
        new.request_key
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds a comment to a review.
pub async fn comment(
    conn: &mut PgConnection,
    run: Uuid,
    author: Uuid,
    new: &CommentRow,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into review_comments (id, run_id, author_id, review_id, path, side, start_line, end_line, quoted, body, sent_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp())",
        Uuid::now_v7(),
        run,
        author,
        new.review_id,
        new.path,
        new.side,
        new.start_line,
        new.end_line,
        new.quoted,
        new.body
    )
    .execute(conn)
    .await?;
    Ok(())
}

macro_rules! reviews {
    ($which:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            ReviewRow,
            "select v.id, v.author_id, u.name as author, v.body, v.sent_as, v.created_at
             from reviews v join users u on u.id = v.author_id " + $which
            $(, $value)*
        )
    };
}

/// The reviews of a run, oldest first, those after this one.
pub async fn list(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: Option<Uuid>,
    most: i64,
) -> sqlx::Result<Vec<ReviewRow>> {
    reviews!(
        "where v.run_id = $1 and ($2::uuid is null or v.id > $2) order by v.id limit $3",
        run,
        after,
        most
    )
    .fetch_all(db)
    .await
}

/// A review of a run.
pub async fn find(db: impl PgExecutor<'_>, run: Uuid, id: Uuid) -> sqlx::Result<Option<ReviewRow>> {
    reviews!("where v.run_id = $1 and v.id = $2", run, id)
        .fetch_optional(db)
        .await
}

/// The comments of these reviews, in their order.
pub async fn comments(db: impl PgExecutor<'_>, reviews: &[Uuid]) -> sqlx::Result<Vec<CommentRow>> {
    sqlx::query_as!(
        CommentRow,
        r#"select review_id as "review_id!", path, side, start_line, end_line, quoted, body from review_comments
           where review_id = any($1) order by id"#,
        reviews
    )
    .fetch_all(db)
    .await
}

/// The review that this person sent to this run under this key.
pub async fn of_key(
    db: impl PgExecutor<'_>,
    run: Uuid,
    author: Uuid,
    key: &str,
) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select id from reviews where run_id = $1 and author_id = $2 and request_key = $3",
        run,
        author,
        key
    )
    .fetch_optional(db)
    .await
}

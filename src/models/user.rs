//! People.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Their id.
    pub id: Uuid,
    /// Their address.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they are here.
    pub role: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Since when they may no longer come in.
    pub deactivated_at: Option<DateTime<Utc>>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A person about to be written.
#[derive(Debug, Clone)]
pub struct NewUser<'a> {
    /// Their id.
    pub id: Uuid,
    /// Their address.
    pub email: &'a str,
    /// What they are called.
    pub name: &'a str,
    /// What they are here.
    pub role: &'a str,
    /// argon2id, as a PHC string.
    pub password_hash: &'a str,
}

/// People, those that the literal says.
macro_rules! users {
    ($which:literal $(+ $more:literal)* $(, $value:expr)*) => {
        sqlx::query_as!(
            UserRow,
            "select id, email, name, role, created_at, deactivated_at, updated_at from users " + $which $(+ $more)*
            $(, $value)*
        )
    };
}

/// Adds a person.
pub async fn insert(conn: &mut PgConnection, new: &NewUser<'_>) -> sqlx::Result<UserRow> {
    sqlx::query_as!(
        UserRow,
        "insert into users (id, email, name, role, password_hash) values ($1, $2, $3, $4, $5)
         returning id, email, name, role, created_at, deactivated_at, updated_at",
        new.id,
        new.email,
        new.name,
        new.role,
        new.password_hash
    )
    .fetch_one(conn)
    .await
}

/// A person, if they exist.
pub async fn find(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<UserRow>> {
    users!("where id = $1", id).fetch_optional(db).await
}

/// A person, locked until the transaction ends.
pub async fn lock(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<UserRow>> {
    users!("where id = $1 for update", id)
        .fetch_optional(conn)
        .await
}

/// Which people a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Those with this in their name.
    pub text: Option<&'a str>,
    /// Or in their address.
    pub addresses: bool,
    /// Those of this role.
    pub role: Option<&'a str>,
    /// Those who may come in, or those who may not.
    pub active: Option<bool>,
    /// Those behind this one, in the order of the list.
    pub behind: Option<Uuid>,
    /// So many at most.
    pub most: i64,
}

macro_rules! listed {
    ($db:ident, $filter:ident, $behind_and_order:literal) => {
        users!(
            "where ($1::text is null or strpos(lower(name), lower($1)) > 0
                    or $2::bool and strpos(lower(email), lower($1)) > 0)
               and ($3::text is null or role = $3) and ($4::bool is null or (deactivated_at is null) = $4)
               and ($5::uuid is null or " + $behind_and_order + " limit $6",
            $filter.text,
            $filter.addresses,
            $filter.role,
            $filter.active,
            $filter.behind,
            $filter.most
        )
        .fetch_all($db)
        .await
    };
}

/// People, longest here first.
pub async fn oldest(db: impl PgExecutor<'_>, filter: Filter<'_>) -> sqlx::Result<Vec<UserRow>> {
    listed!(db, filter, "id > $5) order by id")
}

/// The same, those who came last first.
pub async fn newest(db: impl PgExecutor<'_>, filter: Filter<'_>) -> sqlx::Result<Vec<UserRow>> {
    listed!(db, filter, "id < $5) order by id desc")
}

/// The same, by name.
pub async fn by_name(db: impl PgExecutor<'_>, filter: Filter<'_>) -> sqlx::Result<Vec<UserRow>> {
    listed!(
        db,
        filter,
        "(lower(name), id) > (select lower(l.name), l.id from users l where l.id = $5)) order by lower(name), id"
    )
}

/// The id of the person with this address, and their password's hash.
pub async fn find_login(
    db: impl PgExecutor<'_>,
    email: &str,
) -> sqlx::Result<Option<(UserRow, Option<String>)>> {
    let found = sqlx::query!(
        "select id, email, name, role, created_at, deactivated_at, updated_at, password_hash from users
         where lower(email) = lower($1)",
        email
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| {
        let user = UserRow {
            id: row.id,
            email: row.email,
            name: row.name,
            role: row.role,
            created_at: row.created_at,
            deactivated_at: row.deactivated_at,
            updated_at: row.updated_at,
        };
        (user, row.password_hash)
    }))
}

/// The hash of somebody's password.
pub async fn password_hash(
    db: impl PgExecutor<'_>,
    id: Uuid,
) -> sqlx::Result<Option<Option<String>>> {
    sqlx::query_scalar!("select password_hash from users where id = $1", id)
        .fetch_optional(db)
        .await
}

/// Writes the hash of somebody's password.
pub async fn set_password(conn: &mut PgConnection, id: Uuid, hash: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set password_hash = $2 where id = $1",
        id,
        hash
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes a name, if nothing was changed since `seen`. False when it was.
pub async fn set_name(
    conn: &mut PgConnection,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    name: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update users set name = $3, updated_at = clock_timestamp()
         where id = $1 and ($2::timestamptz is null or updated_at = $2)",
        id,
        seen,
        name
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a role.
pub async fn set_role(conn: &mut PgConnection, id: Uuid, role: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set role = $2, updated_at = clock_timestamp() where id = $1",
        id,
        role
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Shuts somebody out, or lets them in again.
pub async fn set_active(conn: &mut PgConnection, id: Uuid, active: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set deactivated_at = case when $2 then null else clock_timestamp() end, updated_at = clock_timestamp()
         where id = $1",
        id,
        active
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether there is anybody.
pub async fn any(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select from users) as "any!""#)
        .fetch_one(db)
        .await
}

/// How many other admins may come in.
pub async fn other_admins(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from users where role = 'admin' and deactivated_at is null and id <> $1"#,
        id
    )
    .fetch_one(conn)
    .await
}

/// From here to the end of the transaction nobody else becomes the first, or stops being an admin.
pub async fn take_turn(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('codegraph.accounts'))")
        .execute(conn)
        .await?;
    Ok(())
}

/// What these people are called.
pub async fn names(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<(Uuid, String)>> {
    let rows = sqlx::query!("select id, name from users where id = any($1)", ids)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

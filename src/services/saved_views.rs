//! Lists that people come back to: their own, on whatever machine they are.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{Db, access::Caller, audit};
pub use crate::models::saved_view::ViewRow;
use crate::{
    error::{Error, Result},
    models::saved_view::{self, NewView},
};

/// Views of one person.
const MOST: i64 = 100;

/// The views of the caller, of one page or of all.
pub async fn list(db: &Db, caller: &Caller, page: Option<&str>) -> Result<Vec<ViewRow>> {
    Ok(saved_view::list(db, caller.user, page).await?)
}

/// Saves a view.
pub async fn create(
    db: &Db,
    caller: &Caller,
    page: &str,
    name: &str,
    query: &str,
) -> Result<ViewRow> {
    let new = NewView {
        id: Uuid::now_v7(),
        user_id: caller.user,
        name,
        page,
        query,
    };
    let mut tx = db.begin().await?;
    if !saved_view::insert(&mut tx, new, MOST).await? {
        return Err(Error::Conflict(format!(
            "you have a view of this name there, or {MOST} views already"
        )));
    }
    let detail = json!({"name": name, "page": page});
    audit::note(&mut tx, caller, "view.created", &subject(new.id), &detail).await?;
    tx.commit().await?;
    get(db, caller, new.id).await
}

/// Changes a view, if it was not changed since `seen`; nothing stays as it is.
pub async fn change(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    name: Option<&str>,
    query: Option<&str>,
) -> Result<ViewRow> {
    get(db, caller, id).await?;
    let mut tx = db.begin().await?;
    if let Some(name) = name
        && saved_view::is_taken(&mut tx, caller.user, id, name).await?
    {
        return Err(taken());
    }
    let changed = saved_view::update(&mut tx, caller.user, id, seen, name, query).await;
    if !changed? {
        return Err(Error::Stale);
    }
    let detail = json!({"name": name, "query": query});
    audit::note(&mut tx, caller, "view.changed", &subject(id), &detail).await?;
    tx.commit().await?;
    get(db, caller, id).await
}

/// Forgets a view.
pub async fn delete(db: &Db, caller: &Caller, id: Uuid) -> Result<()> {
    let mut tx = db.begin().await?;
    if !saved_view::delete(&mut tx, caller.user, id).await? {
        return Err(Error::not_found("view"));
    }
    audit::note(&mut tx, caller, "view.deleted", &subject(id), &json!({})).await?;
    Ok(tx.commit().await?)
}

async fn get(db: &Db, caller: &Caller, id: Uuid) -> Result<ViewRow> {
    saved_view::find(db, caller.user, id)
        .await?
        .ok_or_else(|| Error::not_found("view"))
}

fn subject(id: Uuid) -> String {
    format!("view_{}", id.simple())
}

fn taken() -> Error {
    Error::Conflict("you have a view of this name there".to_owned())
}

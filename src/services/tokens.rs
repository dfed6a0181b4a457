//! Tokens for programs: made once, shown once, only their hash is kept.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{
    Db,
    access::{Caller, Scope},
    audit, secret,
    sessions::TOKEN_PREFIX,
};
use crate::{
    error::{Error, Result, breaks},
    models::{api_token, user},
};

pub use crate::models::api_token::TokenRow;

/// More than this nobody can keep apart.
const MOST: i64 = 100;
/// So much of a token is shown later, to recognise it by.
const HINT: usize = TOKEN_PREFIX.len() + 6;

/// A token that is wanted.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a token; answers with the token itself, which is not kept.
pub async fn create(db: &Db, caller: &Caller, wanted: NewToken) -> Result<(TokenRow, String)> {
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Error::field("/name", "is empty"));
    }
    let token = secret::new(TOKEN_PREFIX)?;
    let new = api_token::NewToken {
        id: Uuid::now_v7(),
        user_id: caller.user,
        name,
        hint: &token[..HINT],
        token_sha256: &secret::hash(&token),
        scopes: &[wanted.scope.as_str().to_owned()],
        expires_at: wanted.expires_at,
    };
    let mut tx = db.begin().await?;
    // Two that are made at once are counted one after the other.
    user::lock(&mut tx, caller.user).await?;
    if api_token::count(&mut tx, caller.user).await? >= MOST {
        return Err(Error::Conflict(format!(
            "there are {MOST} tokens already; revoke one first"
        )));
    }
    let made = api_token::insert(&mut tx, &new).await.map_err(|error| {
        if breaks(&error, "api_tokens_name_key") {
            Error::Conflict("another of your tokens has this name".to_owned())
        } else {
            error.into()
        }
    })?;
    let detail = json!({"name": made.name, "scopes": made.scopes, "expires_at": made.expires_at});
    audit::note(&mut tx, caller, "token.created", &subject(made.id), &detail).await?;
    tx.commit().await?;
    Ok((made, token))
}

/// The caller's tokens, newest first, those before this one.
pub async fn list(
    db: &Db,
    caller: &Caller,
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<TokenRow>> {
    Ok(api_token::list(db, caller.user, before, most).await?)
}

/// Revokes a token of the caller.
pub async fn revoke(db: &Db, caller: &Caller, id: Uuid) -> Result<()> {
    let mut tx = db.begin().await?;
    let name = api_token::revoke(&mut tx, caller.user, id).await?;
    let name = name.ok_or_else(|| Error::not_found("token"))?;
    let detail = json!({"name": name});
    audit::note(&mut tx, caller, "token.revoked", &subject(id), &detail).await?;
    tx.commit().await?;
    Ok(())
}

fn subject(id: Uuid) -> String {
    format!("token_{}", id.simple())
}

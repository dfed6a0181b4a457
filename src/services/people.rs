//! Looking after people: who is here, what they are, who is invited.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{
    Db,
    access::{Caller, Role},
    accounts::checked_email,
    audit,
    lists::Place,
    secret, sessions,
};
use crate::{
    error::{Error, Result},
    models::{invitation, user},
};

pub use crate::models::{
    invitation::InvitationRow,
    user::{Filter, UserRow},
};

/// For how long an invitation is good.
pub const INVITATION_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

const INVITATION_PREFIX: &str = "cgi_";

/// What changes about somebody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change {
    /// What they are from now on.
    pub role: Option<Role>,
    /// Whether they may come in.
    pub active: Option<bool>,
}

/// Whether the caller may see somebody's address.
#[must_use]
pub fn sees_address(caller: &Caller, of: Uuid) -> bool {
    caller.role >= Role::Admin || caller.user == of
}

/// People; addresses are looked into for admins alone.
pub async fn list(
    db: &Db,
    caller: &Caller,
    filter: Filter<'_>,
    order: Place,
) -> Result<Vec<UserRow>> {
    let filter = Filter {
        addresses: caller.role >= Role::Admin,
        ..filter
    };
    let found = match order {
        Place::Newest => user::newest(db, filter).await,
        Place::Oldest => user::oldest(db, filter).await,
        Place::Name => user::by_name(db, filter).await,
    };
    Ok(found?)
}

/// Somebody.
pub async fn get(db: &Db, id: Uuid) -> Result<UserRow> {
    let found = user::find(db, id).await?;
    found.ok_or_else(|| Error::not_found("user"))
}

/// Changes what somebody is, or whether they may come in, if nobody has changed them since `seen`. There is always an
/// admin who may.
pub async fn update(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    change: Change,
) -> Result<UserRow> {
    let mut tx = db.begin().await?;
    user::take_turn(&mut tx).await?;
    let before = user::lock(&mut tx, id).await?;
    let before = before.ok_or_else(|| Error::not_found("user"))?;
    if seen.is_some_and(|seen| seen != before.updated_at) {
        return Err(Error::Stale);
    }
    let was_admin = before.role()? == Role::Admin && before.deactivated_at.is_none();
    let stays_admin =
        change.role.is_none_or(|role| role == Role::Admin) && change.active != Some(false);
    if was_admin && !stays_admin && user::other_admins(&mut tx, id).await? == 0 {
        return Err(Error::Conflict(
            "this is the only admin; make somebody else one first".to_owned(),
        ));
    }
    let subject = audit::user(id);
    let role = change.role.filter(|role| role.as_str() != before.role);
    if let Some(role) = role {
        user::set_role(&mut tx, id, role.as_str()).await?;
    }
    let active = change
        .active
        .filter(|active| *active != before.deactivated_at.is_none());
    if let Some(active) = active {
        user::set_active(&mut tx, id, active).await?;
        if !active {
            sessions::end_others_in(&mut tx, id, None).await?;
        }
    }
    if let Some(role) = role {
        let detail = json!({"from": before.role, "to": role.as_str()});
        audit::note(&mut tx, caller, "user.role_changed", &subject, &detail).await?;
    }
    if let Some(active) = active {
        let action = if active {
            "user.activated"
        } else {
            "user.deactivated"
        };
        audit::note(&mut tx, caller, action, &subject, &json!({})).await?;
    }
    tx.commit().await?;
    get(db, id).await
}

/// Invites somebody; answers with the token for the link, which is not kept. An earlier invitation for the same address
/// is no longer good.
pub async fn invite(
    db: &Db,
    caller: &Caller,
    email: &str,
    role: Role,
) -> Result<(InvitationRow, String)> {
    let email = checked_email(email)?;
    let token = secret::new(INVITATION_PREFIX)?;
    let mut tx = db.begin().await?;
    user::take_turn(&mut tx).await?;
    if user::find_login(&mut *tx, &email).await?.is_some() {
        return Err(Error::Conflict("this address has an account".to_owned()));
    }
    let new = invitation::NewInvitation {
        id: Uuid::now_v7(),
        email: &email,
        role: role.as_str(),
        token_sha256: &secret::hash(&token),
        invited_by: caller.user,
        life_s: INVITATION_LIFE.as_secs_f64(),
    };
    let made = invitation::insert(&mut tx, &new).await?;
    let detail = json!({"email": email, "role": role.as_str()});
    let subject = invitation_subject(made.id);
    audit::note(&mut tx, caller, "invitation.created", &subject, &detail).await?;
    tx.commit().await?;
    Ok((made, token))
}

/// The invitations that are good, newest first, those before this one.
pub async fn invitations(db: &Db, before: Option<Uuid>, most: i64) -> Result<Vec<InvitationRow>> {
    Ok(invitation::list(db, before, most).await?)
}

/// Takes an invitation back.
pub async fn uninvite(db: &Db, caller: &Caller, id: Uuid) -> Result<()> {
    let mut tx = db.begin().await?;
    let email = invitation::revoke(&mut tx, id).await?;
    let email = email.ok_or_else(|| Error::not_found("invitation"))?;
    let detail = json!({"email": email});
    let subject = invitation_subject(id);
    audit::note(&mut tx, caller, "invitation.revoked", &subject, &detail).await?;
    tx.commit().await?;
    Ok(())
}

fn invitation_subject(id: Uuid) -> String {
    format!("invite_{}", id.simple())
}

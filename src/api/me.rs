//! One's own account.

use chrono::{DateTime, Utc};
use poem::{Request, web::Data};
use poem_openapi::{Object, OpenApi, param::Header, payload::Json, types::Example};
use secrecy::SecretString;

use super::{
    ApiState, Problem, Tag,
    auth::{Auth, From},
    limits,
    wire::{Done, Id, Role, Tagged, Text, kind, seen},
};
use crate::services::{
    access::{Caller, Permission},
    accounts::UserRow,
};

#[derive(Default)]
pub(super) struct MeApi;

/// Whoever is signed in.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(super) struct Me {
    /// Their id.
    id: Id<kind::User>,
    /// Their address.
    email: String,
    /// What they are called.
    name: String,
    /// What they are here.
    role: Role,
    /// Since when.
    created_at: DateTime<Utc>,
    /// What they may do with what they came with: `own`, `manage_own`, `read`, `work`, `audit`, `people`, `operate`.
    permissions: Vec<String>,
}

/// What may be changed about one's own account.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct MeChange {
    /// What they are called from now on.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Text,
}

/// A new password.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct PasswordChange {
    /// The one until now.
    #[oai(validator(min_length = 1, max_length = 256))]
    current_password: Text,
    /// The one from now on: 12 to 256 characters.
    #[oai(validator(min_length = 12, max_length = 256))]
    new_password: Text,
}

#[OpenApi(prefix_path = "/api/v1/auth", tag = "Tag::Auth")]
impl MeApi {
    /// Get whoever is signed in
    ///
    /// The account, and what the token that was shown may do. The `ETag` names this state of the account; send it back as
    /// `If-Match` with a change.
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn get(&self, state: Data<&ApiState>, auth: Auth) -> Result<Tagged<Me>, Problem> {
        let caller = auth.may("getMe")?;
        let user = state.accounts.get(caller.user).await?;
        let changed = user.updated_at;
        Ok(Tagged::new(Me::new(user, caller)?, changed))
    }

    /// Change one's own account
    ///
    /// The name; the address is the account and stays. With `If-Match`, only if nobody has changed it since; else 412.
    #[oai(path = "/me", method = "patch", operation_id = "updateMe")]
    async fn update(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The `ETag` of the state that is to be changed.
        #[oai(name = "If-Match", validator(max_length = 100))]
        if_match: Header<Option<String>>,
        change: Json<MeChange>,
    ) -> Result<Tagged<Me>, Problem> {
        let caller = auth.may("updateMe")?;
        let seen = seen(if_match.0.as_deref())?;
        let user = state.accounts.rename(caller, seen, &change.0.name).await?;
        let changed = user.updated_at;
        Ok(Tagged::new(Me::new(user, caller)?, changed))
    }

    /// Change one's own password
    ///
    /// Needs the one until now. All other logins are ended; tokens of programs stay.
    #[oai(path = "/password", method = "post", operation_id = "changePassword")]
    async fn change_password(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        request: &Request,
        from: From,
        change: Json<PasswordChange>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("changePassword")?;
        // Whoever has somebody's login has not their password: it is guessed at here as anywhere.
        limits::hold(request, state.limits.guess(&caller.email, &from.0).await)?;
        let current = SecretString::from(change.0.current_password.0);
        let new = SecretString::from(change.0.new_password.0);
        state
            .accounts
            .change_password(caller, &current, &new)
            .await?;
        state.limits.guessed(&caller.email, &from.0).await;
        Ok(Done::Done)
    }
}

impl Me {
    pub(super) fn new(user: UserRow, caller: &Caller) -> Result<Self, Problem> {
        let held = Permission::ALL
            .into_iter()
            .filter(|permission| caller.may(*permission).is_ok());
        Ok(Self {
            id: user.id.into(),
            role: user.role()?.into(),
            email: user.email,
            name: user.name,
            created_at: user.created_at,
            permissions: held
                .map(|permission| permission.as_str().to_owned())
                .collect(),
        })
    }
}

impl Example for Me {
    fn example() -> Self {
        let permissions = ["own", "manage_own", "read", "work"];
        Self {
            id: uuid::uuid!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f5").into(),
            email: "ada@example.org".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Member,
            created_at: DateTime::UNIX_EPOCH,
            permissions: permissions.map(str::to_owned).to_vec(),
        }
    }
}

//! The people of this installation.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
    types::Example,
};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Cursor, Id, Limit, NamedSort, Role, Tagged, kind, seen},
};
use crate::services::{
    access::{self, Caller},
    people::{self, Change, Filter, UserRow},
};

#[derive(Default)]
pub(super) struct UsersApi;

/// Somebody.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
struct User {
    /// Their id.
    id: Id<kind::User>,
    /// What they are called.
    name: String,
    /// Their address; shown to admins and to themselves.
    email: Option<String>,
    /// What they are here.
    role: Role,
    /// Since when.
    created_at: DateTime<Utc>,
    /// Since when they may no longer come in.
    deactivated_at: Option<DateTime<Utc>>,
}

/// Some of the people.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct UserPage {
    /// The people, longest here first.
    items: Vec<User>,
    /// With this the list goes on; not there when it is at its end.
    next_cursor: Option<String>,
}

/// What changes about somebody; what is left out stays.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct UserChange {
    /// What they are from now on.
    role: Option<Role>,
    /// Whether they may come in. When not, all their logins and tokens are over at once.
    active: Option<bool>,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Users")]
impl UsersApi {
    /// List the people of this installation
    ///
    /// Longest here first. Addresses are shown to admins only.
    #[oai(path = "/users", method = "get", operation_id = "listUsers")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the filters of a list are its parameters"
    )]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Only those with this in their name; for admins, in their address too.
        #[oai(validator(min_length = 1, max_length = 100))]
        q: Query<Option<String>>,
        /// Only those of this role.
        role: Query<Option<Role>>,
        /// Only those who may come in, or only those who may not.
        active: Query<Option<bool>>,
        /// In which order: `-created` is who came last first (`created`).
        sort: Query<Option<NamedSort>>,
        /// How many at most.
        limit: Query<Option<Limit>>,
        /// Where the page before ended.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<UserPage>, Problem> {
        let caller = auth.may("listUsers")?;
        let most = Limit::of(limit.0);
        let filter = Filter {
            text: q.0.as_deref(),
            role: role.0.map(|role| access::Role::from(role).as_str()),
            active: active.0,
            behind: Cursor::one(cursor.0)?,
            most,
            ..Filter::default()
        };
        let order = sort.0.unwrap_or(NamedSort::Oldest).into();
        let rows = people::list(&state.db, caller, filter, order).await?;
        let next = Cursor::behind(&rows, most, |row| row.id.to_string());
        let views = rows.into_iter().map(|row| User::new(row, caller));
        Ok(Json(UserPage {
            items: views.collect::<Result<_, _>>()?,
            next_cursor: next,
        }))
    }

    /// Get somebody
    ///
    /// Their address is shown to admins and to themselves. The `ETag` names this state of them; send it back as `If-Match`
    /// with a change.
    #[oai(path = "/users/:user_id", method = "get", operation_id = "getUser")]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Who.
        user_id: Path<Id<kind::User>>,
    ) -> Result<Tagged<User>, Problem> {
        let caller = auth.may("getUser")?;
        let row = people::get(&state.db, user_id.0.0).await?;
        let changed = row.updated_at;
        Ok(Tagged::new(User::new(row, caller)?, changed))
    }

    /// Change what somebody is
    ///
    /// Their role, and whether they may come in. There is always an admin who may: the last one cannot be made
    /// something else. With `If-Match`, only if nobody has changed them since; else 412.
    #[oai(
        path = "/users/:user_id",
        method = "patch",
        operation_id = "updateUser"
    )]
    async fn update(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Who.
        user_id: Path<Id<kind::User>>,
        /// The `ETag` of the state that is to be changed.
        #[oai(name = "If-Match", validator(max_length = 100))]
        if_match: Header<Option<String>>,
        change: Json<UserChange>,
    ) -> Result<Tagged<User>, Problem> {
        let caller = auth.may("updateUser")?;
        let change = Change {
            role: change.0.role.map(Into::into),
            active: change.0.active,
        };
        let seen = seen(if_match.0.as_deref())?;
        let row = people::update(&state.db, caller, user_id.0.0, seen, change).await?;
        let changed = row.updated_at;
        Ok(Tagged::new(User::new(row, caller)?, changed))
    }
}

impl User {
    fn new(row: UserRow, caller: &Caller) -> Result<Self, Problem> {
        let shown = people::sees_address(caller, row.id);
        Ok(Self {
            id: row.id.into(),
            role: row.role()?.into(),
            name: row.name,
            email: shown.then_some(row.email),
            created_at: row.created_at,
            deactivated_at: row.deactivated_at,
        })
    }
}

impl Example for User {
    fn example() -> Self {
        Self {
            id: uuid::uuid!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f5").into(),
            name: "Ada".to_owned(),
            email: Some("ada@example.org".to_owned()),
            role: Role::Member,
            created_at: DateTime::UNIX_EPOCH,
            deactivated_at: None,
        }
    }
}

//! One's own sessions.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Path, payload::Json};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Done, Id, kind},
};
use crate::services::sessions::LoginRow;

#[derive(Default)]
pub(super) struct SessionsApi;

/// A login that is under way.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct Session {
    /// Its id.
    id: Id<kind::Session>,
    /// Whether it is the one that asks.
    current: bool,
    /// What the client calls itself.
    user_agent: Option<String>,
    /// Where it was last used from.
    address: Option<String>,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it was last refreshed.
    last_used_at: DateTime<Utc>,
    /// When it ends if it is not used any more.
    expires_at: DateTime<Utc>,
}

/// The logins that are under way.
#[derive(Object)]
struct SessionList {
    /// The logins, the one used last first.
    items: Vec<Session>,
}

/// How many logins were ended.
#[derive(Object)]
struct SessionsEnded {
    /// How many.
    ended: u32,
}

#[OpenApi(prefix_path = "/api/v1/auth", tag = "Tag::Auth")]
impl SessionsApi {
    /// List one's own sessions
    ///
    /// All logins that are under way, the one used last first.
    #[oai(path = "/sessions", method = "get", operation_id = "listSessions")]
    async fn list(&self, state: Data<&ApiState>, auth: Auth) -> Result<Json<SessionList>, Problem> {
        let caller = auth.may("listSessions")?;
        let rows = state.sessions.list(caller).await?;
        let view = |row| Session::new(row, caller.session);
        Ok(Json(SessionList {
            items: rows.into_iter().map(view).collect(),
        }))
    }

    /// End one of one's own sessions
    ///
    /// Its tokens open nothing from this moment on.
    #[oai(
        path = "/sessions/:session_id",
        method = "delete",
        operation_id = "revokeSession"
    )]
    async fn revoke(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The session.
        session_id: Path<Id<kind::Session>>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("revokeSession")?;
        state.sessions.end(caller, session_id.0.0).await?;
        Ok(Done::Done)
    }

    /// End all other sessions
    ///
    /// All of one's own logins but the one that asks.
    #[oai(
        path = "/sessions",
        method = "delete",
        operation_id = "revokeOtherSessions"
    )]
    async fn revoke_others(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
    ) -> Result<Json<SessionsEnded>, Problem> {
        let caller = auth.may("revokeOtherSessions")?;
        let ended = state.sessions.end_others(caller).await?;
        Ok(Json(SessionsEnded {
            ended: u32::try_from(ended).unwrap_or(u32::MAX),
        }))
    }
}

impl Session {
    fn new(row: LoginRow, current: Option<uuid::Uuid>) -> Self {
        Self {
            id: row.family.into(),
            current: current == Some(row.family),
            user_agent: row.user_agent,
            address: row.address,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        }
    }
}

//! Tokens for programs.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Created, Cursor, Done, Id, Limit, Text, kind},
};
use crate::services::{
    access,
    tokens::{self, NewToken, TokenRow},
};

#[derive(Default)]
pub(super) struct TokensApi;

/// What a token may do. Each includes the one before; none gives more than its owner's role.
#[derive(Clone, Copy, Enum)]
#[oai(rename_all = "snake_case")]
enum Scope {
    /// Reading.
    Read,
    /// Work: repositories, tasks, runs.
    Write,
    /// Everything its owner may do, people and tokens included.
    Admin,
}

/// A token, without the token itself.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct Token {
    /// Its id.
    id: Id<kind::Token>,
    /// What its owner calls it.
    name: String,
    /// How it begins, to recognise it by.
    hint: String,
    /// What it may do.
    scope: Scope,
    /// Since when.
    created_at: DateTime<Utc>,
    /// Until when; not there when it does not end by itself.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    last_used_at: Option<DateTime<Utc>>,
}

/// A token that was just made.
#[derive(Object)]
struct MadeToken {
    /// The token itself. It is shown this once and not kept.
    secret: String,
    /// What is kept of it.
    token: Token,
}

/// Some of the tokens.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct TokenPage {
    /// The tokens, newest first.
    items: Vec<Token>,
    /// With this the list goes on; not there when it is at its end.
    next_cursor: Option<String>,
}

/// A token that is wanted.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct WantedToken {
    /// What it is called; no two of one's own tokens have the same name.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Text,
    /// What it may do.
    scope: Scope,
    /// In how many days it ends; left out, it does not.
    #[oai(validator(minimum(value = "1"), maximum(value = "3650")))]
    expires_in_days: Option<u32>,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Tokens")]
impl TokensApi {
    /// List one's own tokens
    ///
    /// Those that were not revoked, newest first.
    #[oai(path = "/tokens", method = "get", operation_id = "listTokens")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// How many at most.
        limit: Query<Option<Limit>>,
        /// Where the page before ended.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<TokenPage>, Problem> {
        let caller = auth.may("listTokens")?;
        let (before, most) = (Cursor::one(cursor.0)?, Limit::of(limit.0));
        let rows = tokens::list(&state.db, caller, before, most).await?;
        let next = Cursor::behind(&rows, most, |row| row.id.to_string());
        let views = rows.into_iter().map(Token::new);
        Ok(Json(TokenPage {
            items: views.collect::<Result<_, _>>()?,
            next_cursor: next,
        }))
    }

    /// Make a token
    ///
    /// For a program that works in one's own name. The token itself is in the answer and is shown this once.
    #[oai(path = "/tokens", method = "post", operation_id = "createToken")]
    async fn create(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        wanted: Json<WantedToken>,
    ) -> Result<Created<MadeToken>, Problem> {
        let caller = auth.may("createToken")?;
        let Json(wanted) = wanted;
        let days = wanted
            .expires_in_days
            .map(|days| chrono::TimeDelta::days(days.into()));
        let wanted = NewToken {
            name: wanted.name.0,
            scope: wanted.scope.into(),
            expires_at: days.map(|days| Utc::now() + days),
        };
        let (row, secret) = tokens::create(&state.db, caller, wanted).await?;
        let token = Token::new(row)?;
        Ok(Created::Created(Json(MadeToken { secret, token })))
    }

    /// Revoke a token
    ///
    /// It opens nothing from this moment on.
    #[oai(
        path = "/tokens/:token_id",
        method = "delete",
        operation_id = "revokeToken"
    )]
    async fn revoke(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Which.
        token_id: Path<Id<kind::Token>>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("revokeToken")?;
        tokens::revoke(&state.db, caller, token_id.0.0).await?;
        Ok(Done::Done)
    }
}

impl Token {
    fn new(row: TokenRow) -> Result<Self, Problem> {
        let scopes = row.scopes.iter().map(|scope| scope.parse());
        let scopes: Vec<access::Scope> = scopes.collect::<crate::Result<_>>()?;
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            hint: row.hint,
            scope: scopes
                .into_iter()
                .max()
                .unwrap_or(access::Scope::Read)
                .into(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        })
    }
}

impl From<access::Scope> for Scope {
    fn from(scope: access::Scope) -> Self {
        match scope {
            access::Scope::Read => Self::Read,
            access::Scope::Write => Self::Write,
            access::Scope::Admin => Self::Admin,
        }
    }
}

impl From<Scope> for access::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Write => Self::Write,
            Scope::Admin => Self::Admin,
        }
    }
}

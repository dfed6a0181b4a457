//! Sessions: a login is a family of refresh tokens, each good for one use; access tokens come from them. Tokens of
//! programs are looked up here too, since both answer the same question: who asks?

use std::{sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{access::Caller, access::Scope, audit, secret};
use crate::{
    error::{Error, Result},
    models::{api_token, session, user},
};

mod access;
mod keys;

pub(super) use self::keys::as_written;
pub use self::{
    access::{ACCESS_LIFE, Shown},
    keys::Keys,
};
pub use crate::models::session::LoginRow;

/// For how long a refresh token is good.
pub const REFRESH_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Two tabs of one browser may refresh at the same moment; the second gets an access token and nothing else.
const SAME_MOMENT_S: f64 = 10.0;

/// How tokens of programs begin.
pub const TOKEN_PREFIX: &str = "cg_";
const REFRESH_PREFIX: &str = "cgr_";

/// Where a request comes from, as its session shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// What it calls itself.
    pub user_agent: Option<String>,
    /// Its address.
    pub address: Option<String>,
}

/// What somebody who signed in goes away with.
#[derive(Debug)]
pub struct Granted {
    /// The person.
    pub user: Uuid,
    /// The login.
    pub session: Uuid,
    /// The access token.
    pub access: String,
    /// The refresh token; nothing for the second of two that refreshed at the same moment.
    pub refresh: Option<String>,
    /// What must come with the access token when it is sent as a cookie.
    pub csrf: String,
}

/// Opens, proves and ends sessions. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    db: PgPool,
    keys: Arc<Keys>,
}

impl Sessions {
    /// Sessions in this database.
    #[must_use]
    pub fn new(db: PgPool) -> Self {
        let keys = Arc::new(Keys::new(db.clone()));
        Self { db, keys }
    }

    /// The keys that sign.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Begins a login, in the caller's transaction.
    pub async fn open(
        &self,
        conn: &mut PgConnection,
        user: Uuid,
        client: &Client,
    ) -> Result<Granted> {
        let (family, csrf) = (Uuid::now_v7(), secret::new("")?);
        let refresh = hand_out(conn, user, family, &csrf, client).await?;
        self.granted(user, family, Some(refresh), csrf).await
    }

    /// A new access token and a new refresh token for a refresh token. One that was used before ends its login: either
    /// of the two who have it is a thief.
    /// With cookies, `csrf` is what the page sent along.
    pub async fn refresh(
        &self,
        token: &str,
        csrf: Option<&str>,
        client: &Client,
    ) -> Result<Granted> {
        let mut tx = self.db.begin().await?;
        let shown = session::lock_by_token(&mut tx, &secret::hash(token)).await?;
        let good = |shown: &session::ShownSession| !shown.revoked && shown.active;
        let shown = shown.filter(good).ok_or_else(access::refused)?;
        if csrf.is_some_and(|csrf| !secret::same(csrf, &shown.csrf)) {
            return Err(Error::Forbidden(
                "this page is not the one that signed in".into(),
            ));
        }
        let refresh = match shown.used_ago_s {
            None if shown.expired => return Err(access::refused()),
            None => {
                session::mark_used(&mut tx, shown.id).await?;
                let (user, family) = (shown.user_id, shown.family);
                Some(hand_out(&mut tx, user, family, &shown.csrf, client).await?)
            }
            Some(ago) if ago < SAME_MOMENT_S => None,
            Some(_) => {
                session::revoke_family(&mut tx, shown.user_id, shown.family).await?;
                let detail = json!({"address": client.address, "user_agent": client.user_agent});
                let subject = subject(shown.family);
                let nobody = "a refresh token used twice";
                audit::note_as(&mut tx, None, nobody, "session.revoked", &subject, &detail).await?;
                tx.commit().await?;
                tracing::warn!(session = %subject, "a refresh token was used twice: its login is ended");
                return Err(access::refused());
            }
        };
        tx.commit().await?;
        let (user, family) = (shown.user_id, shown.family);
        self.granted(user, family, refresh, shown.csrf).await
    }

    /// Who shows this access token, and what it says.
    pub async fn of_access(&self, token: &str) -> Result<(Caller, Shown)> {
        let shown = access::verify(&self.keys, token).await?;
        let found = session::bearer(&self.db, shown.user, shown.session).await?;
        let found = found.ok_or_else(access::refused)?;
        let caller = Caller {
            user: found.user_id,
            role: found.role.parse()?,
            email: found.email,
            scope: None,
            session: Some(shown.session),
        };
        Ok((caller, shown))
    }

    /// Who shows this token of a program.
    pub async fn of_token(&self, token: &str) -> Result<Caller> {
        let caller = self.of_known(token).await?;
        // When it was last used is a convenience; nobody is refused for it.
        if let Err(cause) = api_token::touch(&self.db, &secret::hash(token)).await {
            tracing::warn!(%cause, "the use of a token was not noted");
        }
        Ok(caller)
    }

    /// Who still is behind what was shown, a token of either kind; a login may have ended since, a person be shut out.
    pub async fn still(&self, token: &SecretString) -> Result<Caller> {
        let token = token.expose_secret();
        if token.starts_with(TOKEN_PREFIX) {
            return self.of_known(token).await;
        }
        Ok(self.of_access(token).await?.0)
    }

    async fn of_known(&self, token: &str) -> Result<Caller> {
        let found = api_token::bearer(&self.db, &secret::hash(token)).await?;
        let found = found.ok_or_else(access::refused)?;
        let mut scopes = Vec::new();
        for scope in &found.scopes {
            scopes.push(scope.parse::<Scope>()?);
        }
        Ok(Caller {
            user: found.user_id,
            role: found.role.parse()?,
            email: found.email,
            scope: Some(scopes.into_iter().max().ok_or_else(access::refused)?),
            session: None,
        })
    }

    /// The logins of the caller that are under way.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<LoginRow>> {
        Ok(session::logins(&self.db, caller.user).await?)
    }

    /// Ends a login of the caller.
    pub async fn end(&self, caller: &Caller, family: Uuid) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if !session::revoke_family(&mut tx, caller.user, family).await? {
            return Err(Error::not_found("session"));
        }
        let subject = subject(family);
        audit::note(&mut tx, caller, "session.ended", &subject, &json!({})).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends all logins of the caller but the one they came with; says how many.
    pub async fn end_others(&self, caller: &Caller) -> Result<usize> {
        let mut tx = self.db.begin().await?;
        let ended = end_others_in(&mut tx, caller.user, caller.session).await?;
        let (subject, detail) = (audit::user(caller.user), json!({"ended": ended}));
        audit::note(&mut tx, caller, "session.ended_others", &subject, &detail).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends the login a refresh token belongs to. A token nobody knows is no error: it is over either way.
    pub async fn forget(&self, token: &str) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if let Some(shown) = session::lock_by_token(&mut tx, &secret::hash(token)).await? {
            sign_out(&mut tx, shown.user_id, shown.family).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The same for an access token.
    pub async fn forget_access(&self, token: &str) -> Result<()> {
        match access::verify(&self.keys, token).await {
            Ok(shown) => {
                let mut tx = self.db.begin().await?;
                sign_out(&mut tx, shown.user, shown.session).await?;
                Ok(tx.commit().await?)
            }
            Err(Error::Unauthorized(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    async fn granted(
        &self,
        user: Uuid,
        family: Uuid,
        refresh: Option<String>,
        csrf: String,
    ) -> Result<Granted> {
        let fingerprint = secret::fingerprint(&csrf);
        Ok(Granted {
            user,
            session: family,
            access: access::sign(&self.keys, user, family, fingerprint).await?,
            refresh,
            csrf,
        })
    }
}

/// Ends all logins of a person but this one, in the caller's transaction; says how many.
pub(super) async fn end_others_in(
    conn: &mut PgConnection,
    user: Uuid,
    but: Option<Uuid>,
) -> Result<usize> {
    Ok(session::revoke_others(conn, user, but).await?.len())
}

/// Ends a login whose person says so, and notes it; one that is over already is no news.
async fn sign_out(conn: &mut PgConnection, user: Uuid, family: Uuid) -> Result<()> {
    if !session::revoke_family(conn, user, family).await? {
        return Ok(());
    }
    let Some(person) = user::find(&mut *conn, user).await? else {
        return Ok(());
    };
    let (action, subject) = ("session.closed", subject(family));
    audit::note_as(
        conn,
        Some(user),
        &person.email,
        action,
        &subject,
        &json!({}),
    )
    .await
}

async fn hand_out(
    conn: &mut PgConnection,
    user: Uuid,
    family: Uuid,
    csrf: &str,
    client: &Client,
) -> Result<String> {
    let token = secret::new(REFRESH_PREFIX)?;
    let new = session::NewSession {
        id: Uuid::now_v7(),
        user_id: user,
        family,
        token_sha256: &secret::hash(&token),
        user_agent: client.user_agent.as_deref(),
        address: client.address.as_deref(),
        csrf,
        life_s: REFRESH_LIFE.as_secs_f64(),
    };
    session::insert(conn, &new).await?;
    Ok(token)
}

fn subject(family: Uuid) -> String {
    format!("session_{}", family.simple())
}

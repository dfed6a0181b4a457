//! People and how they come in: the first one, those who register, those who sign in, and what each may change about
//! their own account.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    access::{Caller, Role},
    audit,
    passwords::{Passwords, weakness},
    sessions::{Client, Granted, Sessions},
};
use crate::{
    config::{AccountsConfig, Registration},
    error::{Error, Result},
    models::user,
};

mod registration;

pub use self::registration::NewAccount;
pub(super) use self::registration::checked_email;
pub use crate::models::user::UserRow;

/// What somebody gets who signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The person.
    pub user: UserRow,
    /// Their tokens.
    pub granted: Granted,
}

/// What a page must know before anybody has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entrance {
    /// Nobody has an account yet: the first becomes the admin.
    pub needs_setup: bool,
    /// Who may register.
    pub registration: Registration,
}

/// People of this installation.
pub struct Accounts {
    db: PgPool,
    passwords: Passwords,
    sessions: Sessions,
    registration: Registration,
}

impl Accounts {
    /// People in this database.
    pub fn new(db: PgPool, sessions: Sessions, config: &AccountsConfig) -> Result<Self> {
        Ok(Self {
            db,
            passwords: Passwords::new()?,
            sessions,
            registration: config.registration,
        })
    }

    /// What a page must know before anybody has signed in.
    pub async fn entrance(&self) -> Result<Entrance> {
        Ok(Entrance {
            needs_setup: !user::any(&self.db).await?,
            registration: self.registration,
        })
    }

    /// What the first person must show, while there is none.
    pub async fn setup_code(&self) -> Result<Option<String>> {
        if user::any(&self.db).await? {
            return Ok(None);
        }
        self.sessions.keys().setup_code().await.map(Some)
    }

    /// Signs somebody in. Whoever is turned away learns nothing about who is here: an address nobody has, a wrong
    /// password and an account that is shut are one answer after the same work.
    pub async fn log_in(
        &self,
        email: &str,
        password: &SecretString,
        client: &Client,
    ) -> Result<SignedIn> {
        let found = user::find_login(&self.db, email.trim()).await?;
        let (person, hash) = found.map_or((None, None), |(person, hash)| (Some(person), hash));
        let fits = self.passwords.verify(password, hash).await?;
        let person = person.filter(|person| fits && person.deactivated_at.is_none());
        let Some(person) = person else {
            tracing::info!(address = client.address, "somebody could not sign in");
            return Err(Error::Unauthorized(
                "the address or the password is wrong".to_owned(),
            ));
        };
        let mut tx = self.db.begin().await?;
        let granted = self.sessions.open(&mut tx, person.id, client).await?;
        note_login(&mut tx, &person, client).await?;
        tx.commit().await?;
        Ok(SignedIn {
            user: person,
            granted,
        })
    }

    /// A person of this installation.
    pub async fn get(&self, id: Uuid) -> Result<UserRow> {
        let found = user::find(&self.db, id).await?;
        found.ok_or_else(|| Error::not_found("user"))
    }

    /// Changes what the caller is called, if nobody has changed their account since `seen`.
    pub async fn rename(
        &self,
        caller: &Caller,
        seen: Option<DateTime<Utc>>,
        name: &str,
    ) -> Result<UserRow> {
        let name = registration::checked_name(name)?;
        let mut tx = self.db.begin().await?;
        if !user::set_name(&mut tx, caller.user, seen, &name).await? {
            return Err(Error::Stale);
        }
        let (subject, detail) = (audit::user(caller.user), json!({"name": name}));
        audit::note(&mut tx, caller, "user.renamed", &subject, &detail).await?;
        tx.commit().await?;
        self.get(caller.user).await
    }

    /// Changes the caller's password, and ends all their logins but this one.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: &SecretString,
        new: &SecretString,
    ) -> Result<()> {
        let hash = user::password_hash(&self.db, caller.user).await?.flatten();
        if !self.passwords.verify(current, hash).await? {
            return Err(Error::field("/current_password", "is wrong"));
        }
        if let Some(reason) = weakness(new, &caller.email) {
            return Err(Error::field("/new_password", reason));
        }
        let hash = self.passwords.hash(new).await?;
        let mut tx = self.db.begin().await?;
        user::set_password(&mut tx, caller.user, &hash).await?;
        super::sessions::end_others_in(&mut tx, caller.user, caller.session).await?;
        let subject = audit::user(caller.user);
        audit::note(
            &mut tx,
            caller,
            "user.password_changed",
            &subject,
            &json!({}),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn note_login(
    conn: &mut sqlx::PgConnection,
    person: &UserRow,
    client: &Client,
) -> Result<()> {
    let detail = json!({"address": client.address, "user_agent": client.user_agent});
    let (id, subject) = (Some(person.id), audit::user(person.id));
    audit::note_as(conn, id, &person.email, "session.opened", &subject, &detail).await
}

impl UserRow {
    /// What they are.
    pub fn role(&self) -> Result<Role> {
        self.role.parse()
    }
}

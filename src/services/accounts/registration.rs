//! New accounts: the first one, which proves that it reads the log of the installation, and those after it.

use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Accounts, SignedIn};
use crate::{
    config::Registration,
    error::{Error, Result, breaks},
    models::{invitation, user},
    services::{
        access::Role,
        audit,
        passwords::weakness,
        secret,
        sessions::{Client, as_written},
    },
};

/// Somebody who wants an account.
#[derive(Debug)]
pub struct NewAccount {
    /// Their address.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their password.
    pub password: SecretString,
}

impl Accounts {
    /// Makes the first person, an admin. The code stands in the log of the server, so nobody else on the network can
    /// be quicker.
    pub async fn set_up(&self, code: &str, new: NewAccount, client: &Client) -> Result<SignedIn> {
        let right = self.setup_code().await?.ok_or_else(already)?;
        if !secret::same(&as_written(code), &right) {
            return Err(Error::Forbidden(
                "this is not the setup code; the server prints it when it starts".to_owned(),
            ));
        }
        let new = new.checked()?;
        let hash = self.passwords.hash(&new.password).await?;
        let mut tx = self.db.begin().await?;
        user::take_turn(&mut tx).await?;
        if user::any(&mut *tx).await? {
            return Err(already());
        }
        let signed_in = self
            .admit(&mut tx, &new, &hash, Role::Admin, client)
            .await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Makes an account for somebody who asks for it, when the installation allows that.
    pub async fn register(
        &self,
        new: NewAccount,
        invited: Option<&str>,
        client: &Client,
    ) -> Result<SignedIn> {
        if self.registration == Registration::Closed {
            return Err(Error::Forbidden("registration is closed".to_owned()));
        }
        if self.registration == Registration::Invite && invited.is_none() {
            return Err(Error::Forbidden("registration needs an invitation".into()));
        }
        // Before there is an admin, nobody could look after those who come.
        if !user::any(&self.db).await? {
            return Err(Error::Conflict("CodeGraph is not set up yet".to_owned()));
        }
        let new = new.checked()?;
        let hash = self.passwords.hash(&new.password).await?;
        let mut tx = self.db.begin().await?;
        let role = match invited {
            Some(token) => self.use_invitation(&mut tx, token, &new.email).await?,
            None => Role::Member,
        };
        let signed_in = self.admit(&mut tx, &new, &hash, role, client).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    async fn use_invitation(
        &self,
        conn: &mut sqlx::PgConnection,
        token: &str,
        email: &str,
    ) -> Result<Role> {
        let found = invitation::lock_by_token(&mut *conn, &secret::hash(token)).await?;
        // For another address it is as good as none: the link went to one person.
        let found = found.filter(|found| found.email.to_lowercase() == email.to_lowercase());
        let found = found.ok_or_else(|| {
            Error::Forbidden("this invitation is not for this address, or no longer good".into())
        })?;
        invitation::accept(conn, found.id).await?;
        found.role.parse()
    }

    async fn admit(
        &self,
        conn: &mut sqlx::PgConnection,
        new: &NewAccount,
        hash: &str,
        role: Role,
        client: &Client,
    ) -> Result<SignedIn> {
        let row = user::NewUser {
            id: Uuid::now_v7(),
            email: &new.email,
            name: &new.name,
            role: role.as_str(),
            password_hash: hash,
        };
        let user = user::insert(&mut *conn, &row).await.map_err(|error| {
            if breaks(&error, "users_email_key") {
                Error::Conflict("this address has an account".to_owned())
            } else {
                error.into()
            }
        })?;
        let granted = self.sessions.open(&mut *conn, user.id, client).await?;
        let detail = json!({"role": user.role, "address": client.address});
        let (id, subject) = (Some(user.id), audit::user(user.id));
        audit::note_as(conn, id, &user.email, "user.created", &subject, &detail).await?;
        Ok(SignedIn { user, granted })
    }
}

impl NewAccount {
    fn checked(self) -> Result<Self> {
        let email = checked_email(&self.email)?;
        let name = checked_name(&self.name)?;
        if let Some(reason) = weakness(&self.password, &email) {
            return Err(Error::field("/password", reason));
        }
        Ok(Self {
            email,
            name,
            ..self
        })
    }
}

fn already() -> Error {
    Error::Conflict("CodeGraph is set up already".to_owned())
}

/// An address as it is kept.
pub(in crate::services) fn checked_email(email: &str) -> Result<String> {
    let email = email.trim();
    let fits = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.len() > 1 && !host.contains('@') && !host.starts_with('.')
    });
    let plain = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if fits && plain && email.chars().count() <= 254 {
        Ok(email.to_owned())
    } else {
        Err(Error::field("/email", "is not an e-mail address"))
    }
}

/// A name as it is kept.
pub(super) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::field("/name", "has 1 to 100 characters on one line"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for (text, good) in [
            (" ada@example.org ", true),
            ("a@b.c", true),
            ("ada", false),
            ("@example.org", false),
            ("ada@", false),
            ("a b@example.org", false),
            ("a@b@example.org", false),
            ("a\0@example.org", false),
        ] {
            assert_eq!(checked_email(text).is_ok(), good, "{text:?}");
        }
        assert!(checked_name("  ").is_err() && checked_name("a\nb").is_err());
        assert_eq!(checked_name(" Ada ").unwrap(), "Ada");
    }
}

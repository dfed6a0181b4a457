//! Webhooks: other programs are told what people are told. A delivery is written with its cause, in the same
//! transaction, and a job sends it; a receiver that gets it twice knows that by its id.

use chrono::{DateTime, Utc};
use jobs::{DeliverWebhook, JobError};
use secrecy::ExposeSecret as _;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::Lane;

use super::{
    Db,
    access::{Caller, Role},
    announce::Announcement,
    audit,
    notices::Kind,
    seal::Seal,
    secret,
};
pub use crate::models::{webhook::EndpointRow, webhook_delivery::DeliveryRow};
use crate::{
    error::{Error, Result},
    models::{
        webhook::{self, Change, NewEndpoint},
        webhook_delivery::{self, NewDelivery, TryRow},
    },
    providers::{
        reach::PrivateHosts,
        webhook::{Message, NotTaken, check, post},
    },
};

/// Receivers of one person.
const MOST: i64 = 20;
/// Tries in a row that may fail before a receiver is told nothing more.
const FAILURES: i32 = 30;
/// Before a secret, so that people recognise it.
const SECRET: &str = "whsec_";

/// Writes down for each receiver that wants to hear of it what it is sent, with the job that does.
pub(super) async fn tell(
    conn: &mut PgConnection,
    cause: (Uuid, i32),
    kind: Kind,
    detail: Option<&str>,
    after: &mut Announcement,
) -> Result<()> {
    let receivers = webhook_delivery::receivers(conn, cause.0, kind.as_str()).await?;
    if receivers.is_empty() {
        return Ok(());
    }
    let Some(about) = webhook_delivery::about(conn, cause.0).await? else {
        return Ok(());
    };
    for endpoint in receivers {
        let id = Uuid::now_v7();
        let mut data = about.clone();
        if let Some(detail) = detail {
            data["detail"] = detail.into();
        }
        let body = json!({
            "type": kind.event(), "timestamp": Utc::now(), "data": data,
        });
        let new = NewDelivery {
            id,
            endpoint,
            cause,
            kind: kind.as_str(),
            body: &body.to_string(),
        };
        if webhook_delivery::insert(conn, new).await? {
            jobs::enqueue(conn, &DeliverWebhook { delivery: id }).await?;
            after.lane(Lane::Outbound);
        }
    }
    Ok(())
}

/// What sends.
#[derive(Debug, Clone)]
pub struct Deliverer {
    /// The database.
    pub db: Db,
    /// Hosts inside the network that may be spoken to.
    pub private: PrivateHosts,
    /// Opens what signs.
    pub seal: Option<Seal>,
}

impl Deliverer {
    /// Makes one try.
    pub async fn deliver(&self, job: DeliverWebhook) -> Result<(), JobError> {
        let away = |error: Error| JobError::Retry(error.to_string());
        let (id, db) = (job.delivery, &self.db);
        let begun = webhook_delivery::begin(db, id).await;
        let Some(one) = begun.map_err(|error| away(error.into()))? else {
            return Ok(());
        };
        let shown = shown(id);
        let message = Message {
            id: &shown,
            timestamp: one.now.timestamp(),
            body: &one.body,
        };
        let sent = match &one.disabled {
            Some(why) => Err(NotTaken::Refused(format!("the receiver is off: {why}"))),
            None => {
                let secret = self.secret(&one).await.map_err(away)?;
                post(&one.url, &self.private, &secret, message).await
            }
        };
        let last = one.disabled.is_some() || one.tries >= DeliverWebhook::TRIES;
        let outcome = Outcome {
            id,
            endpoint: one.disabled.is_none().then_some(one.endpoint_id),
            last,
        };
        let error = match &sent {
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        self.write(outcome, sent).await.map_err(away)?;
        match error {
            Some(error) if !last => Err(JobError::Retry(error)),
            _ => Ok(()),
        }
    }

    /// What signs for this receiver. One that stands in the open, as all did once, is sealed now.
    async fn secret(&self, one: &TryRow) -> Result<Vec<u8>> {
        let place = place(one.endpoint_id);
        let seal = self.seal.as_ref().ok_or_else(|| {
            Error::Unavailable("this worker has no key that opens what signs".to_owned())
        })?;
        if one.sealed {
            let opened = seal.open(&place, &one.secret)?;
            return secret::of_standard(opened.expose_secret())
                .ok_or_else(|| Error::Internal(format!("{place} is no key")));
        }
        let sealed = seal.seal(&place, &secret::standard(&one.secret))?;
        webhook::seal(&self.db, one.endpoint_id, &sealed).await?;
        Ok(one.secret.clone())
    }

    async fn write(&self, outcome: Outcome, sent: Result<u16, NotTaken>) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let status = |status: u16| i16::try_from(status).unwrap_or_default();
        match sent {
            Ok(answered) => {
                webhook_delivery::taken(&mut tx, outcome.id, status(answered)).await?;
            }
            Err(error) => {
                let answered = match &error {
                    NotTaken::Answered(code) => Some(status(*code)),
                    NotTaken::Refused(_) | NotTaken::Silent(_) => None,
                };
                let why = error.to_string();
                webhook_delivery::failed(&mut tx, outcome.id, answered, &why, outcome.last).await?;
                if let Some(endpoint) = outcome.endpoint {
                    let reason = format!("{FAILURES} tries in a row failed, the last: {why}");
                    webhook_delivery::strike(&mut tx, endpoint, FAILURES, &reason).await?;
                }
            }
        }
        Ok(tx.commit().await?)
    }
}

/// What a try was about.
struct Outcome {
    id: Uuid,
    /// Whose failure it counts as.
    endpoint: Option<Uuid>,
    /// Whether there is no other try.
    last: bool,
}

/// The id of a delivery as receivers and people see it.
#[must_use]
pub fn shown(id: Uuid) -> String {
    format!("delivery_{}", id.simple())
}

/// A receiver to be added.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where it listens.
    pub url: String,
    /// What it is told.
    pub kinds: Vec<Kind>,
    /// Whether it is told of everybody's tasks; for admins.
    pub everyone: bool,
}

/// A change to a receiver; nothing stays as it is.
#[derive(Debug, Clone, Default)]
pub struct EndpointChange {
    /// Where it listens.
    pub url: Option<String>,
    /// What it is told.
    pub kinds: Option<Vec<Kind>>,
    /// Whether it is told anything.
    pub active: Option<bool>,
}

/// Adds a receiver; answers with the secret as well, which is shown this once.
pub async fn create(
    db: &Db,
    private: &PrivateHosts,
    seal: &Seal,
    caller: &Caller,
    wanted: Wanted,
) -> Result<(EndpointRow, String)> {
    if wanted.everyone && caller.role < Role::Admin {
        let message = "only an admin's webhook is told of everybody's tasks";
        return Err(Error::Forbidden(message.to_owned()));
    }
    fits(&wanted.url, private).await?;
    let kinds = words(&wanted.kinds)?;
    if webhook::count(db, caller.user).await? >= MOST {
        return Err(Error::Conflict(format!("you have {MOST} webhooks already")));
    }
    let (id, bytes) = (Uuid::now_v7(), secret::bytes()?);
    let sealed = seal.seal(&place(id), &secret::standard(&bytes))?;
    let new = NewEndpoint {
        id,
        owner_id: caller.user,
        url: &wanted.url,
        kinds: &kinds,
        everyone: wanted.everyone,
        secret: &sealed,
    };
    let mut tx = db.begin().await?;
    webhook::insert(&mut tx, new).await?;
    let detail = json!({"host": host(&wanted.url), "kinds": kinds, "everyone": wanted.everyone});
    audit::note(
        &mut tx,
        caller,
        "webhook.created",
        &subject(new.id),
        &detail,
    )
    .await?;
    tx.commit().await?;
    let row = get(db, caller, new.id).await?;
    Ok((row, format!("{SECRET}{}", secret::standard(&bytes))))
}

/// The receivers of the caller; an admin sees all.
pub async fn list(db: &Db, caller: &Caller) -> Result<Vec<EndpointRow>> {
    Ok(webhook::list(db, owner(caller)).await?)
}

/// A receiver of the caller; an admin sees all.
pub async fn get(db: &Db, caller: &Caller, id: Uuid) -> Result<EndpointRow> {
    webhook::find(db, id, owner(caller))
        .await?
        .ok_or_else(|| Error::not_found("webhook"))
}

/// Changes a receiver, if nobody has changed it since `seen`.
pub async fn change(
    db: &Db,
    private: &PrivateHosts,
    caller: &Caller,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    change: EndpointChange,
) -> Result<EndpointRow> {
    get(db, caller, id).await?;
    if let Some(url) = &change.url {
        fits(url, private).await?;
    }
    let kinds = change.kinds.as_deref().map(words).transpose()?;
    let row = Change {
        url: change.url.as_deref(),
        kinds: kinds.as_deref(),
        active: change.active,
    };
    let mut tx = db.begin().await?;
    if !webhook::update(&mut tx, id, seen, row).await? {
        return Err(Error::Stale);
    }
    let url = change.url.as_deref().map(host);
    let detail = json!({"host": url, "kinds": kinds, "active": change.active});
    audit::note(&mut tx, caller, "webhook.changed", &subject(id), &detail).await?;
    tx.commit().await?;
    get(db, caller, id).await
}

/// Deletes a receiver with all it was sent.
pub async fn delete(db: &Db, caller: &Caller, id: Uuid) -> Result<()> {
    get(db, caller, id).await?;
    let mut tx = db.begin().await?;
    webhook::delete(&mut tx, id).await?;
    audit::note(&mut tx, caller, "webhook.deleted", &subject(id), &json!({})).await?;
    Ok(tx.commit().await?)
}

/// What a receiver was sent, newest first.
pub async fn deliveries(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<DeliveryRow>> {
    get(db, caller, id).await?;
    Ok(webhook_delivery::list(db, id, before, most).await?)
}

/// Has something sent again, under the same id.
pub async fn redeliver(db: &Db, caller: &Caller, id: Uuid, delivery: Uuid) -> Result<()> {
    get(db, caller, id).await?;
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    if !webhook_delivery::again(&mut tx, id, delivery).await? {
        return Err(Error::Conflict(
            "it is being sent, or was never for this webhook".to_owned(),
        ));
    }
    jobs::enqueue(&mut tx, &DeliverWebhook { delivery }).await?;
    after.lane(Lane::Outbound);
    let detail = json!({"delivery": shown(delivery)});
    audit::note(
        &mut tx,
        caller,
        "webhook.redelivered",
        &subject(id),
        &detail,
    )
    .await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(())
}

fn owner(caller: &Caller) -> Option<Uuid> {
    (caller.role < Role::Admin).then_some(caller.user)
}

fn subject(id: Uuid) -> String {
    format!("webhook_{}", id.simple())
}

/// To what the sealed secret of a receiver is bound.
fn place(id: Uuid) -> String {
    format!("webhook/{}", id.simple())
}

async fn fits(url: &str, private: &PrivateHosts) -> Result<()> {
    check(url, private)
        .await
        .map_err(|error| Error::field("/url", error.to_string()))
}

fn words(kinds: &[Kind]) -> Result<Vec<String>> {
    if kinds.is_empty() {
        return Err(Error::field("/kinds", "say what it is told"));
    }
    let wanted = Kind::ALL.into_iter().filter(|kind| kinds.contains(kind));
    Ok(wanted.map(|kind| kind.as_str().to_owned()).collect())
}

/// The server of an address; the rest of it may be a secret.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

//! Webhooks: other programs are told what one is told.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    notifications::NotificationKind,
    wire::{Cursor, Done, Id, Limit, Tagged, Text, kind, seen},
};
use crate::{
    error::Error,
    services::{
        notices::Kind,
        webhooks::{self, DeliveryRow, EndpointChange, EndpointRow, Wanted},
    },
};

#[derive(Default)]
pub(super) struct WebhooksApi;

/// A receiver.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Webhook {
    /// Its id.
    id: Id<kind::Webhook>,
    /// Whose it is.
    owner_id: Id<kind::User>,
    /// Where it listens.
    url: String,
    /// What it is told.
    kinds: Vec<NotificationKind>,
    /// Whether it is told of everybody's tasks, not of its owner's alone.
    everyone: bool,
    /// Whether it is told anything.
    active: bool,
    /// Why it is not.
    disabled_reason: Option<String>,
    /// Tries in a row that failed; after 30 it is switched off.
    failures: i32,
    /// When it was added.
    created_at: DateTime<Utc>,
}

/// Receivers.
#[derive(Object)]
struct WebhookList {
    /// Newest first; 200 at most.
    items: Vec<Webhook>,
}

/// A receiver to be added.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewWebhook {
    /// Where it listens: `https://…`. Addresses inside the network are refused unless the operator has named them.
    #[oai(validator(min_length = 1, max_length = 2000))]
    url: Text,
    /// What it is told.
    #[oai(validator(min_items = 1, max_items = 20))]
    kinds: Vec<NotificationKind>,
    /// Whether it is told of everybody's tasks; for admins (no).
    everyone: Option<bool>,
}

/// A receiver that was added.
#[derive(Object)]
struct WebhookWithSecret {
    /// The receiver.
    webhook: Webhook,
    /// What signs what it is sent, as libraries for Standard Webhooks take it. Shown this once.
    secret: String,
}

/// What changes about a receiver; what is left out stays.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct WebhookUpdate {
    /// Where it listens.
    #[oai(validator(min_length = 1, max_length = 2000))]
    url: Option<Text>,
    /// What it is told.
    #[oai(validator(min_items = 1, max_items = 20))]
    kinds: Option<Vec<NotificationKind>>,
    /// Whether it is told anything. Switched on, it begins without failures.
    active: Option<bool>,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "DeliveryState", rename_all = "snake_case")]
enum DeliveryState {
    /// It is tried, and tried again.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// Something that a receiver is sent.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct WebhookDelivery {
    /// Its id, and the header `webhook-id` of every try.
    id: Id<kind::Delivery>,
    /// What it is about.
    kind: NotificationKind,
    /// The run it is about.
    run_id: Id<kind::Run>,
    /// How far it is.
    state: DeliveryState,
    /// Tries since it was written or asked for again.
    tries: i16,
    /// What the receiver answered last.
    status: Option<i16>,
    /// What went wrong last.
    error: Option<String>,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// When it was tried last.
    tried_at: Option<DateTime<Utc>>,
    /// When it was taken.
    delivered_at: Option<DateTime<Utc>>,
}

/// What a receiver was sent.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct WebhookDeliveryPage {
    /// Newest first.
    items: Vec<WebhookDelivery>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

#[derive(ApiResponse)]
enum Added {
    /// It has been added.
    #[oai(status = 201)]
    Created(Json<WebhookWithSecret>),
}

#[OpenApi(prefix_path = "/api/v1/webhooks", tag = "Tag::Notifications")]
impl WebhooksApi {
    /// Add a webhook
    ///
    /// It is sent a signed POST whenever one of these things happens to a run of one's own tasks. Headers and signature
    /// are those of Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`); a message that is not
    /// taken with 2xx within 10 seconds is sent again, up to nine times in some forty minutes, under the same id.
    #[oai(path = "/", method = "post", operation_id = "createWebhook")]
    async fn create(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        body: Json<NewWebhook>,
    ) -> Result<Added, Problem> {
        let caller = auth.may("createWebhook")?;
        let wanted = Wanted {
            url: body.0.url.into(),
            kinds: body.0.kinds.into_iter().map(Kind::from).collect(),
            everyone: body.0.everyone.unwrap_or_default(),
        };
        let private = &state.work.webhook_hosts;
        let (row, secret) =
            webhooks::create(&state.db, private, &state.work.seal, caller, wanted).await?;
        Ok(Added::Created(Json(WebhookWithSecret {
            webhook: Webhook::of(row)?,
            secret,
        })))
    }

    /// List webhooks
    ///
    /// One's own; an admin sees all.
    #[oai(path = "/", method = "get", operation_id = "listWebhooks")]
    async fn list(&self, state: Data<&ApiState>, auth: Auth) -> Result<Json<WebhookList>, Problem> {
        let caller = auth.may("listWebhooks")?;
        let rows = webhooks::list(&state.db, caller).await?;
        Ok(Json(WebhookList {
            items: rows
                .into_iter()
                .map(Webhook::of)
                .collect::<Result<_, _>>()?,
        }))
    }

    /// Get a webhook
    ///
    /// The `ETag` names this state of it, tries that failed not counted; send it back as `If-Match` with a change.
    #[oai(path = "/:id", method = "get", operation_id = "getWebhook")]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The webhook.
        id: Path<Id<kind::Webhook>>,
    ) -> Result<Tagged<Webhook>, Problem> {
        let caller = auth.may("getWebhook")?;
        found(webhooks::get(&state.db, caller, id.0.0).await?)
    }

    /// Change a webhook
    ///
    /// Its secret stays. One that was switched off for its failures is switched on again with `active`. With `If-Match`,
    /// only if nobody has changed it since; else 412.
    #[oai(path = "/:id", method = "patch", operation_id = "updateWebhook")]
    async fn update(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The webhook.
        id: Path<Id<kind::Webhook>>,
        /// The `ETag` of the state that is to be changed.
        #[oai(name = "If-Match", validator(max_length = 100))]
        if_match: Header<Option<String>>,
        body: Json<WebhookUpdate>,
    ) -> Result<Tagged<Webhook>, Problem> {
        let caller = auth.may("updateWebhook")?;
        let kinds = body.0.kinds;
        let change = EndpointChange {
            url: body.0.url.map(String::from),
            kinds: kinds.map(|kinds| kinds.into_iter().map(Kind::from).collect()),
            active: body.0.active,
        };
        let seen = seen(if_match.0.as_deref())?;
        let private = &state.work.webhook_hosts;
        found(webhooks::change(&state.db, private, caller, id.0.0, seen, change).await?)
    }

    /// Delete a webhook
    ///
    /// With the list of what it was sent.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteWebhook")]
    async fn delete(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The webhook.
        id: Path<Id<kind::Webhook>>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("deleteWebhook")?;
        webhooks::delete(&state.db, caller, id.0.0).await?;
        Ok(Done::Done)
    }

    /// List what a webhook was sent
    ///
    /// With how it went.
    #[oai(
        path = "/:id/deliveries",
        method = "get",
        operation_id = "listWebhookDeliveries"
    )]
    async fn deliveries(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The webhook.
        id: Path<Id<kind::Webhook>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<WebhookDeliveryPage>, Problem> {
        let caller = auth.may("listWebhookDeliveries")?;
        let most = Limit::of(limit.0);
        let before = Cursor::one(cursor.0)?;
        let rows = webhooks::deliveries(&state.db, caller, id.0.0, before, most + 1).await?;
        let (rows, next_cursor) = Cursor::page(rows, most, |row| row.id);
        Ok(Json(WebhookDeliveryPage {
            items: rows
                .into_iter()
                .map(WebhookDelivery::of)
                .collect::<Result<_, _>>()?,
            next_cursor,
        }))
    }

    /// Send something again
    ///
    /// Under the same id, with as many tries as the first time. 409 while it is being sent.
    #[oai(
        path = "/:id/deliveries/:delivery_id/redeliver",
        method = "post",
        operation_id = "redeliverWebhook"
    )]
    async fn redeliver(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The webhook.
        id: Path<Id<kind::Webhook>>,
        /// What it was sent.
        delivery_id: Path<Id<kind::Delivery>>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("redeliverWebhook")?;
        webhooks::redeliver(&state.db, caller, id.0.0, delivery_id.0.0).await?;
        Ok(Done::Done)
    }
}

fn found(row: EndpointRow) -> Result<Tagged<Webhook>, Problem> {
    let changed = row.updated_at;
    Ok(Tagged::new(Webhook::of(row)?, changed))
}

impl Webhook {
    fn of(row: EndpointRow) -> Result<Self, Problem> {
        let kinds = row.kinds.iter();
        let kinds = kinds.map(|word| Kind::of(word).map(NotificationKind::from));
        Ok(Self {
            id: row.id.into(),
            owner_id: row.owner_id.into(),
            url: row.url,
            kinds: kinds.collect::<Result<_, Error>>()?,
            everyone: row.everyone,
            active: row.disabled_at.is_none(),
            disabled_reason: row.disabled_reason,
            failures: row.failures,
            created_at: row.created_at,
        })
    }
}

impl WebhookDelivery {
    fn of(row: DeliveryRow) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id.into(),
            kind: Kind::of(&row.kind)?.into(),
            run_id: row.run_id.into(),
            state: match row.state.as_str() {
                "delivered" => DeliveryState::Delivered,
                "failed" => DeliveryState::Failed,
                _ => DeliveryState::Pending,
            },
            tries: row.tries,
            status: row.status,
            error: row.error,
            created_at: row.created_at,
            tried_at: row.tried_at,
            delivered_at: row.delivered_at,
        })
    }
}

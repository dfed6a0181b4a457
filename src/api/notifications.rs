//! What one is told of one's own work.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Header, Query},
    payload::Json,
};
use uuid::Uuid;

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    views::TaskRef,
    wire::{Cursor, Id, Limit, Tagged, kind, seen},
};
use crate::services::{
    access::Caller,
    notices::{self, Kind, NotificationRow},
};

#[derive(Default)]
pub(super) struct NotificationsApi;

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "NotificationKind", rename_all = "snake_case")]
pub(super) enum NotificationKind {
    /// A plan waits for a decision.
    Plan,
    /// A question waits for an answer.
    Question,
    /// A run waits for money or time.
    Budget,
    /// A run waits for a decision on what it has done.
    Delivery,
    /// A task waits for another that has ended without success.
    Blocked,
    /// A run came to a good end.
    Succeeded,
    /// A run came to an end that a person has to look at.
    NeedsHuman,
    /// A run could not go on.
    Failed,
    /// A pull request with the work of a run was merged.
    Merged,
    /// A pull request with the work of a run was closed and not merged.
    Closed,
}

impl From<Kind> for NotificationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Plan => Self::Plan,
            Kind::Question => Self::Question,
            Kind::Budget => Self::Budget,
            Kind::Delivery => Self::Delivery,
            Kind::Blocked => Self::Blocked,
            Kind::Succeeded => Self::Succeeded,
            Kind::NeedsHuman => Self::NeedsHuman,
            Kind::Failed => Self::Failed,
            Kind::Merged => Self::Merged,
            Kind::Closed => Self::Closed,
        }
    }
}

impl From<NotificationKind> for Kind {
    fn from(kind: NotificationKind) -> Self {
        match kind {
            NotificationKind::Plan => Self::Plan,
            NotificationKind::Question => Self::Question,
            NotificationKind::Budget => Self::Budget,
            NotificationKind::Delivery => Self::Delivery,
            NotificationKind::Blocked => Self::Blocked,
            NotificationKind::Succeeded => Self::Succeeded,
            NotificationKind::NeedsHuman => Self::NeedsHuman,
            NotificationKind::Failed => Self::Failed,
            NotificationKind::Merged => Self::Merged,
            NotificationKind::Closed => Self::Closed,
        }
    }
}

/// Something that one is told.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct Notification {
    /// Its id.
    id: Id<kind::Notification>,
    /// What happened.
    kind: NotificationKind,
    /// The task.
    task: TaskRef,
    /// The run.
    run_id: Id<kind::Run>,
    /// Why it failed, or what its end comes to.
    detail: Option<String>,
    /// When.
    created_at: DateTime<Utc>,
    /// When one read it.
    read_at: Option<DateTime<Utc>>,
}

/// What one is told.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct NotificationPage {
    /// Newest first.
    items: Vec<Notification>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
    /// How many in all one has not read.
    unread: i64,
}

/// What one has read.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct ReadNotifications {
    /// These; all of them when nothing is said.
    #[oai(validator(max_items = 200))]
    ids: Option<Vec<Id<kind::Notification>>>,
}

/// What is left.
#[derive(Object)]
struct Unread {
    /// How many one has not read.
    unread: i64,
}

/// What one wants to be told.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NotificationPreferences {
    /// Kinds that one does not want to hear of. What happens meanwhile is not told later either.
    #[oai(validator(max_items = 20))]
    muted: Vec<NotificationKind>,
}

#[OpenApi(prefix_path = "/api/v1/notifications", tag = "Tag::Notifications")]
impl NotificationsApi {
    /// List notifications
    ///
    /// What one was told of the runs of one's own tasks: when they need a person, and when they have ended. The stream
    /// sends each as a `notification`, too.
    #[oai(path = "/", method = "get", operation_id = "listNotifications")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Only those that one has not read.
        unread: Query<Option<bool>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<NotificationPage>, Problem> {
        let caller = auth.may("listNotifications")?;
        let most = Limit::of(limit.0);
        let before = Cursor::one(cursor.0)?;
        let unread = unread.0.unwrap_or_default();
        let rows = notices::list(&state.db, caller, unread, before, most + 1).await?;
        let (rows, next_cursor) = Cursor::page(rows, most, |row| row.id);
        Ok(Json(NotificationPage {
            items: rows
                .into_iter()
                .map(Notification::of)
                .collect::<Result<_, _>>()?,
            next_cursor,
            unread: notices::unread(&state.db, caller).await?,
        }))
    }

    /// Mark notifications as read
    ///
    /// Some, or all of them. Those that are not one's own stay as they are.
    #[oai(path = "/read", method = "post", operation_id = "readNotifications")]
    async fn read(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        body: Json<ReadNotifications>,
    ) -> Result<Json<Unread>, Problem> {
        let caller = auth.may("readNotifications")?;
        let ids: Option<Vec<Uuid>> = body.0.ids.map(|ids| ids.iter().map(|id| id.0).collect());
        let unread = notices::read(&state.db, caller, ids.as_deref()).await?;
        Ok(Json(Unread { unread }))
    }

    /// Get what one wants to be told
    ///
    /// Everything, unless one has said otherwise. The `ETag` names this state; send it back as `If-Match` with a change.
    #[oai(
        path = "/preferences",
        method = "get",
        operation_id = "getNotificationPreferences"
    )]
    async fn preferences(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
    ) -> Result<Tagged<NotificationPreferences>, Problem> {
        preferences(&state, auth.may("getNotificationPreferences")?).await
    }

    /// Say what one wants to be told
    ///
    /// From now on; in the place of what was said before. With `If-Match`, only if that was not changed since; else 412.
    #[oai(
        path = "/preferences",
        method = "put",
        operation_id = "setNotificationPreferences"
    )]
    async fn prefer(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The `ETag` of the state that is to be changed.
        #[oai(name = "If-Match", validator(max_length = 100))]
        if_match: Header<Option<String>>,
        body: Json<NotificationPreferences>,
    ) -> Result<Tagged<NotificationPreferences>, Problem> {
        let caller = auth.may("setNotificationPreferences")?;
        let kinds: Vec<Kind> = body.0.muted.iter().map(|kind| (*kind).into()).collect();
        let seen = seen(if_match.0.as_deref())?;
        notices::mute(&state.db, caller, seen, &kinds).await?;
        preferences(&state, caller).await
    }
}

async fn preferences(
    state: &ApiState,
    caller: &Caller,
) -> Result<Tagged<NotificationPreferences>, Problem> {
    let (muted, changed) = notices::muted(&state.db, caller).await?;
    let muted = muted.into_iter().map(NotificationKind::from).collect();
    Ok(Tagged::new(NotificationPreferences { muted }, changed))
}

impl Notification {
    pub(super) fn of(row: NotificationRow) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id.into(),
            kind: Kind::of(&row.kind)?.into(),
            task: TaskRef {
                id: row.task_id.into(),
                title: row.task,
            },
            run_id: row.run_id.into(),
            detail: row.detail,
            created_at: row.created_at,
            read_at: row.read_at,
        })
    }
}

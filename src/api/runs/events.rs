//! What happened in a run, event by event.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::Any,
};

use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        wire::{Id, Limit, kind},
    },
    error::Error,
    services::story::{self, Event, Wanted, Window},
};

#[derive(Default)]
pub(in crate::api) struct EventsApi;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(in crate::api) enum EventType {
    /// The run as a whole: paused, canceled, ended, taken over.
    Status,
    /// A step: recorded, dispatched, failed.
    Step,
    /// A call of a model. `data` of a finished one: `text`, `thinking`, `calls[{tool, arguments}]`, `stop`, `usage`,
    /// `cost_usd_micros`.
    ModelCall,
    /// A use of a tool. `data`: `tool`, `arguments`, `call_id`, and of a finished one `output`, `duration_ms`, and
    /// `artifact` when the model saw only a part of the output.
    ToolCall,
    /// What a person said reached an agent. `data.texts`.
    Message,
    /// A person decided or answered. `data`: `signal`, `payload`, `by`.
    Decision,
    /// Anything else in the journal.
    Other,
}

/// How far the thing is that an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(in crate::api) enum Phase {
    /// It begins.
    Started,
    /// It is over.
    Finished,
    /// It is over, and went wrong.
    Failed,
}

/// One thing that happened in a run.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub(in crate::api) struct RunEvent {
    /// Its position: later is higher, without gaps. What `after`, `before`, retry and fork count by.
    pub(in crate::api) seq: i32,
    /// The run that wrote it: this one, or the one it was forked from.
    run_id: Id<kind::Run>,
    /// Ordinal of the step it belongs to.
    step_no: i32,
    /// When.
    at: DateTime<Utc>,
    /// What it is about.
    #[oai(rename = "type")]
    kind: EventType,
    /// How far that is.
    phase: Option<Phase>,
    /// The journal's own word for it.
    name: String,
    /// In one line, for people.
    title: String,
    /// The agent at work.
    agent: Option<String>,
    /// The turn of its conversation.
    turn: Option<i32>,
    /// What came of it; texts are cut at 8,000 bytes.
    data: Option<Any<serde_json::Value>>,
    /// Whether something in `data` was cut.
    truncated: bool,
}

/// Events of a run.
#[derive(Object)]
struct RunEventPage {
    /// Oldest first.
    items: Vec<RunEvent>,
    /// Whether there are more in the direction that was asked for.
    has_more: bool,
}

#[OpenApi(prefix_path = "/api/v1/runs", tag = "Tag::Runs")]
impl EventsApi {
    /// List the events of a run
    ///
    /// From the beginning, after a position, or the newest before one. Those that a fork shares with the run it comes
    /// from are among them.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    #[oai(path = "/:id/events", method = "get", operation_id = "listRunEvents")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// Only those after this position.
        #[oai(validator(minimum(value = "0")))]
        after: Query<Option<i32>>,
        /// Only the newest before this position.
        #[oai(validator(minimum(value = "0")))]
        before: Query<Option<i32>>,
        /// Only those about this.
        kind: Query<Option<EventType>>,
        /// Only those with these words in their title or data, as they are shown.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<Option<String>>,
        /// How many at most.
        limit: Query<Option<Limit>>,
    ) -> Result<Json<RunEventPage>, Problem> {
        let caller = auth.may("listRunEvents")?;
        let most = Limit::of(limit.0);
        let window = match (after.0, before.0) {
            (Some(_), Some(_)) => {
                return Err(Error::field("before", "not together with `after`").into());
            }
            (_, Some(before)) => Window::Before(before),
            (after, None) => Window::After(after.unwrap_or_default()),
        };
        let wanted = Wanted::new(kind.0.map(Into::into), q.0.as_deref());
        let mut events =
            story::events(&state.db, caller, id.0.0, window, &wanted, most + 1).await?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let has_more = events.len() > most;
        match window {
            Window::After(_) => events.truncate(most),
            Window::Before(_) => drop(events.drain(..events.len().saturating_sub(most))),
        }
        Ok(Json(RunEventPage {
            items: events.into_iter().map(RunEvent::from).collect(),
            has_more,
        }))
    }
}

/// The same words on both sides of the door.
macro_rules! both_ways {
    ($($word:ident)*) => {
        impl From<story::EventType> for EventType {
            fn from(kind: story::EventType) -> Self {
                match kind { $(story::EventType::$word => Self::$word,)* }
            }
        }

        impl From<EventType> for story::EventType {
            fn from(kind: EventType) -> Self {
                match kind { $(EventType::$word => Self::$word,)* }
            }
        }
    };
}

both_ways!(Status Step ModelCall ToolCall Message Decision Other);

impl From<Event> for RunEvent {
    fn from(event: Event) -> Self {
        Self {
            seq: event.seq,
            run_id: event.run_id.into(),
            step_no: event.step_no,
            at: event.at,
            kind: event.kind.into(),
            phase: event.phase.map(|phase| match phase {
                story::Phase::Started => Phase::Started,
                story::Phase::Finished => Phase::Finished,
                story::Phase::Failed => Phase::Failed,
            }),
            name: event.name,
            title: event.title,
            agent: event.agent,
            turn: event.turn,
            data: Some(event.data).filter(|data| !data.is_null()).map(Any),
            truncated: event.truncated,
        }
    }
}

//! What happens, as it happens: server-sent events. A stream can be taken up again where it broke off.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures::stream::{BoxStream, StreamExt};
use poem::{
    Request,
    web::{Data, sse::Event},
};
use poem_openapi::{
    Enum, Object, OpenApi, Union,
    param::{Header, Query},
    payload::EventStream,
    types::ToJSON,
};
use secrecy::SecretString;
use tokio::{
    sync::broadcast::error::{RecvError, TryRecvError},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::{
    ApiState, Problem, Tag,
    auth::{self, Auth},
    notifications::Notification,
    runs::RunEvent,
    views::Status,
    wire::{Id, Opened, kind},
};
use crate::{
    error::Error,
    services::{
        access::{Caller, permission_of},
        announce::{self, Words},
        attempts,
        feed::{Move, MovedRow},
        notices, standing,
        story::{self, Window},
        turns::Turn,
    },
};

#[derive(Default)]
pub(super) struct StreamApi;

/// Silence after which a comment is sent, so that nobody in between hangs up.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a stream goes on at most after the right to it has ended.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Events read at once.
const CHUNK: i64 = 200;

/// Something happened in the run that is followed.
#[derive(Object)]
pub(super) struct RunFrame {
    /// What.
    event: RunEvent,
}

/// A run that one may see has moved; ask for it, or for lists that show it.
#[derive(Object)]
pub(super) struct ChangedFrame {
    /// The run.
    run_id: Id<kind::Run>,
    /// Its task.
    task_id: Id<kind::Task>,
    /// Where it stands now.
    status: Status,
}

/// A model speaks in the run that is followed. Its whole answer is an event in the end; what is lost of this on the way
/// is lost.
#[derive(Object)]
pub(super) struct WordsFrame {
    /// The agent it speaks as.
    agent: String,
    /// Which answer of its conversation this is, from 1.
    turn: i32,
    /// How it is meant.
    manner: Manner,
    /// The newest part of what it has said, 2,000 bytes at most; it takes the place of what came before.
    text: String,
}

/// How words of a model are meant.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Manner {
    /// For others.
    Says,
    /// For itself.
    Thinks,
    /// The name of the tool that it is about to use.
    Uses,
}

/// One was told something of one's own work.
#[derive(Object)]
pub(super) struct NotificationFrame {
    /// What.
    notification: Notification,
}

/// Anything may have moved: ask for what is shown.
#[derive(Object)]
pub(super) struct ResetFrame {
    /// Why.
    reason: String,
}

/// The followed run has ended; nothing more will come unless it is taken up again.
#[derive(Object)]
pub(super) struct EndFrame {
    /// How it stands.
    status: Status,
}

/// One message of the stream.
#[derive(Union)]
#[oai(discriminator_name = "type", one_of)]
pub(super) enum Frame {
    #[oai(mapping = "run_event")]
    Run(RunFrame),
    #[oai(mapping = "run_changed")]
    Changed(ChangedFrame),
    #[oai(mapping = "words")]
    Words(WordsFrame),
    #[oai(mapping = "notification")]
    Notification(NotificationFrame),
    #[oai(mapping = "reset")]
    Reset(ResetFrame),
    #[oai(mapping = "end")]
    End(EndFrame),
}

/// What one wants to hear of: the types of messages, but `reset` and `end`, which always come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum Topic {
    /// Events of the run that is followed.
    RunEvent,
    /// Runs that have moved.
    RunChanged,
    /// What models say in the run that is followed.
    Words,
    /// What one was told of one's own work.
    Notification,
}

/// What somebody who opens a stream asks for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The run to follow.
    pub(super) run: Option<Uuid>,
    /// The position after which to begin.
    pub(super) after: i32,
    /// What to hear of; everything when it is empty.
    pub(super) topics: Vec<Topic>,
}

impl Asked {
    fn wants(&self, topic: Topic) -> bool {
        self.topics.is_empty() || self.topics.contains(&topic)
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Streams")]
impl StreamApi {
    /// Follow what happens
    ///
    /// Server-sent events. With `run`, every event of that run: those after `after` (or `Last-Event-ID`) first, then
    /// each as it is journaled; the `id` of a message is its position. Runs that one may see and that move are told of
    /// as well, and what `listNotifications` gets from now on. A comment comes at once and every 15 seconds. `end` comes
    /// after the last event of a run that is over, also when it was over before. With `topics` only what one names comes,
    /// and `reset` and `end`.
    ///
    /// A stream ends, seconds later, when the right to open it does: with its access token, its login, the account. One
    /// comes back with what one has then. Twenty at the same time are enough for one person; more are refused with 429.
    ///
    /// `GET /api/v1/ws` is the same over a WebSocket: `run`, `after` and `topics` as here, each frame a text message, a ping every
    /// 15 seconds, and after a break one goes on with the `seq` of the last event as `after`. What is sent there is not
    /// read. With cookies it is opened to pages of ours only (`Origin`).
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    #[oai(path = "/stream", method = "get", operation_id = "stream")]
    async fn stream(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        request: &Request,
        /// The run to follow; only what moves when nothing is said.
        run: Query<Option<Id<kind::Run>>>,
        /// The position after which to begin.
        #[oai(validator(minimum(value = "0")))]
        after: Query<Option<i32>>,
        /// Types of messages; all when none is named.
        topics: Query<Option<Vec<Topic>>>,
        /// The `id` of the last message that arrived; browsers send it by themselves.
        #[oai(name = "Last-Event-ID", validator(max_length = 20))]
        last: Header<Option<String>>,
    ) -> Result<Opened<EventStream<BoxStream<'static, Frame>>>, Problem> {
        let caller = auth.may("stream")?.clone();
        let last = match last.0.as_deref() {
            None => None,
            Some(text) => Some(
                text.parse::<i32>()
                    .map_err(|_| Error::field("Last-Event-ID", "not an id of this stream"))?,
            ),
        };
        let asked = Asked {
            run: run.0.map(|id| id.0),
            after: last.or(after.0).unwrap_or_default(),
            topics: topics.0.unwrap_or_default(),
        };
        let shown = auth::shown(request)?;
        let frames = follow(&state, caller, shown, asked).await?;
        let stream = EventStream::new(frames).keep_alive(KEEP_ALIVE);
        Ok(Opened(stream.to_event(|frame| {
            let message = Event::message(frame.to_json_string());
            match &frame {
                Frame::Run(run) => message.id(run.event.seq.to_string()),
                _ => message,
            }
        })))
    }
}

/// The frames that this caller gets: of the run asked for, and of what else moves from now on.
pub(super) async fn follow(
    state: &ApiState,
    caller: Caller,
    shown: SecretString,
    asked: Asked,
) -> Result<BoxStream<'static, Frame>, Problem> {
    let turn = state.streams.take(caller.user)?;
    // Heard from before anything is read: what moves in between is not missed.
    let moves = state.feed.listen();
    let mut follower = Follower {
        state: state.clone(),
        caller,
        shown,
        look_again: Instant::now() + LOOK_AGAIN,
        _turn: turn,
        moves,
        seq: asked.after,
        pending: Vec::new(),
        look: asked.run.is_some(),
        over: None,
        ended: false,
        since: notices::now(&state.db).await?,
        told: HashSet::new(),
        asked,
    };
    if let Some(run) = follower.asked.run {
        let row = attempts::get(&follower.state.db, &follower.caller, run).await?;
        follower.stands(row.standing()?);
    }
    let frames = futures::stream::unfold(follower, |mut follower| async move {
        let frame = follower.next().await?;
        Some((frame, follower))
    });
    Ok(frames.boxed())
}

impl From<&Words> for WordsFrame {
    fn from(words: &Words) -> Self {
        Self {
            agent: words.role.clone(),
            turn: words.turn,
            manner: match words.manner {
                announce::Manner::Says => Manner::Says,
                announce::Manner::Thinks => Manner::Thinks,
                announce::Manner::Uses => Manner::Uses,
            },
            text: words.text.clone(),
        }
    }
}

/// Runs that have moved, with where they stand; nothing where that was not read.
type Moved = HashMap<Uuid, Option<Arc<MovedRow>>>;

struct Follower {
    state: ApiState,
    caller: Caller,
    /// What they came with.
    shown: SecretString,
    /// When it is looked at again.
    look_again: Instant,
    /// One of those that they may have at the same time.
    _turn: Turn,
    moves: tokio::sync::broadcast::Receiver<Move>,
    asked: Asked,
    /// The position of the last event that was sent.
    seq: i32,
    /// Frames in reverse.
    pending: Vec<Frame>,
    /// Whether the followed run may have more to tell.
    look: bool,
    /// How the followed run ended: told once all its events are.
    over: Option<Status>,
    /// Whether it has ended and that was told, or is about to be.
    ended: bool,
    /// When the stream began; notifications from before are in their list.
    since: DateTime<Utc>,
    /// Notifications that were sent.
    told: HashSet<Uuid>,
}

impl Follower {
    /// The next frame; nothing when the stream must end.
    async fn next(&mut self) -> Option<Frame> {
        loop {
            if self.look_again <= Instant::now() {
                self.still().await?;
            }
            if let Some(frame) = self.pending.pop() {
                if let Frame::Run(run) = &frame {
                    self.seq = run.event.seq;
                }
                return Some(frame);
            }
            if self.look {
                self.read().await?;
                continue;
            }
            if let Some(status) = self.over.take() {
                return Some(Frame::End(EndFrame { status }));
            }
            let mut runs = Moved::new();
            match timeout_at(self.look_again, self.moves.recv()).await {
                Ok(Ok(moved)) => self.sort(moved, &mut runs),
                Ok(Err(RecvError::Lagged(_))) => self.reset(&mut runs),
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => continue,
            }
            // Several moves of several runs are often there at once: one look at each will do.
            loop {
                match self.moves.try_recv() {
                    Ok(moved) => self.sort(moved, &mut runs),
                    Err(TryRecvError::Lagged(_)) => self.reset(&mut runs),
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            self.heard(runs).await?;
        }
    }

    /// Looks at who listens, as every request does: a stream lasts no longer than the right to open it. Nothing when that
    /// is over, or nobody knows: whoever still may comes back.
    async fn still(&mut self) -> Option<()> {
        self.caller = self.state.sessions.still(&self.shown).await.ok()?;
        self.caller.may(permission_of("stream")?).ok()?;
        if let Some(run) = self.asked.run {
            attempts::get(&self.state.db, &self.caller, run)
                .await
                .ok()?;
        }
        self.look_again = Instant::now() + LOOK_AGAIN;
        Some(())
    }

    /// Takes note of where the followed run stands. What was journaled until then is told before its end.
    fn stands(&mut self, standing: standing::Status) {
        let news = standing.is_over() && !self.ended;
        self.over = news.then(|| standing.into());
        self.ended = standing.is_over();
        self.look = true;
    }

    /// Reads what the followed run has to tell.
    async fn read(&mut self) -> Option<()> {
        let run = self.asked.run?;
        if !self.asked.wants(Topic::RunEvent) {
            self.look = false;
            return Some(());
        }
        let told = story::told(&self.state.db, run, Window::After(self.seq), CHUNK).await;
        let Ok(events) = told else {
            // The database is away: the caller comes back with the last id.
            return None;
        };
        self.look = i64::try_from(events.len()).unwrap_or(CHUNK) == CHUNK;
        let frame = |event| {
            Frame::Run(RunFrame {
                event: RunEvent::from(event),
            })
        };
        // Before whatever else is to be told.
        self.pending.extend(events.into_iter().rev().map(frame));
        Some(())
    }

    /// Looks for what the caller was told of this run.
    async fn notify(&mut self, run: Uuid) -> Option<()> {
        let rows = notices::since(&self.state.db, &self.caller, run, self.since).await;
        for row in rows.ok()? {
            if self.told.insert(row.id) {
                let notification = Notification::of(row).ok()?;
                let frame = NotificationFrame { notification };
                self.pending.insert(0, Frame::Notification(frame));
            }
        }
        Some(())
    }

    /// Puts a move where it belongs.
    fn sort(&mut self, moved: Move, runs: &mut Moved) {
        match moved {
            Move::Run(row) => {
                runs.insert(row.id, Some(row));
            }
            Move::Words(words)
                if self.asked.run == Some(words.run.0) && self.asked.wants(Topic::Words) =>
            {
                let frame = Frame::Words(WordsFrame::from(&*words));
                self.pending.insert(0, frame);
            }
            Move::Words(_) => {}
            Move::Anything => self.reset(runs),
        }
    }

    /// More moved than we could tell of: the followed run perhaps, too.
    fn reset(&mut self, runs: &mut Moved) {
        if let Some(run) = self.asked.run {
            runs.insert(run, None);
        }
        let reason = "some of what moved could not be told".to_owned();
        self.pending.insert(0, Frame::Reset(ResetFrame { reason }));
    }

    async fn heard(&mut self, runs: Moved) -> Option<()> {
        for (id, known) in runs {
            let row = match known {
                Some(row) => row,
                None => match attempts::moved(&self.state.db, id).await.ok()? {
                    Some(row) => Arc::new(row),
                    None => continue,
                },
            };
            if !row.is_seen_by(&self.caller) {
                continue;
            }
            let standing = row.standing().ok()?;
            if self.asked.run == Some(id) {
                self.stands(standing);
            }
            if row.created_by == self.caller.user && self.asked.wants(Topic::Notification) {
                self.notify(id).await?;
            }
            if !self.asked.wants(Topic::RunChanged) {
                continue;
            }
            let changed = ChangedFrame {
                run_id: id.into(),
                task_id: row.task_id.into(),
                status: standing.into(),
            };
            self.pending.insert(0, Frame::Changed(changed));
        }
        Some(())
    }
}

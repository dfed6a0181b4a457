//! The events that somebody looks for.

use serde_json::Value;
use uuid::Uuid;

use super::{Event, EventType, Window, told};
use crate::{error::Result, services::Db};

/// Rows that are read at once.
const CHUNK: i64 = 1_000;

/// Which events are wanted; all of them when nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    kind: Option<EventType>,
    words: Option<String>,
}

impl Wanted {
    /// Those about this, and those with these words in what is shown of them, letters of either case.
    #[must_use]
    pub fn new(kind: Option<EventType>, words: Option<&str>) -> Self {
        let words = words.map(str::to_lowercase);
        Self { kind, words }
    }

    pub(super) fn is_everything(&self) -> bool {
        self.kind.is_none() && self.words.is_none()
    }

    fn fits(&self, event: &Event) -> bool {
        let said = |words: &String| {
            event.title.to_lowercase().contains(words) || holds(&event.data, words)
        };
        self.kind.is_none_or(|kind| kind == event.kind) && self.words.as_ref().is_none_or(said)
    }
}

/// Whether these words stand in one of the texts.
fn holds(value: &Value, words: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(words),
        Value::Array(items) => items.iter().any(|item| holds(item, words)),
        Value::Object(fields) => fields.values().any(|field| holds(field, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What an event is about is known when it is told; so the journal is read on until there are enough.
pub(super) async fn find(
    db: &Db,
    run: Uuid,
    mut window: Window,
    wanted: &Wanted,
    most: i64,
) -> Result<Vec<Event>> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut found: Vec<Event> = Vec::new();
    loop {
        let events = told(db, run, window, CHUNK).await?;
        let (first, last) = (events.first().map(|e| e.seq), events.last().map(|e| e.seq));
        let more = i64::try_from(events.len()).unwrap_or(CHUNK) == CHUNK;
        let fit = events.into_iter().filter(|event| wanted.fits(event));
        match window {
            Window::After(_) => found.extend(fit),
            Window::Before(_) => drop(found.splice(0..0, fit)),
        }
        if !more || found.len() >= most {
            break;
        }
        window = match window {
            Window::After(seq) => Window::After(last.unwrap_or(seq)),
            Window::Before(seq) => Window::Before(first.unwrap_or(seq)),
        };
    }
    match window {
        Window::After(_) => found.truncate(most),
        Window::Before(_) => drop(found.drain(..found.len().saturating_sub(most))),
    }
    Ok(found)
}

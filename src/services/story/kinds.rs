//! The events of one kind.

use uuid::Uuid;

use super::{Event, EventType, Window, told};
use crate::{error::Result, services::Db};

/// Rows that are read at once.
const CHUNK: i64 = 1_000;

/// What an event is about is known when it is told; so the journal is read on until there are enough.
pub(super) async fn about(
    db: &Db,
    run: Uuid,
    mut window: Window,
    kind: EventType,
    most: i64,
) -> Result<Vec<Event>> {
    let wanted = usize::try_from(most).unwrap_or(usize::MAX);
    let mut found: Vec<Event> = Vec::new();
    loop {
        let events = told(db, run, window, CHUNK).await?;
        let (first, last) = (events.first().map(|e| e.seq), events.last().map(|e| e.seq));
        let more = i64::try_from(events.len()).unwrap_or(CHUNK) == CHUNK;
        let fit = events.into_iter().filter(|event| event.kind == kind);
        match window {
            Window::After(_) => found.extend(fit),
            Window::Before(_) => drop(found.splice(0..0, fit)),
        }
        if !more || found.len() >= wanted {
            break;
        }
        window = match window {
            Window::After(seq) => Window::After(last.unwrap_or(seq)),
            Window::Before(seq) => Window::Before(first.unwrap_or(seq)),
        };
    }
    match window {
        Window::After(_) => found.truncate(wanted),
        Window::Before(_) => drop(found.drain(..found.len().saturating_sub(wanted))),
    }
    Ok(found)
}

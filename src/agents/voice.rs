//! What a model says while it says it, for people who watch. Never the record: the journal has the answer when it is
//! whole, and what is lost on the way to a watcher is lost.

use std::{
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use workflows::RunId;

use super::Environment;
use crate::{
    providers::llm::Delta,
    services::announce::{Manner, Words},
};

/// How often watchers are told, at most.
const MOMENT: Duration = Duration::from_millis(250);
/// Watchers are told the newest part of what was said, in bytes; this much shows where it is going.
const TAIL: usize = 2_000;

/// One answer, while it comes.
pub(super) struct Voice<'a> {
    env: &'a Environment,
    run: RunId,
    role: &'a str,
    turn: i32,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    manner: Manner,
    text: String,
    /// There is something that watchers have not been told.
    news: bool,
}

impl<'a> Voice<'a> {
    pub(super) fn new(env: &'a Environment, run: RunId, role: &'a str, turn: i32) -> Self {
        Self {
            env,
            run,
            role,
            turn,
            said: Mutex::default(),
        }
    }

    /// Another piece of the answer.
    pub(super) fn hear(&self, delta: Delta<'_>) {
        let (manner, piece) = match delta {
            Delta::Text(piece) => (Manner::Says, piece),
            Delta::Thinking(piece) => (Manner::Thinks, piece),
            Delta::ToolName(name) => (Manner::Uses, name),
        };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.manner != manner || manner == Manner::Uses {
            said.manner = manner;
            said.text.clear();
        }
        said.text.push_str(piece);
        said.news = true;
    }

    /// Waits for the answer and tells watchers meanwhile.
    pub(super) async fn until<T>(&self, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        loop {
            tokio::select! {
                answer = &mut answer => return answer,
                () = self.tell() => {}
            }
        }
    }

    async fn tell(&self) {
        tokio::time::sleep(MOMENT).await;
        if let Some(words) = self.news() {
            self.env.records.tell(&words).await;
        }
    }

    fn news(&self) -> Option<Words> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let news = std::mem::take(&mut said.news);
        news.then(|| Words {
            run: self.run,
            role: self.role.to_owned(),
            turn: self.turn,
            manner: said.manner,
            // Masked as a whole: a secret may come in two pieces.
            text: tail(&self.env.masked(&said.text), TAIL).to_owned(),
        })
    }
}

/// The last bytes of a text, so many at most, cut between characters.
pub(super) fn tail(text: &str, most: usize) -> &str {
    let mut from = text.len().saturating_sub(most);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_part_is_cut_between_characters() {
        assert_eq!(tail("short", TAIL), "short");
        let long = "ä".repeat(TAIL);
        assert_eq!(tail(&long, TAIL), "ä".repeat(TAIL / 2));
        let odd = format!("{long}x");
        assert_eq!(tail(&odd, TAIL).len(), TAIL - 1);
    }
}

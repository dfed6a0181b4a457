//! Pages of tasks and runs: found first, by whatever leads to them shortest, then read. One snapshot of the database
//! would not help: what moves between the two is shown as it stands when it is read.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Db, access::Caller, repositories::viewer, standing::Status};
use crate::{
    error::Result,
    models::{
        attempt::{self, AttemptRow},
        plan, repository, run_page,
        task::{self, TaskRow},
        task_page::{self, Patterns, Sight},
    },
};

/// Words of less than this many letters have no trigram to be found by.
const TRIGRAM: usize = 3;

/// States by the way in which they are found.
#[derive(Debug, Default)]
struct States {
    new: bool,
    living: Vec<String>,
    ends: Vec<String>,
}

impl States {
    fn of(states: &[Status]) -> Self {
        let mut sorted = Self::default();
        for state in states {
            let word = state.as_str().to_owned();
            match state {
                Status::New => sorted.new = true,
                state if state.is_over() => sorted.ends.push(word),
                _ => sorted.living.push(word),
            }
        }
        sorted
    }
}

/// In which order tasks are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// Changed last first.
    Changed,
    /// Changed longest ago first.
    Unchanged,
}

/// In which order what has a name is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// By name, capitals like small letters.
    Name,
}

/// The tasks that the caller may see, in another order than newest first; `at` is when the last of the page before was
/// changed, where the order goes by that.
pub async fn ordered(
    db: &Db,
    caller: &Caller,
    filter: &task::Filter,
    states: Option<&[Status]>,
    order: Order,
    at: Option<DateTime<Utc>>,
) -> Result<Vec<TaskRow>> {
    let words = states.map(words);
    let words = words.as_deref();
    let mut tx = db.begin().await?;
    let sight = sight(&mut tx, caller).await?;
    let ids = match order {
        Order::Newest => {
            drop(tx);
            return tasks(db, caller, filter, states).await;
        }
        Order::Oldest => task_page::oldest(&mut tx, &sight, filter, words).await?,
        Order::Changed => task_page::changed(&mut tx, &sight, filter, words, at).await?,
        Order::Unchanged => task_page::unchanged(&mut tx, &sight, filter, words, at).await?,
    };
    tx.commit().await?;
    let mut rows = task::of(db, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

/// The tasks that the caller may see, newest first; those that stand at one of `states` when some are named.
pub async fn tasks(
    db: &Db,
    caller: &Caller,
    filter: &task::Filter,
    states: Option<&[Status]>,
) -> Result<Vec<TaskRow>> {
    let mut tx = db.begin().await?;
    let sight = sight(&mut tx, caller).await?;
    let ids = match states {
        None => task_page::any(&mut tx, &sight, filter).await?,
        Some(states) => {
            let states = States::of(states);
            let mut found = Vec::new();
            if states.new {
                found = task_page::new(&mut tx, &sight, filter).await?;
            }
            if !states.living.is_empty() {
                found.extend(task_page::living(&mut tx, &sight, filter, &states.living).await?);
            }
            if !states.ends.is_empty() {
                found.extend(task_page::ended(&mut tx, &sight, filter, &states.ends).await?);
            }
            newest(found, filter.most)
        }
    };
    tx.commit().await?;
    Ok(task::of(db, &ids).await?)
}

/// The runs that the caller may see, newest first unless the oldest are wanted first; those that stand at one of `states`
/// when some are named.
pub async fn runs(
    db: &Db,
    caller: &Caller,
    filter: &attempt::Filter,
    states: Option<&[Status]>,
) -> Result<Vec<AttemptRow>> {
    let mut tx = db.begin().await?;
    let sight = sight(&mut tx, caller).await?;
    if filter.oldest_first {
        let words = states.map(words);
        let ids = run_page::oldest(&mut tx, &sight, filter, words.as_deref()).await?;
        tx.commit().await?;
        let mut rows = attempt::of(db, &ids).await?;
        rows.reverse();
        return Ok(rows);
    }
    let ids = match states {
        None => run_page::any(&mut tx, &sight, filter).await?,
        Some(states) => {
            // There is no run before it was started.
            let states = States::of(states);
            let mut found = Vec::new();
            if !states.living.is_empty() {
                found = run_page::living(&mut tx, &sight, filter, &states.living).await?;
            }
            if !states.ends.is_empty() {
                found.extend(run_page::ended(&mut tx, &sight, filter, &states.ends).await?);
            }
            newest(found, filter.most)
        }
    };
    tx.commit().await?;
    Ok(attempt::of(db, &ids).await?)
}

fn words(states: &[Status]) -> Vec<String> {
    let words = states.iter().map(|state| state.as_str().to_owned());
    words.collect()
}

/// What the caller sees; from here on, statements are planned for their values.
async fn sight(conn: &mut PgConnection, caller: &Caller) -> Result<Sight> {
    plan::by_values(conn).await?;
    let viewer = viewer(caller);
    let repositories = match viewer.all {
        true => Vec::new(),
        false => repository::seen(conn, viewer.user).await?,
    };
    Ok(Sight {
        all: viewer.all,
        user: viewer.user,
        repositories,
    })
}

fn newest(mut ids: Vec<Uuid>, most: i64) -> Vec<Uuid> {
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.dedup();
    ids.truncate(usize::try_from(most).unwrap_or_default());
    ids
}

/// How words are looked for: anywhere, or, when they are too few letters to have an index, where a word begins.
#[must_use]
pub fn patterns(words: &str) -> Patterns {
    let words = words.to_lowercase();
    let plain = escaped(&words);
    if words.is_ascii() && words.len() < TRIGRAM {
        Patterns(Some(format!("{plain}%")), Some(format!("% {plain}%")))
    } else {
        Patterns(Some(format!("%{plain}%")), None)
    }
}

/// Nothing in it means more than itself.
pub(super) fn escaped(words: &str) -> String {
    let mut plain = String::with_capacity(words.len());
    for c in words.chars() {
        if matches!(c, '%' | '_' | '\\') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_letters_are_looked_for_where_words_begin() {
        let found = |words| patterns(words);
        let one = |one: &str| Patterns(Some(one.to_owned()), None);
        assert_eq!(found("Login"), one("%login%"));
        assert_eq!(found("50%_"), one("%50\\%\\_%"));
        assert_eq!(found("登录"), one("%登录%"));
        let both = Patterns(Some("zq%".to_owned()), Some("% zq%".to_owned()));
        assert_eq!(found("ZQ"), both);
    }

    #[test]
    fn states_are_sorted_by_how_they_are_found() {
        let states = States::of(Status::ALL);
        assert!(states.new);
        assert_eq!(
            states.ends.len() + states.living.len() + 1,
            Status::ALL.len()
        );
        assert!(states.ends.contains(&"rejected".to_owned()));
        assert!(states.living.contains(&"paused".to_owned()));
    }
}

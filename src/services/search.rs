//! A palette: what one may see, by a part of its name or the beginning of its id.

use uuid::Uuid;

use super::{
    Db,
    access::Caller,
    lists::{escaped, patterns},
    repositories::viewer,
};
use crate::{
    error::Result,
    models::{
        plan,
        search::{self, Ids},
    },
};

pub use crate::models::search::Hit;

/// Runs and repositories among what is found.
const FEW: i64 = 5;
/// So many digits of an id are enough to look for it.
const DIGITS: usize = 6;

/// What something that was found is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A task.
    Task,
    /// A repository.
    Repository,
    /// A run.
    Run,
}

/// What the caller may see that has these words in its name, or an id that begins so.
pub async fn find(db: &Db, caller: &Caller, words: &str, most: i64) -> Result<Vec<(Kind, Hit)>> {
    let viewer = viewer(caller);
    let words = words.trim().to_lowercase();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let pattern = format!("%{}%", escaped(&words));
    let ids = ids(&words);
    let of = |kind| ids.filter(|(named, _)| *named == kind).map(|(_, ids)| ids);
    let few = FEW.min(most);
    let repositories = of(Kind::Repository);
    let repositories = search::repositories(db, viewer, &pattern, repositories, few).await?;
    let tasks = match of(Kind::Task) {
        Some(ids) => search::tasks_of(db, viewer, ids, most).await?,
        None => {
            let mut tx = db.begin().await?;
            plan::by_values(&mut tx).await?;
            search::tasks(&mut *tx, viewer, &patterns(&words), most).await?
        }
    };
    let newest: Vec<Uuid> = tasks.iter().take(5).map(|task| task.id).collect();
    let runs = search::runs(db, viewer, &newest, of(Kind::Run), few).await?;
    let named = |kind, hits: Vec<Hit>| hits.into_iter().map(move |hit| (kind, hit));
    let mut found: Vec<(Kind, Hit)> = named(Kind::Repository, repositories)
        .chain(named(Kind::Task, tasks))
        .chain(named(Kind::Run, runs))
        .collect();
    found.truncate(usize::try_from(most).unwrap_or_default());
    Ok(found)
}

/// The ids that begin like this one, and what they name.
fn ids(words: &str) -> Option<(Kind, Ids)> {
    let (prefix, digits) = words.split_once('_')?;
    let kind = match prefix {
        "task" => Kind::Task,
        "repo" => Kind::Repository,
        "run" => Kind::Run,
        _ => return None,
    };
    if digits.len() < DIGITS || digits.len() > 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit())
    {
        return None;
    }
    let from = Uuid::try_parse(&format!("{digits:0<32}")).ok()?;
    let to = Uuid::try_parse(&format!("{digits:f<32}")).ok()?;
    Some((kind, Ids { from, to }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_by_its_first_digits_and_words_are_no_pattern() {
        let (kind, ids) = ids("run_0192f0").unwrap();
        assert_eq!(kind, Kind::Run);
        assert_eq!(
            ids.from.simple().to_string(),
            format!("0192f0{}", "0".repeat(26))
        );
        assert_eq!(
            ids.to.simple().to_string(),
            format!("0192f0{}", "f".repeat(26))
        );
        for words in [
            "run_01",
            "run_0192fx",
            "user_0192f0",
            "0192f0",
            &format!("run_{}", "0".repeat(33)),
        ] {
            assert!(super::ids(words).is_none(), "{words}");
        }
        assert_eq!(escaped("50%_\\"), "50\\%\\_\\\\");
    }
}

//! What people write for an id: the id, its beginning, or the name of what it names.

use super::{
    failure::Failure,
    operations,
    screen::clean,
    server::Server,
    wire::{Hit, Page, Repository, Task},
};

/// Digits of an id after its prefix.
const DIGITS: usize = 32;

/// The run that is meant: one of the runs, or the newest of a task.
pub(super) async fn run(server: &Server, text: &str) -> Result<String, Failure> {
    if text.starts_with("task_") {
        let id = task(server, text).await?;
        let answer = server.ask(operations::GET_TASK, &[&id]).send().await?;
        let task: Task = answer.read()?;
        let newest = task.latest_run.map(|run| run.id);
        return newest.ok_or_else(|| Failure::NoSuch(format!("{id} has no run yet")));
    }
    whole(server, text, "run").await
}

/// The task that is meant.
pub(super) async fn task(server: &Server, text: &str) -> Result<String, Failure> {
    whole(server, text, "task").await
}

/// The repository that is meant: by its id, or by its name.
pub(super) async fn repository(server: &Server, text: &str) -> Result<String, Failure> {
    if text.starts_with("repo_") {
        return whole(server, text, "repo").await;
    }
    let asked = server.ask(operations::LIST_REPOSITORIES, &[]);
    let answer = asked.query("q", text).query("limit", &200).send().await?;
    let page: Page<Repository> = answer.read()?;
    let named = page.items.into_iter().filter(|one| one.name == text);
    only(text, named.map(|one| (one.id, one.url)).collect())
}

/// The id of this kind that is meant.
async fn whole(server: &Server, text: &str, kind: &str) -> Result<String, Failure> {
    let digits = text
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('_'));
    let well_formed = |digits: &&str| {
        digits.len() <= DIGITS
            && digits
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let Some(digits) = digits.filter(well_formed) else {
        return Err(Failure::Wrong(format!(
            "`{text}` is not the id of a {kind}: `{kind}_` and {DIGITS} digits, or the first of them"
        )));
    };
    if digits.len() == DIGITS {
        return Ok(text.to_owned());
    }
    let asked = server.ask(operations::SEARCH, &[]);
    let answer = asked.query("q", text).query("limit", &200).send().await?;
    let page: Page<Hit> = answer.read()?;
    let begin = page
        .items
        .into_iter()
        .filter(|hit| hit.id.starts_with(text));
    only(text, begin.map(|hit| (hit.id, hit.title)).collect())
}

fn only(text: &str, mut found: Vec<(String, String)>) -> Result<String, Failure> {
    match found.len() {
        0 => Err(Failure::NoSuch(format!("nothing is called `{text}`"))),
        1 => Ok(found.remove(0).0),
        _ => {
            let each: Vec<String> = found
                .iter()
                .map(|(id, title)| format!("\n  {id}  {}", clean(title)))
                .collect();
            Err(Failure::NotNow(format!(
                "`{text}` may be any of these:{}",
                each.concat()
            )))
        }
    }
}

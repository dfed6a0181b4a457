//! Reviews by people: comments on the lines of what a run has changed, sent to its agents as one word. A run that waits
//! for a decision on what it has done takes it as the wish for changes, one at work hears it before its next turn.

use std::fmt::Write as _;

use serde_json::{Value, json};
use uuid::Uuid;
use workflows::{RunId, definitions::coding::DELIVERY_DECIDED};

use super::{
    Db,
    access::Caller,
    agent_records::{AgentRecords, MESSAGE},
    announce::Announcement,
    attempts, audit,
    patch::{self, Line},
    standing::Status,
    steering::{self, Said, Signal},
    timeline,
};
pub use crate::models::review::{CommentRow, ReviewRow};
use crate::{
    error::{Error, Result},
    models::{
        review::{self, NewReview},
        user,
    },
};

/// A review to be sent.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What is said about the whole.
    pub text: String,
    /// What is said about lines.
    pub comments: Vec<Comment>,
    /// The author's key: the same review again is the same.
    pub key: Option<String>,
}

/// A comment on lines of a file.
#[derive(Debug, Clone)]
pub struct Comment {
    /// The file.
    pub path: String,
    /// Whether the lines are those of the old file.
    pub old: bool,
    /// The first line.
    pub start: u32,
    /// The last line.
    pub line: u32,
    /// What is said about them.
    pub text: String,
}

/// A review that was sent.
#[derive(Debug, Clone)]
pub struct Review {
    /// The review.
    pub row: ReviewRow,
    /// Its comments.
    pub comments: Vec<CommentRow>,
}

/// Sends a review.
pub async fn send(
    db: &Db,
    records: &AgentRecords,
    caller: &Caller,
    id: Uuid,
    draft: Draft,
) -> Result<Review> {
    let run = attempts::own(db, caller, id).await?;
    if let Some(key) = &draft.key
        && let Some(earlier) = review::of_key(db, id, caller.user, key).await?
    {
        return same(db, id, earlier, &draft).await;
    }
    let as_decision = takes(run.standing()?)?;
    let review_id = Uuid::now_v7();
    let comments = placed(db, records, caller, id, review_id, &draft).await?;
    let author = user::names(db, &[caller.user]).await?.pop();
    let author = author.map_or_else(|| caller.email.clone(), |(_, name)| name);
    let text = in_words(&author, &draft.text, &comments);

    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let new = NewReview {
        id: review_id,
        run_id: id,
        author_id: caller.user,
        body: &draft.text,
        sent_as: if as_decision { "decision" } else { "message" },
        request_key: draft.key.as_deref(),
    };
    if !review::insert(&mut tx, new).await? {
        return Err(Error::Conflict(
            "the same review is being sent at this moment".to_owned(),
        ));
    }
    for comment in &comments {
        review::comment(&mut tx, id, caller.user, comment).await?;
    }
    let (name, payload) = match as_decision {
        true => (
            DELIVERY_DECIDED,
            json!({"decision": "request_changes", "text": text}),
        ),
        false => (MESSAGE, json!({"text": text})),
    };
    let said = steering::send_in(&mut tx, RunId(id), word(caller, name, &payload), &mut after);
    if said.await? != Said::Heard && as_decision {
        return Err(Error::Conflict(
            "somebody else has decided meanwhile".to_owned(),
        ));
    }
    let detail = json!({"comments": comments.len(), "sent_as": new.sent_as});
    audit::note(&mut tx, caller, "run.reviewed", &audit::run(id), &detail).await?;
    tx.commit().await?;
    after.tell(db).await;
    of(db, id, review_id).await
}

fn word<'a>(caller: &Caller, name: &'a str, payload: &'a Value) -> Signal<'a> {
    Signal {
        name,
        payload,
        sent_by: Some(caller.user),
        request_key: None,
    }
}

/// Whether a run that stands there takes a review as a decision; an error when it takes none.
fn takes(status: Status) -> Result<bool> {
    let why = match status {
        Status::AwaitingDelivery => return Ok(true),
        Status::Running | Status::Planning | Status::Queued | Status::Paused => return Ok(false),
        Status::AwaitingPlan => "it waits for a decision on its plan",
        Status::AwaitingAnswer => "it waits for an answer",
        Status::AwaitingBudget => "it waits for a higher budget",
        _ => "it has ended; fork it or start another",
    };
    Err(Error::Conflict(format!(
        "the run takes no review now: {why}"
    )))
}

/// The comments with the lines they are about; an error that names each that is about none.
async fn placed(
    db: &Db,
    records: &AgentRecords,
    caller: &Caller,
    id: Uuid,
    review_id: Uuid,
    draft: &Draft,
) -> Result<Vec<CommentRow>> {
    if draft.comments.is_empty() {
        if draft.text.trim().is_empty() {
            let message = "say something about the whole, or about a line";
            return Err(Error::field("/text", message));
        }
        return Ok(Vec::new());
    }
    let changes = timeline::changes(db, caller, id).await?;
    let text = match &changes {
        Some(changed) => timeline::text(records, changed).await?,
        None => String::new(),
    };
    let mut wrong = Vec::new();
    let mut placed = Vec::new();
    for (at, comment) in draft.comments.iter().enumerate() {
        let file = changes
            .as_ref()
            .and_then(|changed| changed.file(&comment.path));
        let Some(file) = file else {
            let message = format!("{} is not among the changed files", comment.path);
            wrong.push((format!("/comments/{at}/path"), message));
            continue;
        };
        let old = file["old_path"].as_str().unwrap_or(&comment.path);
        let lines = patch::part(&text, old, &comment.path).map(patch::lines);
        match quote(comment, &lines.unwrap_or_default()) {
            Ok(quoted) => placed.push(CommentRow {
                review_id,
                path: comment.path.clone(),
                side: if comment.old { "old" } else { "new" }.to_owned(),
                start_line: i32::try_from(comment.start).unwrap_or(i32::MAX),
                end_line: i32::try_from(comment.line).unwrap_or(i32::MAX),
                quoted,
                body: comment.text.clone(),
            }),
            Err((field, message)) => wrong.push((format!("/comments/{at}/{field}"), message)),
        }
    }
    if wrong.is_empty() {
        return Ok(placed);
    }
    Err(Error::Fields(wrong))
}

/// The lines that a comment is about.
fn quote(comment: &Comment, lines: &[Line<'_>]) -> Result<String, (&'static str, String)> {
    if comment.start > comment.line {
        return Err(("start_line", "is behind `line`".to_owned()));
    }
    let number = |line: &Line<'_>| if comment.old { line.old } else { line.new };
    let among = |line: &&Line<'_>| {
        number(line).is_some_and(|number| (comment.start..=comment.line).contains(&number))
    };
    let quoted: Vec<&str> = lines.iter().filter(among).map(|line| line.text).collect();
    if quoted.len() == (comment.line - comment.start) as usize + 1 {
        return Ok(quoted.join("\n"));
    }
    let side = if comment.old { "old" } else { "new" };
    let place = match comment.start == comment.line {
        true => format!("line {}", comment.line),
        false => format!("lines {} to {}", comment.start, comment.line),
    };
    let path = &comment.path;
    Err((
        "line",
        format!("{place} of the {side} {path} not in the difference"),
    ))
}

/// The review as the agents are told.
fn in_words(author: &str, text: &str, comments: &[CommentRow]) -> String {
    let mut words = format!("{author} has reviewed your changes.\n");
    if !text.trim().is_empty() {
        let _ = write!(words, "\n{}\n", text.trim());
    }
    for (at, comment) in (1..).zip(comments) {
        let lines = match comment.start_line == comment.end_line {
            true => format!("line {}", comment.end_line),
            false => format!("lines {}–{}", comment.start_line, comment.end_line),
        };
        let side = match comment.side.as_str() {
            "old" => " before your change",
            _ => "",
        };
        // A fence that the lines themselves cannot close.
        let fence = "`".repeat(longest_run(&comment.quoted).max(2) + 1);
        let _ = write!(
            words,
            "\n{at}. `{}`, {lines}{side}:\n{fence}\n{}\n{fence}\n{}\n",
            comment.path,
            comment.quoted,
            comment.body.trim()
        );
    }
    words
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}

/// The reviews of a run that the caller may see, oldest first.
pub async fn list(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<Review>> {
    attempts::get(db, caller, id).await?;
    whole(db, review::list(db, id, after, most).await?).await
}

/// These, with their comments.
async fn whole(db: &Db, rows: Vec<ReviewRow>) -> Result<Vec<Review>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let comments = review::comments(db, &ids).await?;
    let with = |row: ReviewRow| Review {
        comments: comments
            .iter()
            .filter(|comment| comment.review_id == row.id)
            .cloned()
            .collect(),
        row,
    };
    Ok(rows.into_iter().map(with).collect())
}

async fn of(db: &Db, run: Uuid, id: Uuid) -> Result<Review> {
    let row = review::find(db, run, id).await?;
    let found = whole(db, row.into_iter().collect()).await?.pop();
    found.ok_or_else(|| Error::not_found("review"))
}

/// The review that was sent under the same key before.
async fn same(db: &Db, run: Uuid, earlier: Uuid, draft: &Draft) -> Result<Review> {
    let earlier = of(db, run, earlier).await?;
    let says = |(row, new): (&CommentRow, &Comment)| {
        row.path == new.path
            && row.body == new.text
            && u32::try_from(row.start_line) == Ok(new.start)
            && u32::try_from(row.end_line) == Ok(new.line)
            && (row.side == "old") == new.old
    };
    let fits = earlier.row.body == draft.text
        && earlier.comments.len() == draft.comments.len()
        && earlier.comments.iter().zip(&draft.comments).all(says);
    if fits {
        Ok(earlier)
    } else {
        Err(Error::Conflict(
            "this Idempotency-Key was used for another review".to_owned(),
        ))
    }
}

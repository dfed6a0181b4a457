//! Who did what: lists, exports, and the proof that nothing was rewritten.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::Query,
    payload::Json,
    types::{Any, Example},
};
use serde_json::{Value, json};

use self::export::{Export, Format};
use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{AgeSort, Cursor, Id, Limit, kind},
};
use crate::{
    Error,
    services::audit::{self, AuditRow, Filter},
};

mod export;

#[derive(Default)]
pub(super) struct AuditApi;

/// Something that was done.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
struct AuditEntry {
    /// Its place in the chain.
    seq: i64,
    /// When it was done.
    at: DateTime<Utc>,
    /// Who did it, when that was a person.
    actor_id: Option<Id<kind::User>>,
    /// Who did it: an address, or words.
    actor: String,
    /// What was done: `noun.verb`.
    action: String,
    /// What it was done to: an id.
    subject: String,
    /// More about it; no secrets.
    detail: Any<Value>,
    /// The hash of the entry before and of all of this one, in hexadecimal digits.
    hash: String,
}

/// Some of the entries.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct AuditPage {
    /// The entries, newest first.
    items: Vec<AuditEntry>,
    /// With this the list goes on; not there when it is at its end.
    next_cursor: Option<String>,
}

/// What a look at the whole chain found.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct AuditVerdict {
    /// Every entry is as it was written, and none is missing before the newest.
    intact: bool,
    /// The first entry that is not, or the one that was expected and is not there.
    broken_at: Option<i64>,
    /// The newest entry. Kept elsewhere together with its hash, it shows later that nothing up to it was rewritten.
    last_seq: Option<i64>,
    /// Its hash, in hexadecimal digits.
    last_hash: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1/audit", tag = "Tag::Audit")]
impl AuditApi {
    /// List what was done
    ///
    /// Newest first.
    #[oai(path = "/", method = "get", operation_id = "listAuditEntries")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the filters of a list are its parameters"
    )]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Only what this person did.
        actor_id: Query<Option<Id<kind::User>>>,
        /// Only this: `task.created`, or all that is done to tasks: `task`.
        #[oai(validator(min_length = 1, max_length = 60))]
        action: Query<Option<String>>,
        /// Only what was done to this: an id.
        #[oai(validator(min_length = 1, max_length = 100))]
        subject: Query<Option<String>>,
        /// Only what was done from then on.
        since: Query<Option<DateTime<Utc>>>,
        /// Only what was done before then.
        until: Query<Option<DateTime<Utc>>>,
        /// In which order: `-created` is newest first (`-created`).
        sort: Query<Option<AgeSort>>,
        /// How many at most.
        limit: Query<Option<Limit>>,
        /// Where the page before ended.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<AuditPage>, Problem> {
        auth.may("listAuditEntries")?;
        let filter = Filter {
            actor_id: actor_id.0.map(|id| id.0),
            action: action.0,
            subject: subject.0,
            since: since.0,
            until: until.0,
            behind: Cursor::one(cursor.0)?,
            oldest_first: sort.0.unwrap_or_default().oldest_first(),
        };
        let most = Limit::of(limit.0);
        let rows = audit::list(&state.db, &filter, most).await?;
        let next = Cursor::behind(&rows, most, |row| row.seq.to_string());
        Ok(Json(AuditPage {
            items: rows.into_iter().map(AuditEntry::from).collect(),
            next_cursor: next,
        }))
    }

    /// Export what was done
    ///
    /// All entries that are wanted, newest first, as CSV or as one JSON object a line.
    #[oai(path = "/export", method = "get", operation_id = "exportAuditEntries")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the filters of a list are its parameters"
    )]
    async fn export(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// In which form.
        format: Query<Format>,
        /// Only what this person did.
        actor_id: Query<Option<Id<kind::User>>>,
        /// Only this: `task.created`, or all that is done to tasks: `task`.
        #[oai(validator(min_length = 1, max_length = 60))]
        action: Query<Option<String>>,
        /// Only what was done to this: an id.
        #[oai(validator(min_length = 1, max_length = 100))]
        subject: Query<Option<String>>,
        /// Only what was done from then on.
        since: Query<Option<DateTime<Utc>>>,
        /// Only what was done before then.
        until: Query<Option<DateTime<Utc>>>,
    ) -> Result<Export, Problem> {
        auth.may("exportAuditEntries")?;
        let filter = Filter {
            actor_id: actor_id.0.map(|id| id.0),
            action: action.0,
            subject: subject.0,
            since: since.0,
            until: until.0,
            behind: None,
            oldest_first: false,
        };
        Ok(Export::new(format.0, audit::export(&state.db, filter)))
    }

    /// Check that nothing was rewritten
    ///
    /// Looks at every entry: whether it is as it was written and follows the one before it. Somebody who owns the
    /// database could rewrite the chain from some entry on; give the place and hash of an entry that you kept to find
    /// that out too.
    #[oai(path = "/verify", method = "get", operation_id = "verifyAudit")]
    async fn verify(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The place of an entry that you kept.
        #[oai(validator(minimum(value = "1")))]
        seq: Query<Option<i64>>,
        /// Its hash, in hexadecimal digits.
        #[oai(validator(pattern = "^[0-9a-f]{64}$"))]
        hash: Query<Option<String>>,
    ) -> Result<Json<AuditVerdict>, Problem> {
        auth.may("verifyAudit")?;
        let known = match (seq.0, hash.0) {
            (Some(seq), Some(hash)) => Some((seq, unhex(&hash))),
            (None, None) => None,
            _ => {
                let path = if seq.0.is_none() { "seq" } else { "hash" };
                return Err(Error::field(path, "is needed when the other one is given").into());
            }
        };
        let verdict = audit::verify(&state.db, known).await?;
        let (last_seq, last_hash) = verdict.head.unzip();
        Ok(Json(AuditVerdict {
            intact: verdict.broken_at.is_none(),
            broken_at: verdict.broken_at,
            last_seq,
            last_hash: last_hash.map(|hash| hex(&hash)),
        }))
    }
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor_id: row.actor_id.map(Into::into),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: Any(row.detail),
            hash: hex(&row.hash),
        }
    }
}

impl Example for AuditEntry {
    fn example() -> Self {
        let id = uuid::uuid!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f5");
        Self {
            seq: 1,
            at: DateTime::UNIX_EPOCH,
            actor_id: Some(id.into()),
            actor: "ada@example.org".to_owned(),
            action: "user.role_changed".to_owned(),
            subject: audit::user(id),
            detail: Any(json!({"from": "viewer", "to": "member"})),
            hash: hex(&[7; 32]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Of digits that were checked.
fn unhex(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2);
    let bytes = pairs.filter_map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
    bytes.collect()
}

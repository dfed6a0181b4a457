//! What a run has come to: what it changed, what it keeps.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    payload::{Binary, Json},
};
use serde_json::Value;

use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        wire::{Cursor, Id, Limit, kind},
    },
    services::timeline::{self, NamedRow},
};

#[derive(Default)]
pub(in crate::api) struct ResultsApi;

/// A file that a run has changed.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct ChangedFile {
    /// Its path, afterwards.
    path: String,
    /// Its path before, if it was renamed.
    old_path: Option<String>,
    /// `added`, `modified`, `deleted`, `renamed` or `type_changed`.
    status: String,
    /// Lines added.
    additions: u64,
    /// Lines removed.
    deletions: u64,
    /// Whether it has no lines.
    binary: bool,
}

/// What a run has changed.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct RunDiff {
    /// The commit at which the work began.
    base: Option<String>,
    /// The tree it has come to.
    head: Option<String>,
    /// The files, by path.
    files: Vec<ChangedFile>,
    /// Whether the whole was too large to be kept.
    truncated: bool,
}

/// What a run has changed in one file.
#[derive(Object)]
struct FileDiff {
    /// Its path, afterwards.
    path: String,
    /// The change as `git diff` writes it.
    patch: String,
}

/// Something that a run keeps.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct RunArtifact {
    /// Its name, for `getArtifact`: the SHA-256 of its bytes.
    name: String,
    /// What kind of content it is.
    media_type: String,
    /// Its size in bytes.
    size_bytes: i64,
    /// Ordinal of the first step that names it.
    step_no: i32,
    /// The use of a tool whose whole output it is; absent for what belongs to a step, such as its difference or the log of
    /// its tests.
    tool_call_id: Option<Id<kind::ToolCall>>,
    /// When it was kept first; the same bytes are kept once, whichever run they are of.
    created_at: DateTime<Utc>,
}

/// A page of what a run keeps.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct RunArtifactPage {
    /// Oldest first.
    items: Vec<RunArtifact>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

#[derive(ApiResponse)]
enum Artifact {
    /// Its bytes.
    #[oai(status = 200)]
    Found(
        Binary<Vec<u8>>,
        #[oai(header = "Content-Disposition")] String,
        #[oai(header = "X-Content-Type-Options")] String,
    ),
}

#[OpenApi(prefix_path = "/api/v1/runs", tag = "Tag::Runs")]
impl ResultsApi {
    /// List the files that a run has changed
    ///
    /// As they were when its code was written last; none before that.
    #[oai(path = "/:id/diff", method = "get", operation_id = "getDiff")]
    async fn diff(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
    ) -> Result<Json<RunDiff>, Problem> {
        let caller = auth.may("getDiff")?;
        let changed = timeline::changes(&state.db, caller, id.0.0).await?;
        Ok(Json(match changed {
            None => RunDiff {
                base: None,
                head: None,
                files: Vec::new(),
                truncated: false,
            },
            Some(changed) => RunDiff {
                base: Some(changed.base),
                head: changed.head,
                files: changed.files.iter().map(file).collect(),
                truncated: changed.truncated,
            },
        }))
    }

    /// Get what a run has changed in one file
    ///
    /// As `git diff` writes it.
    #[oai(path = "/:id/diff/file", method = "get", operation_id = "getFileDiff")]
    async fn file_diff(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// The file.
        #[oai(validator(min_length = 1, max_length = 1000))]
        path: Query<String>,
    ) -> Result<Json<FileDiff>, Problem> {
        let caller = auth.may("getFileDiff")?;
        let patch =
            timeline::patch(&state.db, &state.work.records, caller, id.0.0, &path.0).await?;
        Ok(Json(FileDiff {
            path: path.0,
            patch,
        }))
    }

    /// List what a run keeps
    ///
    /// Logs, differences and whole outputs that its steps and tools name. Those of steps that a fork shares with the run
    /// it comes from are that run's.
    #[oai(
        path = "/:id/artifacts",
        method = "get",
        operation_id = "listArtifacts"
    )]
    async fn artifacts(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<RunArtifactPage>, Problem> {
        let caller = auth.may("listArtifacts")?;
        let most = Limit::of(limit.0);
        let after = Cursor::two(cursor.0)?;
        let rows = timeline::artifacts(&state.db, caller, id.0.0, after, most + 1).await?;
        let (rows, next_cursor) =
            Cursor::page(rows, most, |row| Cursor::moment(row.created_at, &row.name));
        let items = rows.into_iter().map(RunArtifact::from).collect();
        Ok(Json(RunArtifactPage { items, next_cursor }))
    }

    /// Get something that a run keeps
    ///
    /// A log or a whole output that an event or a test suite of this run names.
    #[oai(
        path = "/:id/artifacts/:name",
        method = "get",
        operation_id = "getArtifact"
    )]
    async fn artifact(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// Its name: 64 hexadecimal digits.
        #[oai(validator(pattern = "^[0-9a-f]{64}$"))]
        name: Path<String>,
    ) -> Result<Artifact, Problem> {
        let caller = auth.may("getArtifact")?;
        let (_, content) =
            timeline::artifact(&state.db, &state.work.records, caller, id.0.0, &name.0).await?;
        // Whatever it is: nothing that agents wrote is ever shown as a page of ours.
        let disposition = format!("attachment; filename=\"{}.txt\"", &name.0[..12]);
        Ok(Artifact::Found(
            Binary(content),
            disposition,
            "nosniff".to_owned(),
        ))
    }
}

impl From<NamedRow> for RunArtifact {
    fn from(row: NamedRow) -> Self {
        Self {
            name: row.name,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            step_no: row.step_no,
            tool_call_id: row.tool_call.map(Into::into),
            created_at: row.created_at,
        }
    }
}

fn file(file: &Value) -> ChangedFile {
    let text = |name: &str| file[name].as_str().map(str::to_owned);
    ChangedFile {
        path: text("path").unwrap_or_default(),
        old_path: text("old_path"),
        status: text("status").unwrap_or_default(),
        additions: file["added"].as_u64().unwrap_or_default(),
        deletions: file["removed"].as_u64().unwrap_or_default(),
        binary: file["binary"].as_bool().unwrap_or_default(),
    }
}

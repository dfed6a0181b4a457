//! Pull requests that offer the work of runs.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::Example,
};
use uuid::uuid;

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    views::{PullState, RepositoryRef, TaskRef},
    wire::{AgeSort, Created, Cursor, Id, Limit, kind},
};
use crate::{
    error::Error,
    services::pull_requests::{Filter, PullRequestRow},
};

#[derive(Default)]
pub(super) struct PullRequestsApi;

/// What checks say about the offered commit.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case")]
enum CheckState {
    /// There are none.
    None,
    /// Some are under way, and none has failed.
    Pending,
    /// All have passed.
    Success,
    /// At least one has failed.
    Failure,
}

/// What reviewers say together.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case")]
enum ReviewState {
    /// Somebody approves, and nobody wants changes.
    Approved,
    /// Somebody wants changes.
    ChangesRequested,
    /// Somebody was asked and has not answered.
    ReviewRequired,
}

/// A pull request that offers the work of a run.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
struct PullRequest {
    /// Its id.
    id: Id<kind::PullRequest>,
    /// The repository.
    repository: RepositoryRef,
    /// The task.
    task: TaskRef,
    /// The run whose work it offers.
    run_id: Id<kind::Run>,
    /// Its number in the repository.
    number: i64,
    /// Where people look at it.
    url: String,
    /// One line.
    title: String,
    /// How it stands.
    state: PullState,
    /// Whether it is not to be merged yet: a person has to look first.
    draft: bool,
    /// The branch it offers.
    head_branch: String,
    /// The branch it is for.
    base_branch: String,
    /// The commit it offers.
    head_commit: String,
    /// What checks say; absent until it was synced.
    checks: Option<CheckState>,
    /// How many checks there are.
    checks_total: Option<i32>,
    /// How many of them have failed.
    checks_failed: Option<i32>,
    /// What reviewers say; absent when nobody has said anything or was asked.
    review: Option<ReviewState>,
    /// Whether it could be merged, as far as the server has found out.
    mergeable: Option<bool>,
    /// When it was merged.
    merged_at: Option<DateTime<Utc>>,
    /// When it was closed, merged or not.
    closed_at: Option<DateTime<Utc>>,
    /// Since when it is known here.
    created_at: DateTime<Utc>,
    /// When it was synced last.
    synced_at: Option<DateTime<Utc>>,
}

/// A page of pull requests.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct PullRequestPage {
    /// Newest first.
    items: Vec<PullRequest>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::PullRequests")]
impl PullRequestsApi {
    /// Open a pull request for a run
    ///
    /// For the branch that it has delivered. What it says is made of what was recorded about the run; without an approving
    /// review it is a draft marked "needs human". One that is there for this branch is taken instead of a second: asking
    /// twice is asking once. 409 says what is missing: a token, a right, a branch.
    #[oai(
        path = "/runs/:id/pull-request",
        method = "post",
        operation_id = "openPullRequest"
    )]
    async fn open(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
    ) -> Result<Created<PullRequest>, Problem> {
        let caller = auth.may("openPullRequest")?;
        let row = state.work.pulls.open_for(caller, id.0.0).await?;
        Ok(Created::Created(Json(PullRequest::of(row)?)))
    }

    /// List pull requests
    ///
    /// Those of tasks that one may see, newest first.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    #[oai(
        path = "/pull-requests",
        method = "get",
        operation_id = "listPullRequests"
    )]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Only those of this repository.
        repository_id: Query<Option<Id<kind::Repository>>>,
        /// Only those of this task.
        task_id: Query<Option<Id<kind::Task>>>,
        /// Only those of this run.
        run_id: Query<Option<Id<kind::Run>>>,
        /// Only those that stand so.
        #[oai(name = "state")]
        stands: Query<Option<PullState>>,
        /// In which order: `-created` is newest first (`-created`).
        sort: Query<Option<AgeSort>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<PullRequestPage>, Problem> {
        let caller = auth.may("listPullRequests")?;
        let most = Limit::of(limit.0);
        let filter = Filter {
            repository: repository_id.0.map(|id| id.0),
            task: task_id.0.map(|id| id.0),
            run: run_id.0.map(|id| id.0),
            state: stands.0.map(PullState::word),
            behind: Cursor::one(cursor.0)?,
            oldest_first: sort.0.unwrap_or_default().oldest_first(),
            most: most + 1,
        };
        let rows = state.work.pulls.list(caller, &filter).await?;
        let (rows, next_cursor) = Cursor::page(rows, most, |row| row.id);
        Ok(Json(PullRequestPage {
            items: rows
                .into_iter()
                .map(PullRequest::of)
                .collect::<Result<_, _>>()?,
            next_cursor,
        }))
    }

    /// Get a pull request
    ///
    /// As it stood when it was synced last.
    #[oai(
        path = "/pull-requests/:id",
        method = "get",
        operation_id = "getPullRequest"
    )]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The pull request.
        id: Path<Id<kind::PullRequest>>,
    ) -> Result<Json<PullRequest>, Problem> {
        let caller = auth.may("getPullRequest")?;
        let row = state.work.pulls.get(caller, id.0.0).await?;
        Ok(Json(PullRequest::of(row)?))
    }

    /// Sync a pull request
    ///
    /// Asks the server how it stands: open, closed or merged, its checks, what reviewers say, whether it could be merged.
    /// 429 when the server wants to be left alone for a while.
    #[oai(
        path = "/pull-requests/:id/sync",
        method = "post",
        operation_id = "syncPullRequest"
    )]
    async fn sync(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The pull request.
        id: Path<Id<kind::PullRequest>>,
    ) -> Result<Json<PullRequest>, Problem> {
        let caller = auth.may("syncPullRequest")?;
        let row = state.work.pulls.sync(caller, id.0.0).await?;
        Ok(Json(PullRequest::of(row)?))
    }
}

impl PullRequest {
    fn of(row: PullRequestRow) -> Result<Self, Error> {
        let checks = |word: &str| match word {
            "pending" => CheckState::Pending,
            "success" => CheckState::Success,
            "failure" => CheckState::Failure,
            _ => CheckState::None,
        };
        let review = |word: &str| match word {
            "approved" => ReviewState::Approved,
            "changes_requested" => ReviewState::ChangesRequested,
            _ => ReviewState::ReviewRequired,
        };
        Ok(Self {
            id: row.id.into(),
            repository: RepositoryRef {
                id: row.repository_id.into(),
                name: row.repository,
            },
            task: TaskRef {
                id: row.task_id.into(),
                title: row.task,
            },
            run_id: row.run_id.into(),
            number: row.number,
            url: row.url,
            title: row.title,
            state: PullState::of(&row.state)?,
            draft: row.draft,
            head_branch: row.head_branch,
            base_branch: row.base_branch,
            head_commit: row.head_commit,
            checks: row.checks.as_deref().map(checks),
            checks_total: row.checks_total,
            checks_failed: row.checks_failed,
            review: row.review.as_deref().map(review),
            mergeable: row.mergeable,
            merged_at: row.merged_at,
            closed_at: row.closed_at,
            created_at: row.created_at,
            synced_at: row.synced_at,
        })
    }
}

impl Example for PullRequest {
    fn example() -> Self {
        let id = uuid!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f5");
        Self {
            id: id.into(),
            repository: RepositoryRef {
                id: id.into(),
                name: "inventory".to_owned(),
            },
            task: TaskRef {
                id: id.into(),
                title: "The same bolts were sold twice".to_owned(),
            },
            run_id: id.into(),
            number: 17,
            url: "https://github.com/example/inventory/pull/17".to_owned(),
            title: "Refuse what is promised already".to_owned(),
            state: PullState::Open,
            draft: false,
            head_branch: "codegraph/the-same-bolts-were-sold-twice-d3e4f5a6".to_owned(),
            base_branch: "main".to_owned(),
            head_commit: "3f786850e387550fdab836ed7e6dc881de23001b".to_owned(),
            checks: Some(CheckState::Success),
            checks_total: Some(4),
            checks_failed: Some(0),
            review: Some(ReviewState::Approved),
            mergeable: Some(true),
            merged_at: None,
            closed_at: None,
            created_at: DateTime::UNIX_EPOCH,
            synced_at: Some(DateTime::UNIX_EPOCH),
        }
    }
}

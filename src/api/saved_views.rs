//! Lists that people come back to.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Done, Id, Tagged, TaggedNew, Text, kind, seen},
};
use crate::services::saved_views::{self, ViewRow};

#[derive(Default)]
pub(super) struct SavedViewsApi;

/// The page that a view is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum ViewPage {
    /// Tasks.
    Tasks,
    /// Runs.
    Runs,
    /// Pull requests.
    PullRequests,
    /// Repositories.
    Repositories,
    /// The audit.
    Audit,
    /// Figures.
    Metrics,
}

impl ViewPage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Runs => "runs",
            Self::PullRequests => "pull_requests",
            Self::Repositories => "repositories",
            Self::Audit => "audit",
            Self::Metrics => "metrics",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "runs" => Self::Runs,
            "pull_requests" => Self::PullRequests,
            "repositories" => Self::Repositories,
            "audit" => Self::Audit,
            "metrics" => Self::Metrics,
            _ => Self::Tasks,
        }
    }
}

/// A list as one wants to see it again.
#[derive(Debug, Object)]
struct SavedView {
    /// Its id.
    id: Id<kind::View>,
    /// The page it is of.
    page: ViewPage,
    /// What it is called.
    name: String,
    /// What stands behind the `?` of that page.
    query: String,
    /// When it was saved.
    created_at: DateTime<Utc>,
    /// When it was changed last.
    updated_at: DateTime<Utc>,
}

/// One's views.
#[derive(Object)]
struct SavedViewList {
    /// By page and name; 100 at most.
    items: Vec<SavedView>,
}

/// A view to be saved.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewSavedView {
    /// The page it is of.
    page: ViewPage,
    /// What it is called.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Text,
    /// What stands behind the `?` of that page.
    #[oai(validator(max_length = 2000))]
    query: Text,
}

/// What may be changed about a view; what is left out stays.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct SavedViewUpdate {
    /// What it is called.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<Text>,
    /// What stands behind the `?` of that page.
    #[oai(validator(max_length = 2000))]
    query: Option<Text>,
}

#[OpenApi(prefix_path = "/api/v1/views", tag = "Tag::Home")]
impl SavedViewsApi {
    /// List one's saved views
    ///
    /// Nobody else sees them.
    #[oai(path = "/", method = "get", operation_id = "listViews")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Only those of this page.
        page: Query<Option<ViewPage>>,
    ) -> Result<Json<SavedViewList>, Problem> {
        let caller = auth.may("listViews")?;
        let page = page.0.map(ViewPage::as_str);
        let rows = saved_views::list(&state.db, caller, page).await?;
        Ok(Json(SavedViewList {
            items: rows.into_iter().map(Into::into).collect(),
        }))
    }

    /// Save a view
    ///
    /// A name is one's own on each page, once.
    #[oai(path = "/", method = "post", operation_id = "createView")]
    async fn create(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        body: Json<NewSavedView>,
    ) -> Result<TaggedNew<SavedView>, Problem> {
        let caller = auth.may("createView")?;
        let NewSavedView { page, name, query } = body.0;
        let row = saved_views::create(&state.db, caller, page.as_str(), &name, &query).await?;
        let made = row.updated_at;
        Ok(TaggedNew::new(row.into(), made))
    }

    /// Change a saved view
    ///
    /// With `If-Match`, only if it was not changed since; else 412.
    #[oai(path = "/:id", method = "patch", operation_id = "updateView")]
    async fn update(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The view.
        id: Path<Id<kind::View>>,
        /// The `ETag` of the state that is to be changed.
        #[oai(name = "If-Match", validator(max_length = 100))]
        if_match: Header<Option<String>>,
        body: Json<SavedViewUpdate>,
    ) -> Result<Tagged<SavedView>, Problem> {
        let caller = auth.may("updateView")?;
        let seen = seen(if_match.0.as_deref())?;
        let (name, query) = (body.0.name.as_deref(), body.0.query.as_deref());
        let row = saved_views::change(&state.db, caller, id.0.0, seen, name, query).await?;
        let changed = row.updated_at;
        Ok(Tagged::new(row.into(), changed))
    }

    /// Forget a saved view
    ///
    /// The page it was of stays.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteView")]
    async fn delete(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The view.
        id: Path<Id<kind::View>>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("deleteView")?;
        saved_views::delete(&state.db, caller, id.0.0).await?;
        Ok(Done::Done)
    }
}

impl From<ViewRow> for SavedView {
    fn from(row: ViewRow) -> Self {
        Self {
            id: row.id.into(),
            page: ViewPage::of(&row.page),
            name: row.name,
            query: row.query,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

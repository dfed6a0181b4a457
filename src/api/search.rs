//! One question about everything that has a name.

use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, param::Query, payload::Json};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Id, Limit, kind},
};
use crate::services::search::{self, Kind};

#[derive(Default)]
pub(super) struct SearchApi;

/// Hits when nothing is said: what a palette shows.
const USUAL: i64 = 20;

/// What was found.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "HitKind", rename_all = "snake_case")]
enum HitKind {
    /// A task.
    Task,
    /// A repository.
    Repository,
    /// A run.
    Run,
}

/// Something that was found.
#[derive(Object)]
struct Hit {
    /// What it is.
    kind: HitKind,
    /// Its id.
    id: String,
    /// What it is called; a run is called like its task.
    title: String,
    /// Of a task its repository, of a repository its address, of a run where it stands.
    subtitle: String,
}

/// What was found.
#[derive(Object)]
struct HitList {
    /// Repositories, then tasks, then runs; the newest first.
    items: Vec<Hit>,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Home")]
impl SearchApi {
    /// Search
    ///
    /// Tasks, repositories and runs that one may see: by any part of their name, or by the beginning of their id with its
    /// prefix (`run_0192f0`).
    #[oai(path = "/search", method = "get", operation_id = "search")]
    async fn search(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// A part of the name, or the beginning of an id.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<String>,
        /// How many items at most (20).
        limit: Query<Option<Limit>>,
    ) -> Result<Json<HitList>, Problem> {
        let caller = auth.may("search")?;
        let most = limit.0.map_or(USUAL, |limit| Limit::of(Some(limit)));
        let found = search::find(&state.db, caller, &q.0, most).await?;
        let hit = |(kind, hit): (Kind, search::Hit)| Hit {
            kind: match kind {
                Kind::Task => HitKind::Task,
                Kind::Repository => HitKind::Repository,
                Kind::Run => HitKind::Run,
            },
            id: match kind {
                Kind::Task => Id::<kind::Task>::from(hit.id).to_string(),
                Kind::Repository => Id::<kind::Repository>::from(hit.id).to_string(),
                Kind::Run => Id::<kind::Run>::from(hit.id).to_string(),
            },
            title: hit.title,
            subtitle: hit.subtitle,
        };
        Ok(Json(HitList {
            items: found.into_iter().map(hit).collect(),
        }))
    }
}

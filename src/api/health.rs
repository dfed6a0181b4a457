//! Liveness and readiness, for load balancers and orchestrators.

use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::problem::{FieldError, Problem};
use super::{ApiState, Tag};
use crate::services::health::Part;

#[derive(Default)]
pub(super) struct HealthApi;

/// The process is up.
#[derive(Object)]
#[oai(example)]
struct Health {
    /// Always `ok`: a process that is not up does not answer.
    status: Alive,
    /// The version of the program.
    version: String,
}

#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Alive {
    Ok,
}

/// The process can do its work.
#[derive(Object)]
#[oai(example)]
struct Readiness {
    /// Always `ready`; a process that is not answers 503.
    status: Ready,
    /// What it needs, and how that is.
    parts: Vec<PartView>,
}

#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Ready {
    Ready,
}

/// One thing the process needs.
#[derive(Object)]
#[oai(rename = "ReadinessPart")]
struct PartView {
    /// What it is: `database`, `schema` or `worker`.
    name: String,
    /// How it is, in words.
    state: String,
}

#[derive(ApiResponse)]
enum ReadinessResponse {
    /// Everything the process needs is there.
    #[oai(status = 200)]
    Ready(Json<Readiness>),
    /// Something the process needs is missing; `errors` names it.
    #[oai(status = 503)]
    NotReady(Problem),
}

#[OpenApi(tag = "Tag::Ops")]
impl HealthApi {
    /// Tell whether the process is up
    ///
    /// Looks at nothing but itself. Restart the process when this fails.
    #[oai(path = "/healthz", method = "get", operation_id = "getHealth")]
    async fn health(&self) -> Json<Health> {
        Json(Health::example())
    }

    /// Tell whether the process can do its work
    ///
    /// Asks the database (for at most a second), compares its schema with what the program needs,
    /// and looks at the worker where the process has one. Send no requests while this fails.
    #[oai(path = "/readyz", method = "get", operation_id = "getReadiness")]
    async fn readiness(&self, state: Data<&ApiState>) -> ReadinessResponse {
        let parts = state.health.parts().await;
        if parts.iter().all(|part| part.ready) {
            let parts = parts.into_iter().map(PartView::from).collect();
            return ReadinessResponse::Ready(Json(Readiness {
                status: Ready::Ready,
                parts,
            }));
        }
        let missing = parts.into_iter().filter(|part| !part.ready);
        ReadinessResponse::NotReady(Problem {
            detail: Some("The process is not ready.".to_owned()),
            errors: Some(missing.map(FieldError::from).collect()),
            ..Problem::new(http::StatusCode::SERVICE_UNAVAILABLE)
        })
    }
}

impl From<Part> for PartView {
    fn from(part: Part) -> Self {
        Self {
            name: part.name.to_owned(),
            state: part.state,
        }
    }
}

impl From<Part> for FieldError {
    fn from(part: Part) -> Self {
        Self {
            path: part.name.to_owned(),
            message: part.state,
        }
    }
}

impl Example for Health {
    fn example() -> Self {
        Self {
            status: Alive::Ok,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

impl Example for Readiness {
    fn example() -> Self {
        let part = |name: &str, state: &str| PartView {
            name: name.into(),
            state: state.into(),
        };
        let parts = vec![part("database", "answers"), part("schema", "migrated to 5")];
        Self {
            status: Ready::Ready,
            parts,
        }
    }
}

//! The HTTP API: translates between the wire and the services, and decides nothing.
//!
//! An operation is a method with its documentation; the OpenAPI document is made of those, so the
//! document cannot lie about what is there. `openapi/codegraph.json` is that document, committed;
//! a test compares it. Every error leaves as `application/problem+json` (see [`problem`]).
//! No SQL, no vendors, no agents in this room.

use std::sync::Arc;

use poem::middleware::{CatchPanic, RequestId};
use poem::{Endpoint, EndpointExt, Route, get};
use poem_openapi::{LicenseObject, OpenApiService, ServerObject, Tags};

use crate::services::health::Health;

mod docs;
mod health;
pub mod problem;
mod spec;
mod version;
mod wire;
mod yaml;

pub use self::problem::Problem;
pub use self::spec::json as spec;

/// What the operations work with. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// Answers the health checks.
    pub health: Arc<Health>,
}

/// The groups operations are shown in.
#[derive(Tags)]
enum Tag {
    /// The state of this process.
    Ops,
}

/// All operations.
type Operations = (health::HealthApi, version::VersionApi);

fn service() -> OpenApiService<Operations, ()> {
    let operations = (health::HealthApi, version::VersionApi);
    OpenApiService::new(operations, "CodeGraph", env!("CARGO_PKG_VERSION"))
        .description("A self-hosted orchestrator of AI coding agents.")
        .license(LicenseObject::new("Apache-2.0 OR MIT"))
        .server(ServerObject::new("/"))
}

/// The whole server as one endpoint: operations, document, documentation.
pub fn routes(state: ApiState) -> impl Endpoint {
    Route::new()
        .nest("/", service())
        .at("/docs", get(docs::page()))
        .at("/openapi.json", get(docs::json()))
        .at("/openapi.yaml", get(docs::yaml()))
        .data(state)
        .with(CatchPanic::new().with_handler(problem::of_panic))
        .around(problem::for_every_error)
        .with(RequestId::new())
}

#[cfg(test)]
mod tests;

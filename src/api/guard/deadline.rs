//! An answer begins in time or not at all. How long it then goes on is its own affair: streams go on for hours.

use std::{sync::Arc, time::Duration};

use poem::{Endpoint, IntoResponse, Request, Response, http::StatusCode};

use crate::api::Problem;

/// Middleware: the answer begins within so long.
pub(in crate::api) async fn keep<E: Endpoint>(
    next: Arc<E>,
    request: Request,
    limit: Duration,
) -> poem::Result<Response> {
    match tokio::time::timeout(limit, next.call(request)).await {
        Ok(result) => result.map(IntoResponse::into_response),
        Err(_) => Err(Problem::detailed(
            StatusCode::SERVICE_UNAVAILABLE,
            "this took too long and was given up",
        )
        .into()),
    }
}

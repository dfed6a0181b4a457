//! Answers to lists that are read often, kept until something moves: by who asks, what they ask and how much had moved by
//! then. While nobody tells this node what moves, nothing is kept.

use std::{sync::Arc, time::Duration};

use poem::{
    Body, Endpoint, IntoResponse, Request, Response,
    http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE},
};

use super::{ApiState, Problem, auth};
use crate::services::access::{Caller, Scope, permission_of};

/// The lists, by where they are.
const KEPT: [(&str, &str); 3] = [
    ("/api/v1/repositories", "listRepositories"),
    ("/api/v1/models", "listModels"),
    ("/api/v1/overview", "getOverview"),
];
/// What moves without a word, such as the time, is seen after so long.
const LIFE: Duration = Duration::from_secs(15);
/// Longer answers are not kept.
const LONGEST: usize = 512 << 10;
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Middleware: gives an answer that was kept, and tells all nodes when something was written.
pub(super) async fn serve<E: Endpoint>(
    next: Arc<E>,
    request: Request,
    state: ApiState,
) -> poem::Result<Response> {
    if request.method() == Method::GET {
        let path = request.uri().path().trim_end_matches('/');
        let list = KEPT.iter().find(|(known, _)| *known == path);
        return match list {
            Some((_, operation)) => list_of(next, request, &state, operation).await,
            None => next.call(request).await.map(IntoResponse::into_response),
        };
    }
    let response = next.call(request).await?.into_response();
    if response.status().is_success() {
        state.feed.written(&state.db).await;
    }
    Ok(response)
}

async fn list_of<E: Endpoint>(
    next: Arc<E>,
    request: Request,
    state: &ApiState,
    operation: &str,
) -> poem::Result<Response> {
    // Read before anything else: what moves from here on is another answer's.
    let Some(moved) = state.feed.moved() else {
        return next.call(request).await.map(IntoResponse::into_response);
    };
    let caller = auth::caller(&request).await?;
    if let Some(permission) = permission_of(operation) {
        caller.may(permission).map_err(Problem::from)?;
    }
    let key = key(&caller, &request, &moved);
    if let Some(found) = state.cache.get(&key).await {
        let response = Response::builder().header(CONTENT_TYPE, JSON);
        return Ok(response.body(Body::from_vec(found.to_vec())));
    }
    let mut response = next.call(request).await?.into_response();
    if response.status() == StatusCode::OK {
        let body = response.take_body().into_bytes().await?;
        if body.len() <= LONGEST {
            state.cache.put(&key, &body[..], LIFE).await;
        }
        response.set_body(body);
    }
    Ok(response)
}

/// Who sees the same is one person with one set of rights.
fn key(caller: &Caller, request: &Request, moved: &str) -> String {
    let asked = request.uri().path_and_query();
    let asked = asked.map_or("", |asked| asked.as_str());
    let scope = caller.scope.map(Scope::as_str);
    format!(
        "kept:{moved}:{}:{}:{scope:?}:{asked}",
        caller.user.simple(),
        caller.role
    )
}

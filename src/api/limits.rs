//! Limits on the wire: every answer that was counted says where its caller stands (`RateLimit-*`), and one that came
//! too often when to come back (`Retry-After`).

use std::sync::{Arc, Mutex, PoisonError};

use poem::{Endpoint, IntoResponse, Request, Response};

use super::Problem;
use crate::services::limits::Standing;

/// Where the limits that a request touched are noted until it is answered.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Option<Standing>>>);

/// Notes a limit, and refuses what was once too often.
pub(super) fn hold(request: &Request, standing: Option<Standing>) -> Result<(), Problem> {
    let Some(standing) = standing else {
        return Ok(());
    };
    if let Some(noted) = request.extensions().get::<Noted>() {
        let mut place = noted.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of several the tightest counts.
        if place.is_none_or(|known| standing.left <= known.left) {
            *place = Some(standing);
        }
    }
    Ok(standing.check()?)
}

/// Middleware: says where the caller stands.
pub(super) async fn show<E: Endpoint>(
    next: Arc<E>,
    mut request: Request,
) -> poem::Result<Response> {
    let noted = Noted::default();
    request.extensions_mut().insert(noted.clone());
    let mut response = match next.call(request).await {
        Ok(response) => response.into_response(),
        Err(error) => super::problem::of_error(error),
    };
    let standing = *noted.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(standing) = standing {
        let headers = response.headers_mut();
        headers.insert("ratelimit-limit", standing.most.into());
        headers.insert("ratelimit-remaining", standing.left.into());
        headers.insert("ratelimit-reset", standing.resets_in_s.into());
    }
    Ok(response)
}

//! No request is larger than what is allowed, whatever its headers say.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::StreamExt as _;
use poem::{
    Body, Endpoint, IntoResponse, Request, Response,
    http::{StatusCode, header::CONTENT_LENGTH},
};

use crate::api::Problem;

/// Middleware: at most so many bytes.
pub(in crate::api) async fn limit<E: Endpoint>(
    next: Arc<E>,
    mut request: Request,
    most: u64,
) -> poem::Result<Response> {
    let length = request.headers().get(CONTENT_LENGTH);
    let told = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > most) {
        return Err(too_large(most).into());
    }
    let over = Arc::new(AtomicBool::new(false));
    if told.is_none() {
        let body = request.take_body();
        request.set_body(counted(body, most, Arc::clone(&over)));
    }
    let result = next.call(request).await;
    if over.load(Ordering::Relaxed) {
        return Err(too_large(most).into());
    }
    result.map(IntoResponse::into_response)
}

fn counted(body: Body, most: u64, over: Arc<AtomicBool>) -> Body {
    let mut left = most;
    Body::from_bytes_stream(body.into_bytes_stream().map(move |part| {
        let part = part?;
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        match left.checked_sub(length) {
            Some(rest) => {
                left = rest;
                Ok(part)
            }
            None => {
                over.store(true, Ordering::Relaxed);
                Err(io::Error::other("the request is too large"))
            }
        }
    }))
}

fn too_large(most: u64) -> Problem {
    Problem::detailed(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("a request has at most {} KiB", most / 1024),
    )
}

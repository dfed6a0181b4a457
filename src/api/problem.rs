//! The one shape of an error: RFC 9457 `application/problem+json`.
//!
//! Operations return [`Problem`]. The framework's own refusals (bad JSON, unknown path, wrong
//! method) and panics become one in `for_every_error`, the only place a request id is put in.

use std::any::Any;
use std::sync::Arc;

use poem::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use poem::http::{HeaderValue, StatusCode};
use poem::middleware::ReqId;
use poem::{Endpoint, Error, IntoResponse, Request, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON, Type};
use poem_openapi::{ApiResponse, Object};

const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not served (RFC 9457).
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Problem {
    /// What kind of problem it is; `about:blank` when the status says it all.
    #[oai(rename = "type")]
    pub kind: String,
    /// The kind in words; the same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: Option<String>,
    /// Names this request in the log of the server.
    pub request_id: Option<String>,
    /// What exactly does not fit, when that can be told.
    pub errors: Option<Vec<FieldError>>,
    /// When to try again, in seconds; the header `Retry-After` says the same.
    pub retry_after: Option<u64>,
}

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct FieldError {
    /// Where: a JSON pointer into the body, a parameter, or a part of the system.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl Problem {
    /// A problem the status says everything about.
    pub fn new(status: StatusCode) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: None,
            request_id: None,
            errors: None,
            retry_after: None,
        }
    }

    /// The same with a sentence about this occurrence.
    pub fn detailed(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(status)
        }
    }

    /// What happened, as far as callers are told.
    pub(super) fn in_words(self) -> String {
        self.detail.unwrap_or(self.title)
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Puts this problem in the place of a response's body; its other headers (`Allow`,
    /// `WWW-Authenticate`, `Retry-After`) stay.
    fn write_to(self, response: &mut Response) {
        response.set_status(self.status());
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            let how = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .entry(WWW_AUTHENTICATE)
                .or_insert(how);
        }
        response.set_body(self.to_json_string());
        response.extensions_mut().insert(self);
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        self.write_to(&mut response);
        response
    }
}

/// Where errors by meaning become statuses. Faults of ours are for the log.
impl From<crate::Error> for Problem {
    fn from(error: crate::Error) -> Self {
        use crate::Error as E;
        let text = error.to_string();
        match error {
            E::NotFound(_) => Self::detailed(StatusCode::NOT_FOUND, text),
            E::Unauthorized(_) => Self::detailed(StatusCode::UNAUTHORIZED, text),
            E::Forbidden(_) => Self::detailed(StatusCode::FORBIDDEN, text),
            E::Conflict(_) => Self::detailed(StatusCode::CONFLICT, text),
            E::Stale => Self::detailed(StatusCode::PRECONDITION_FAILED, text),
            E::Invalid(_) => Self::detailed(StatusCode::UNPROCESSABLE_ENTITY, text),
            E::Field { path, message } => Self {
                errors: Some(vec![FieldError {
                    path: path.into_owned(),
                    message,
                }]),
                ..Self::detailed(StatusCode::UNPROCESSABLE_ENTITY, text)
            },
            E::TooMany { after_s } => Self {
                retry_after: Some(after_s),
                ..Self::detailed(StatusCode::TOO_MANY_REQUESTS, text)
            },
            E::Unavailable(_) => {
                tracing::warn!(%text, "a request could not be served now");
                Self {
                    retry_after: Some(1),
                    ..Self::new(StatusCode::SERVICE_UNAVAILABLE)
                }
            }
            E::Internal(_) => {
                tracing::error!(%text, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        let mut error = Self::from_response(problem.clone().into_response());
        // What an error carries takes the place of what its response carries.
        error.set_data(problem);
        error
    }
}

impl Payload for Problem {
    const CONTENT_TYPE: &'static str = MEDIA_TYPE;

    fn check_content_type(content_type: &str) -> bool {
        content_type.starts_with(MEDIA_TYPE)
    }

    fn schema_ref() -> MetaSchemaRef {
        <Self as Type>::schema_ref()
    }

    fn register(registry: &mut Registry) {
        <Self as Type>::register(registry);
    }
}

/// As the error of an operation it stands for every status the operation does not list itself.
impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The request was not served.",
                status: None,
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: MEDIA_TYPE,
                    schema: <Self as Type>::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        <Self as Type>::register(registry);
    }
}

/// Middleware: whatever goes wrong inside leaves as a problem that carries the request's id.
pub(super) async fn for_every_error<E: Endpoint>(
    next: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let id = request.extensions().get::<ReqId>().map(ToString::to_string);
    let mut response = match next.call(request).await {
        Ok(response) => response.into_response(),
        Err(error) => of_error(error),
    };
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let problem = response.extensions().get::<Problem>().cloned();
        let problem = problem.unwrap_or_else(|| Problem::new(status));
        Problem {
            request_id: id,
            ..problem
        }
        .write_to(&mut response);
    }
    Ok(response)
}

/// What the framework says about bad input helps the caller; what it says about our own faults
/// is for the log.
fn of_error(error: Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    let status = error.status();
    let problem = if status.is_server_error() {
        tracing::error!(%error, "a request failed");
        Problem::new(status)
    } else {
        Problem::detailed(status, error.to_string())
    };
    let mut response = error.into_response();
    problem.write_to(&mut response);
    response
}

/// A handler that panicked. The panic's text is not for strangers.
#[expect(clippy::needless_pass_by_value, reason = "the framework hands it over")]
pub(super) fn of_panic(panic: Box<dyn Any + Send + 'static>) -> Problem {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(
        panic = text.unwrap_or("of an unknown kind"),
        "a handler panicked"
    );
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR)
}

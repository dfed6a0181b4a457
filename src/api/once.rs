//! A write that comes with `Idempotency-Key` is performed once. In one place for all operations; which of them take a
//! key is said by [`rule_of`].

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use poem::{
    Body, Endpoint, IntoResponse, Request, Response,
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{CONTENT_TYPE, ETAG},
    },
};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{
    Error,
    api::{ApiState, Problem, auth, guard::methods::fits, spec},
    services::{
        access::{Caller, OPERATIONS, permission_of},
        request_keys::{self, Answer, Name, Rule, rule_of},
    },
};

/// The header with the key.
pub(in crate::api) const KEY: &str = "Idempotency-Key";
/// What is kept of an answer besides its status and body.
const HEADERS: [HeaderName; 2] = [CONTENT_TYPE, ETAG];
/// Fields that hold a secret, of operations that take a key all the same.
const UNSEEN: [(&str, &str); 1] = [("createRepository", "token")];
/// Says that an answer was given before.
const REPEATED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Middleware: the same request again gets the same answer.
pub(in crate::api) async fn perform<E: Endpoint + 'static>(
    next: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let Some(key) = request.headers().get(KEY).cloned() else {
        return next.call(request).await.map(IntoResponse::into_response);
    };
    let operation = operation(request.method(), request.uri().path());
    match operation.map(|operation| (operation, rule_of(operation))) {
        Some((operation, Rule::Kept)) => keyed(next, request, operation, &key).await,
        Some((_, Rule::Refused)) => {
            let why = "this operation's answer holds a secret and is not kept; leave the key out";
            Err(Problem::from(Error::field(KEY, why)).into())
        }
        Some((_, Rule::Own | Rule::Ignored)) | None => {
            next.call(request).await.map(IntoResponse::into_response)
        }
    }
}

async fn keyed<E: Endpoint + 'static>(
    next: Arc<E>,
    mut request: Request,
    operation: &'static str,
    key: &HeaderValue,
) -> poem::Result<Response> {
    let state = request.data::<ApiState>().cloned();
    let state = state.ok_or_else(|| Problem::new(StatusCode::INTERNAL_SERVER_ERROR))?;
    let caller = allowed(&request, operation).await?;
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=200).contains(&key.len()));
    let key = key.ok_or_else(|| {
        Problem::from(Error::field(
            KEY,
            "is not 1 to 200 letters, digits and signs",
        ))
    })?;
    let name = Name {
        user: caller.user,
        operation,
        key: key.to_owned(),
    };
    let body = request.take_body().into_bytes().await?;
    let fingerprint = fingerprint(&request, &seen(operation, &body));
    request.set_body(body);
    let known = request_keys::take(&state.db, &name, &fingerprint).await;
    if let Some(answer) = known.map_err(Problem::from)? {
        return Ok(again(answer));
    }
    // On its own: a caller that hangs up, and comes back with the key, finds what became of it.
    let served = tokio::spawn(async move {
        let result = next.call(request).await.map(IntoResponse::into_response);
        settle(&state, &name, result).await
    });
    served
        .await
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR))?
}

/// Who asks, if they may: an answer that is given again is nobody else's.
async fn allowed(request: &Request, operation: &str) -> Result<Caller, Problem> {
    let caller = auth::caller(request).await?;
    if let Some(permission) = permission_of(operation) {
        caller.may(permission)?;
    }
    Ok(caller)
}

/// Keeps a good answer. A refusal gives the key back, for nothing was performed. After a fault nobody knows: it may have
/// come after the commit, so the key stays taken and whoever comes back with it is told to look.
async fn settle(
    state: &ApiState,
    name: &Name,
    result: poem::Result<Response>,
) -> poem::Result<Response> {
    let mut response = match result {
        Ok(response) if response.is_success() => response,
        other => {
            let status = match &other {
                Ok(response) => response.status(),
                Err(error) => error.status(),
            };
            if !status.is_server_error() {
                noted(request_keys::release(&state.db, name).await);
            }
            return other;
        }
    };
    let body = response.take_body().into_bytes().await?;
    let header = |name: &HeaderName| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), Value::from(value)))
    };
    let answer = Answer {
        status: response.status().as_u16(),
        headers: HEADERS
            .iter()
            .filter_map(header)
            .collect::<Map<_, _>>()
            .into(),
        body: body.to_vec(),
    };
    noted(request_keys::keep(&state.db, name, &answer).await);
    response.set_body(body);
    Ok(response)
}

/// What was asked for has happened, or not, whether this can be written down or not.
fn noted(result: crate::Result<()>) {
    if let Err(error) = result {
        tracing::warn!(%error, "what became of a request with a key could not be noted");
    }
}

fn again(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = Response::builder()
        .status(status)
        .body(Body::from(answer.body));
    for name in HEADERS {
        let value = answer.headers[name.as_str()].as_str();
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    let yes = HeaderValue::from_static("true");
    response.headers_mut().insert(REPEATED, yes);
    response
}

/// A body as it is looked at: of a secret in it not even a hash is kept.
fn seen<'a>(operation: &str, body: &'a [u8]) -> Cow<'a, [u8]> {
    let Some((_, field)) = UNSEEN.iter().find(|(known, _)| *known == operation) else {
        return body.into();
    };
    match serde_json::from_slice::<Map<String, Value>>(body) {
        Ok(mut fields) => {
            fields.remove(*field);
            Value::Object(fields).to_string().into_bytes().into()
        }
        Err(_) => body.into(),
    }
}

/// What makes two requests the same: the address, the state they are about, and the body.
fn fingerprint(request: &Request, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let seen = request.headers().get("if-match");
    let seen = seen.map(HeaderValue::as_bytes).unwrap_or_default();
    let target = request.uri().path_and_query();
    let target = target.map_or("", |target| target.as_str());
    for part in [target.as_bytes(), seen, body] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Every operation that changes something: its method, its path and its id.
static WRITES: LazyLock<Vec<(Method, String, &'static str)>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(&spec::json()).unwrap_or_default();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Ok(method) = method.to_uppercase().parse() else {
                continue;
            };
            let id = operation["operationId"].as_str();
            let id = OPERATIONS.iter().find(|(known, _)| Some(*known) == id);
            if let Some((id, _)) = id.filter(|_| method != Method::GET) {
                found.push((method, path.clone(), *id));
            }
        }
    }
    // What is spelt out comes before a place for anything.
    found.sort_by_key(|(_, path, _)| path.matches('{').count());
    found
});

/// The operation that a request asks for, when it changes something and one must be signed in for it.
fn operation(method: &Method, path: &str) -> Option<&'static str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let found = WRITES
        .iter()
        .find(|(known, template, _)| known == method && fits(template, path));
    found.map(|(_, _, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_known_by_its_method_and_path() {
        let of = |method: Method, path| operation(&method, path);
        assert_eq!(of(Method::POST, "/api/v1/tasks/bulk"), Some("changeTasks"));
        assert_eq!(of(Method::POST, "/api/v1/tasks/"), Some("createTask"));
        assert_eq!(
            of(Method::POST, "/api/v1/runs/run_1/cancel"),
            Some("cancelRun")
        );
        assert_eq!(of(Method::GET, "/api/v1/tasks"), None);
        assert_eq!(of(Method::POST, "/api/v1/auth/login"), None);
    }
}

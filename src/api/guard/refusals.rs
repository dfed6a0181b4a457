//! Why a body or a parameter was refused, in the caller's terms: every place that does not fit, with its path. The
//! framework stops at the first, and often names a type instead of the place.

use std::sync::{Arc, LazyLock, OnceLock};

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use poem::{
    Endpoint, Error, IntoResponse, Request, Response,
    http::{Method, header::CONTENT_TYPE},
};
use poem_openapi::error::{ParseParamError, ParsePathError, ParseRequestPayloadError};
use serde_json::{Value, json};

use super::methods::{fits, template};
use crate::api::{
    problem::{FieldError, Problem},
    spec,
};

/// Places that are told at once.
const MOST: usize = 20;

/// An operation that takes a JSON body.
struct Taker {
    method: String,
    path: String,
    /// What its body must be.
    schema: Value,
    /// The same, once somebody needed it.
    validator: OnceLock<Option<Validator>>,
}

static TAKERS: LazyLock<Vec<Taker>> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(&spec::json()).unwrap_or_default();
    allow_nulls(&mut document);
    let mut takers = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            if body.is_object() {
                takers.push(Taker {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    schema: json!({"allOf": [body], "components": document["components"]}),
                    validator: OnceLock::new(),
                });
            }
        }
    }
    takers
});

/// Middleware: a refusal of the framework says where.
pub(in crate::api) async fn explain<E: Endpoint>(
    next: Arc<E>,
    mut request: Request,
) -> poem::Result<Response> {
    let taker = taker(&request);
    let path = request.uri().path().to_owned();
    let mut body = None;
    if taker.is_some() {
        let bytes = request.take_body().into_bytes().await?;
        request.set_body(bytes.clone());
        body = Some(bytes);
    }
    match next.call(request).await {
        Ok(response) => Ok(response.into_response()),
        Err(error) => {
            let value = body.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            Err(explained(error, &path, taker.zip(value)))
        }
    }
}

/// Who takes this request's body.
fn taker(request: &Request) -> Option<&'static Taker> {
    if *request.method() == Method::GET || !request.headers().contains_key(CONTENT_TYPE) {
        return None;
    }
    let path = request.uri().path().trim_end_matches('/');
    TAKERS.iter().find(|taker| {
        taker.method == request.method().as_str() && fits(taker.path.trim_end_matches('/'), path)
    })
}

fn explained(error: Error, path: &str, body: Option<(&Taker, Value)>) -> Error {
    let errors = if let Some(wrong) = error.downcast_ref::<ParseParamError>() {
        vec![parameter(wrong.name, &wrong.reason)]
    } else if let Some(wrong) = error.downcast_ref::<ParsePathError>() {
        vec![parameter(place(path, wrong.name), &wrong.reason)]
    } else if error.is::<ParseRequestPayloadError>()
        && let Some((taker, value)) = body
    {
        taker.misfits(&value)
    } else {
        vec![]
    };
    let Some(first) = errors.first() else {
        return error;
    };
    let detail = match errors.len() {
        1 => format!("{} {}", first.path, first.message),
        all => format!("{} {}, and {} more", first.path, first.message, all - 1),
    };
    Problem {
        errors: Some(errors),
        ..Problem::detailed(error.status(), detail)
    }
    .into()
}

impl Taker {
    /// Every place of a body that does not fit.
    fn misfits(&self, body: &Value) -> Vec<FieldError> {
        let compile = || jsonschema::draft7::new(&self.schema).ok();
        let Some(validator) = self.validator.get_or_init(compile) else {
            return vec![];
        };
        let found = validator.iter_errors(body).flat_map(|error| told(&error));
        found.take(MOST).collect()
    }
}

/// In words, without what was sent: it may be a secret, and it may be long.
fn told(error: &ValidationError<'_>) -> Vec<FieldError> {
    let at = |name: Option<&str>, message: &str| FieldError {
        path: match name {
            Some(name) => format!("{}/{name}", error.instance_path()),
            None => error.instance_path().to_string(),
        },
        message: message.to_owned(),
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            vec![at(property.as_str(), "is missing")]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let names = unexpected.iter();
            names
                .map(|name| at(Some(name), "is not known here"))
                .collect()
        }
        // The first of the two is `null` (see `allow_nulls`), which was not meant.
        ValidationErrorKind::AnyOf { context } => match context.as_slice() {
            [_, meant] => meant.iter().flat_map(told).collect(),
            _ => vec![at(None, "is none of what it may be")],
        },
        ValidationErrorKind::MaxLength { limit } => {
            vec![at(None, &format!("has more than {limit} characters"))]
        }
        ValidationErrorKind::MinLength { limit } => {
            vec![at(None, &format!("has fewer than {limit} characters"))]
        }
        _ => {
            let words = error.masked_with("it").to_string();
            let words = words.strip_prefix("it ").unwrap_or(&words).to_owned();
            vec![at(None, &words)]
        }
    }
}

/// What the document calls a part of a path; the framework counts them (`param0`).
fn place<'a>(path: &str, counted: &'a str) -> &'a str {
    let nth = counted
        .strip_prefix("param")
        .and_then(|nth| nth.parse().ok());
    let named = nth.zip(template(path)).and_then(|(nth, template)| {
        let mut places = template
            .split('/')
            .filter_map(|part| part.strip_prefix('{'));
        places.nth(nth)?.strip_suffix('}')
    });
    named.unwrap_or(counted)
}

/// What the framework says of a parameter, without the names of its types.
fn parameter(name: &str, reason: &str) -> FieldError {
    let reason = match reason.strip_prefix("failed to parse \"") {
        Some(rest) => rest.split_once("\": ").map_or(rest, |(_, why)| why),
        None => reason,
    };
    let message = match reason.strip_prefix("Type \"") {
        Some(_) if reason.ends_with("expects an input value.") => "is missing",
        _ => reason,
    };
    FieldError {
        path: name.to_owned(),
        message: message.to_owned(),
    }
}

/// `nullable` is of OpenAPI; a validator of JSON Schema knows `null` as a type.
fn allow_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(allow_nulls);
            if map.remove("nullable") == Some(Value::Bool(true)) {
                let schema = Value::Object(std::mem::take(map));
                *value = json!({"anyOf": [{"type": "null"}, schema]});
            }
        }
        Value::Array(items) => items.iter_mut().for_each(allow_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

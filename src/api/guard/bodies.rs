//! Why a body or a parameter was refused, in the caller's terms: every place that does not fit, with its path. The
//! framework stops at the first, and often names the type instead of the place.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind as Kind};
use poem::{
    Endpoint, Error, IntoResponse, Request, Response,
    http::{Method, StatusCode},
};
use poem_openapi::error::{ParseParamError, ParsePathError, ParseRequestPayloadError};
use serde_json::{Map, Value, json};

use super::methods::fits;
use crate::api::{
    problem::{FieldError, Problem},
    spec,
};

/// Places that are told at once.
const MOST: usize = 20;

/// An operation that takes a JSON body.
struct Taker {
    method: Method,
    path: String,
    schema: Value,
    validator: LazyLock<Option<Validator>, Box<dyn FnOnce() -> Option<Validator> + Send>>,
}

static TAKERS: LazyLock<Vec<Taker>> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(&spec::json()).unwrap_or_default();
    allow_nulls(&mut document["components"]);
    allow_nulls(&mut document["paths"]);
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| takers(path, item, &document["components"])).collect()
});

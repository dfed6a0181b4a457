//! A method that a path does not know is refused with those that it does (`Allow`, RFC 9110 §15.5.6): the framework
//! leaves that out.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{HeaderValue, StatusCode, header::ALLOW},
};
use serde_json::Value;

use crate::api::spec;

/// The methods of every path of the document.
static METHODS: LazyLock<BTreeMap<String, HeaderValue>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(&spec::json()).unwrap_or_default();
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .filter_map(|(path, item)| {
            let methods: Vec<_> = item.as_object()?.keys().map(|m| m.to_uppercase()).collect();
            let methods = HeaderValue::from_str(&methods.join(", ")).ok()?;
            Some((path.clone(), methods))
        })
        .collect()
});

/// Middleware: names the methods there are.
pub(in crate::api) async fn name<E: Endpoint>(
    next: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let path = request.uri().path().to_owned();
    let mut response = next.call(request).await?.into_response();
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let methods = response.headers_mut().entry(ALLOW);
        methods.or_insert_with(|| allowed(&path));
    }
    Ok(response)
}

/// What is not in the document are pages.
fn allowed(path: &str) -> HeaderValue {
    let exact = METHODS.get(path);
    let fits = || METHODS.iter().find(|(template, _)| fits(template, path));
    let found = exact.or_else(|| fits().map(|(_, methods)| methods));
    found.map_or(HeaderValue::from_static("GET"), HeaderValue::clone)
}

/// The path of the document that leads there.
pub(super) fn template(path: &str) -> Option<&'static str> {
    let found = METHODS.keys().find(|template| fits(template, path));
    found.map(String::as_str)
}

/// Whether a path of the document leads there.
pub(in crate::api) fn fits(template: &str, path: &str) -> bool {
    template.split('/').count() == path.split('/').count()
        && template
            .split('/')
            .zip(path.split('/'))
            .all(|(place, part)| place == part || place.starts_with('{'))
}

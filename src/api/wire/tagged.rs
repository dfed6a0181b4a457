//! What can be changed, with the name of its state: whoever sends that back with a change makes it only if nobody has made
//! another since.

use chrono::{DateTime, Utc};
use poem_openapi::{
    ApiResponse,
    payload::Json,
    types::{ToJSON, Type},
};

use crate::error::Error;

/// Something that can be changed.
#[derive(ApiResponse)]
pub(in crate::api) enum Tagged<T: ToJSON + Type + Send> {
    /// As it stands.
    #[oai(status = 200)]
    Ok(Json<T>, #[oai(header = "ETag")] String),
}

impl<T: ToJSON + Type + Send> Tagged<T> {
    /// As it was left then.
    pub(in crate::api) fn new(body: T, changed: DateTime<Utc>) -> Self {
        Self::Ok(Json(body), tag(changed))
    }
}

/// Something that can be changed, and is new.
#[derive(ApiResponse)]
pub(in crate::api) enum TaggedNew<T: ToJSON + Type + Send> {
    /// It was made.
    #[oai(status = 201)]
    Created(Json<T>, #[oai(header = "ETag")] String),
}

impl<T: ToJSON + Type + Send> TaggedNew<T> {
    /// As it was made then.
    pub(in crate::api) fn new(body: T, made: DateTime<Utc>) -> Self {
        Self::Created(Json(body), tag(made))
    }
}

/// An entity tag made of the moment of the last change.
fn tag(changed: DateTime<Utc>) -> String {
    format!("\"{}\"", changed.timestamp_micros())
}

/// The moment in an entity tag that a caller sent back.
pub(in crate::api) fn seen(tag: Option<&str>) -> Result<Option<DateTime<Utc>>, Error> {
    let Some(tag) = tag.map(str::trim).filter(|tag| *tag != "*") else {
        return Ok(None);
    };
    let digits = tag.trim_start_matches("W/").trim_matches('"');
    let moment = digits
        .parse()
        .ok()
        .and_then(DateTime::from_timestamp_micros);
    // A tag that we never made matches nothing.
    moment.map(Some).ok_or(Error::Stale)
}

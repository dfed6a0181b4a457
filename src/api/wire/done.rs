//! Answers that are more, or less, than a body.

use poem_openapi::{
    ApiResponse,
    payload::Json,
    types::{ToJSON, Type},
};

/// Something new is there.
#[derive(ApiResponse)]
pub(in crate::api) enum Created<T: ToJSON + Type + Send> {
    /// It was made.
    #[oai(status = 201)]
    Created(Json<T>),
}

/// There is nothing to say.
#[derive(ApiResponse)]
pub(in crate::api) enum Done {
    /// It is done.
    #[oai(status = 204)]
    Done,
}

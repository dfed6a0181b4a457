//! A stream that says something when it opens.

use futures::{StreamExt, stream};
use poem::{
    Body, IntoResponse, Response,
    http::{HeaderName, HeaderValue},
};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaResponses, MetaSchemaRef, Registry},
};

/// A stream of events that begins with a comment: proxies hold the headers back until something follows them, and
/// whoever waits for the headers would wait for the first event.
pub(in crate::api) struct Opened<S>(pub(in crate::api) S);

const COMMENT: &[u8] = b":\n\n";

impl<S: IntoResponse> IntoResponse for Opened<S> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        let comment = stream::once(async { Ok(COMMENT.to_vec().into()) });
        let events = response.take_body().into_bytes_stream();
        response.set_body(Body::from_bytes_stream(comment.chain(events)));
        // Neither kept nor held back by anything in between; the second is for nginx, which does by itself.
        for (name, value) in [("cache-control", "no-store"), ("x-accel-buffering", "no")] {
            let name = HeaderName::from_static(name);
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl<S: Payload> Payload for Opened<S> {
    const CONTENT_TYPE: &'static str = S::CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        S::schema_ref()
    }

    fn register(registry: &mut Registry) {
        S::register(registry);
    }
}

impl<S: ApiResponse> ApiResponse for Opened<S> {
    fn meta() -> MetaResponses {
        S::meta()
    }

    fn register(registry: &mut Registry) {
        S::register(registry);
    }
}

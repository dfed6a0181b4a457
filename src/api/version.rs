//! Which CodeGraph answers.

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::Tag;

pub(super) struct VersionApi;

/// The program that answers.
#[derive(Object)]
#[oai(example)]
struct Version {
    /// The version of the program.
    version: String,
    /// The version of the API, as it stands in the path.
    api: String,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Ops")]
impl VersionApi {
    /// Get the version
    ///
    /// Needs no login: a client asks before it knows whom it talks to.
    #[oai(path = "/version", method = "get", operation_id = "getVersion")]
    async fn version(&self) -> Json<Version> {
        Json(Version::example())
    }
}

impl Example for Version {
    fn example() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            api: "v1".to_owned(),
        }
    }
}

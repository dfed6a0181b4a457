//! Which CodeGraph answers.

use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::{ApiState, Tag};

#[derive(Default)]
pub(super) struct VersionApi;

/// The wall around the commands of agents and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Sandbox", rename_all = "snake_case")]
enum Sandbox {
    /// Namespaces of their own.
    Bubblewrap,
    /// Rights are taken away from them.
    Landlock,
    /// None: they may do whatever the account of the worker may. Only ever chosen by hand.
    None,
    /// No worker is there to say.
    Unknown,
}

/// The program that answers.
#[derive(Object)]
#[oai(example)]
struct Version {
    /// The version of the program.
    version: String,
    /// The version of the API, as it stands in the path.
    api: String,
    /// The weakest wall around the commands of agents on any worker that lives.
    sandbox: Sandbox,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Ops")]
impl VersionApi {
    /// Get the version
    ///
    /// Needs no login: a client asks before it knows whom it talks to.
    #[oai(path = "/version", method = "get", operation_id = "getVersion")]
    async fn version(&self, state: Data<&ApiState>) -> Json<Version> {
        let sandbox = match state.health.sandbox().await {
            "bubblewrap" => Sandbox::Bubblewrap,
            "landlock" => Sandbox::Landlock,
            "none" => Sandbox::None,
            _ => Sandbox::Unknown,
        };
        Json(Version {
            sandbox,
            ..Version::example()
        })
    }
}

impl Example for Version {
    fn example() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            api: "v1".to_owned(),
            sandbox: Sandbox::Bubblewrap,
        }
    }
}

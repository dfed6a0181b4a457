//! Servers that host repositories and know pull requests: GitHub, and a GitHub of one's own. A repository elsewhere has
//! none, and its work is delivered as a branch. What may not live here: SQL, what a pull request says.

mod door;
mod error;
mod pulls;
mod repository;
mod state;

use secrecy::SecretString;

pub use error::Error;
pub use pulls::{NewPull, Pull, PullState};
pub use repository::Slug;
pub use state::{Checks, Look};

use super::{git::Credential, reach::PrivateHosts};
use crate::config::ForgeConfig;

/// The public one.
const PUBLIC: &str = "https://api.github.com";

/// A GitHub: where its API is, and where its repositories are.
#[derive(Debug, Clone)]
pub struct GitHub {
    api: String,
    /// Scheme, host and port of its repositories.
    origin: String,
    /// Hosts inside the network that may be spoken to: this one, when it is there. The operator has named it.
    own: PrivateHosts,
}

impl GitHub {
    /// The configured one.
    #[must_use]
    pub fn configured(config: &ForgeConfig) -> Self {
        let url = config.github_api_url.as_ref();
        Self::at(url.map_or(PUBLIC, |url| url.as_str()))
    }

    fn at(api: &str) -> Self {
        let (scheme, rest) = api.split_once("://").unwrap_or(("https", api));
        let place = rest.split('/').next().unwrap_or_default();
        let place = place.rsplit('@').next().unwrap_or_default().to_lowercase();
        let web = place
            .strip_prefix("api.")
            .filter(|web| *web == "github.com");
        Self {
            api: api.trim_end_matches('/').to_owned(),
            origin: format!("{scheme}://{}", web.unwrap_or(&place)),
            own: PrivateHosts::new([place.clone()]),
        }
    }

    /// What git shows its repositories for this token; to no other server.
    #[must_use]
    pub fn credential(&self, token: &SecretString) -> Credential {
        Credential::new(&self.origin, token)
    }
}

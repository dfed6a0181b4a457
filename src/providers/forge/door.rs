//! How GitHub's API is reached: octocrab speaks, our own HTTP client carries, held to the addresses that were looked at.

use std::time::Duration;

use http_body_util::BodyExt as _;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use tower::{BoxError, service_fn};

use super::{Error, GitHub};
use crate::providers::reach::{self, Refusal};

/// A server that takes longer has not answered.
const PATIENCE: Duration = Duration::from_secs(20);

impl GitHub {
    /// A client for the holder of this token.
    pub(super) async fn as_holder(&self, token: &SecretString) -> Result<Octocrab, Error> {
        let place = reach::look(&self.api, &self.own).await;
        let place = place.map_err(|refusal| match refusal {
            Refusal::Unknown(host) => Error::Unreachable(format!("there is no server `{host}`")),
            Refusal::Inside(host) => Error::Unreachable(format!("`{host}` is inside the network")),
            Refusal::NoAddress => Error::Unreachable("its address is none".to_owned()),
        })?;
        let client = place
            .client(PATIENCE)
            .map_err(|error| Error::Unreachable(error.to_string()))?;
        let (base, token) = (self.api.clone(), token.clone());
        let carry = service_fn(move |request: http::Request<OctoBody>| {
            let (client, base, token) = (client.clone(), base.clone(), token.clone());
            async move {
                let (parts, body) = request.into_parts();
                let path = parts.uri.path_and_query();
                let url = format!("{base}{}", path.map_or("/", |path| path.as_str()));
                // Whole, so that its length is told.
                let body = body.collect().await.map_err(BoxError::from)?.to_bytes();
                let mut sent = client
                    .request(parts.method, url)
                    .headers(parts.headers)
                    .header("x-github-api-version", "2022-11-28")
                    .bearer_auth(token.expose_secret());
                if !body.is_empty() {
                    sent = sent.body(body);
                }
                let answer = sent.send().await.map_err(BoxError::from)?;
                Ok::<_, BoxError>(http::Response::<reqwest::Body>::from(answer))
            }
        });
        let builder = OctocrabBuilder::new_empty().with_service(carry);
        let Ok(crab) = builder.with_auth(AuthState::None).build();
        Ok(crab)
    }
}

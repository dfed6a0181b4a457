//! The HTTP server.

use std::net::SocketAddr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::text::{self, Text};

/// Where the API listens.
#[derive(Debug, Clone, Deserialize)]
pub struct ServerConfig {
    /// `CODEGRAPH_LISTEN`: address and port (default `127.0.0.1:8400`; port 0 takes a free one).
    #[serde(default = "usual", deserialize_with = "address")]
    pub listen: SocketAddr,
    /// `CODEGRAPH_BEHIND_PROXY`: a proxy of ours stands in front, so its `X-Forwarded-For` says who
    /// asks (default no: anybody could write that header).
    #[serde(default, deserialize_with = "text::switch")]
    pub behind_proxy: bool,
}

fn usual() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8400))
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let Text(text) = Text::deserialize(from)?;
    text.parse().map_err(|_| {
        D::Error::custom(format!(
            "`{text}` is not an address with a port, such as 127.0.0.1:8400 or [::]:8400"
        ))
    })
}

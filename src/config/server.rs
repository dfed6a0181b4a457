//! The HTTP server.

use std::net::SocketAddr;

use secrecy::SecretString;
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
    /// `CODEGRAPH_CORS_ORIGINS`: other sites whose pages may use the API with a token, such as
    /// `https://tools.example.org` (default none). Cookies are never for them.
    #[serde(default)]
    pub cors_origins: Origins,
    /// `CODEGRAPH_METRICS_TOKEN`: whoever shows it may read `/metrics` from anywhere (default: only
    /// this machine may).
    #[serde(default, deserialize_with = "text::secret")]
    pub metrics_token: Option<SecretString>,
}

/// Sites by scheme, host and port, as browsers write them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub struct Origins(Vec<String>);

impl Origins {
    /// Whether a site is one of them.
    pub fn contain(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Text> for Origins {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let origin = |part: &str| {
            let part = part.to_lowercase();
            let host = part
                .strip_prefix("https://")
                .or_else(|| part.strip_prefix("http://"));
            match host {
                Some(host) if !host.is_empty() && !host.contains(['/', '*', '?', '#', '@']) => {
                    Ok(part)
                }
                _ => Err(format!(
                    "`{part}` is not a site such as https://tools.example.org, without a path"
                )),
            }
        };
        parts.map(origin).collect::<Result<_, _>>().map(Self)
    }
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

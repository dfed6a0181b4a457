//! Model vendors: keys and addresses.

use std::fmt;

use poem::http::Uri;
use secrecy::SecretString;
use serde::Deserialize;

use super::database::password_of;
use super::text::Text;

/// Keys and addresses of model vendors. None is needed for `codegraph demo`.
#[derive(Debug, Clone, Deserialize)]
pub struct ModelsConfig {
    /// `CODEGRAPH_ANTHROPIC_API_KEY`, else `ANTHROPIC_API_KEY`: key of the Anthropic API.
    #[serde(default)]
    pub anthropic_api_key: Option<SecretString>,
    /// `CODEGRAPH_OPENAI_BASE_URL`, else `OPENAI_BASE_URL`: address of a server that speaks the
    /// OpenAI API.
    #[serde(default)]
    pub openai_base_url: Option<HttpUrl>,
    /// `CODEGRAPH_OPENAI_API_KEY`, else `OPENAI_API_KEY`: its key.
    #[serde(default)]
    pub openai_api_key: Option<SecretString>,
    /// `CODEGRAPH_OLLAMA_URL`: address of an Ollama server, such as `http://127.0.0.1:11434`.
    #[serde(default)]
    pub ollama_url: Option<HttpUrl>,
}

impl ModelsConfig {
    /// The keys, and passwords that stand in the addresses.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let keys = [&self.anthropic_api_key, &self.openai_api_key]
            .into_iter()
            .flatten()
            .cloned();
        let urls = [&self.openai_base_url, &self.ollama_url]
            .into_iter()
            .flatten();
        keys.chain(urls.filter_map(|url| password_of(&url.0).map(SecretString::from)))
            .collect()
    }
}

/// An `http://` or `https://` address with a host, without a trailing slash.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub struct HttpUrl(String);

impl HttpUrl {
    /// The address as text; it may hold a password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Text> for HttpUrl {
    type Error = &'static str;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        const WRONG: &str = "is not an address that begins with http:// or https://";
        let uri: Uri = text.parse().map_err(|_| WRONG)?;
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let host = uri.host().is_some_and(|host| !host.is_empty());
        if web && host {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err(WRONG)
        }
    }
}

/// Without what stands before the `@`.
impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.split_once("://"), self.0.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => write!(f, "{scheme}://{place}"),
            _ => f.write_str(&self.0),
        }
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpUrl({self})")
    }
}

//! Model vendors: keys and addresses.

use std::fmt;
use std::path::PathBuf;

use poem::http::Uri;
use secrecy::SecretString;
use serde::Deserialize;

use super::database::password_of;
use super::text::Text;

/// Keys and addresses of model vendors, and who uses which model. None is needed for `codegraph demo`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ModelsConfig {
    /// `CODEGRAPH_ANTHROPIC_API_KEY`, else `ANTHROPIC_API_KEY`: key of the Anthropic API.
    #[serde(default)]
    pub anthropic_api_key: Option<SecretString>,
    /// `CODEGRAPH_ANTHROPIC_BASE_URL`, else `ANTHROPIC_BASE_URL`: address of a server that stands in
    /// front of the Anthropic API.
    #[serde(default)]
    pub anthropic_base_url: Option<HttpUrl>,
    /// `CODEGRAPH_OPENAI_BASE_URL`, else `OPENAI_BASE_URL`: address of a server that speaks the
    /// OpenAI API.
    #[serde(default)]
    pub openai_base_url: Option<HttpUrl>,
    /// `CODEGRAPH_OPENAI_API_KEY`, else `OPENAI_API_KEY`: its key.
    #[serde(default)]
    pub openai_api_key: Option<SecretString>,
    /// `CODEGRAPH_OPENAI_MODEL`: what that server calls the model of every role, when no vendor before it is configured.
    #[serde(default)]
    pub openai_model: Option<ModelId>,
    /// `CODEGRAPH_OLLAMA_URL`: address of an Ollama server, such as `http://127.0.0.1:11434`.
    #[serde(default)]
    pub ollama_url: Option<HttpUrl>,
    /// `CODEGRAPH_OLLAMA_MODEL`: what it calls the model of every role, when no vendor before it is configured.
    #[serde(default)]
    pub ollama_model: Option<ModelId>,
    /// `CODEGRAPH_MODELS`: file with rows that add to the built-in catalogue of models or replace its
    /// own.
    #[serde(default, deserialize_with = "super::text::path")]
    pub models: Option<PathBuf>,
    /// `CODEGRAPH_SCRIPT`: scenario whose replies stand in for models, for demonstrations and tests.
    #[serde(default, deserialize_with = "super::text::path")]
    pub script: Option<PathBuf>,
    /// `CODEGRAPH_MODEL_PLANNER`: model of planners.
    #[serde(default)]
    pub model_planner: Option<ModelId>,
    /// `CODEGRAPH_MODEL_CODER`: model of coders.
    #[serde(default)]
    pub model_coder: Option<ModelId>,
    /// `CODEGRAPH_MODEL_TESTER`: model of testers.
    #[serde(default)]
    pub model_tester: Option<ModelId>,
    /// `CODEGRAPH_MODEL_REVIEWER`: model of reviewers.
    #[serde(default)]
    pub model_reviewer: Option<ModelId>,
}

impl ModelsConfig {
    /// The keys, and passwords that stand in the addresses.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let keys = [&self.anthropic_api_key, &self.openai_api_key]
            .into_iter()
            .flatten()
            .cloned();
        let urls = [
            &self.anthropic_base_url,
            &self.openai_base_url,
            &self.ollama_url,
        ];
        let urls = urls.into_iter().flatten();
        keys.chain(urls.filter_map(|url| password_of(&url.0).map(SecretString::from)))
            .collect()
    }

    /// Whether Anthropic can be asked.
    pub fn has_anthropic(&self) -> bool {
        self.anthropic_api_key.is_some() || self.anthropic_base_url.is_some()
    }

    /// Whether a server that speaks the OpenAI API can be asked.
    pub fn has_openai(&self) -> bool {
        self.openai_api_key.is_some() || self.openai_base_url.is_some()
    }

    /// Each role with the model that was chosen for it.
    pub fn chosen(&self) -> impl Iterator<Item = (&'static str, &ModelId)> {
        let roles = [
            ("planner", &self.model_planner),
            ("coder", &self.model_coder),
            ("tester", &self.model_tester),
            ("reviewer", &self.model_reviewer),
        ];
        roles
            .into_iter()
            .filter_map(|(role, model)| Some((role, model.as_ref()?)))
    }
}

/// The name of a model as its row in the catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub struct ModelId(String);

impl ModelId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Text> for ModelId {
    type Error = &'static str;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err("is not the name of a model");
        }
        Ok(Self(text))
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

    /// The address without this end, when it has it.
    pub fn without_suffix(&self, suffix: &str) -> Self {
        let shorter = self.0.strip_suffix(suffix).unwrap_or(&self.0);
        Self(shorter.trim_end_matches('/').to_owned())
    }
}

impl std::str::FromStr for HttpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(Text(text.trim().to_owned()))
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

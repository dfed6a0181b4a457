//! The log: what is written, and in which shape.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::text::Text;

/// What is logged, and how.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LogConfig {
    /// `CODEGRAPH_LOG`: levels by room, such as `info` or `info,codegraph::api=debug`.
    #[serde(default, rename = "log")]
    pub filter: LogFilter,
    /// `CODEGRAPH_LOG_FORMAT`: `pretty`, `json` or `auto` (default): pretty on a terminal.
    #[serde(default, rename = "log_format")]
    pub format: LogFormat,
}

/// Directives that `tracing` understands, known to parse.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub struct LogFilter(String);

impl LogFilter {
    /// The directives as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LogFilter {
    /// The libraries below us speak only when something is wrong.
    fn default() -> Self {
        Self("warn,codegraph=info,jobs=info,workflows=info".to_owned())
    }
}

impl TryFrom<Text> for LogFilter {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        match EnvFilter::try_new(&text) {
            Ok(_) => Ok(Self(text)),
            Err(error) => Err(format!("`{text}` is not a log filter ({error})")),
        }
    }
}

/// The shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "Text")]
pub enum LogFormat {
    /// Pretty when standard error is a terminal, else JSON.
    #[default]
    Auto,
    /// For eyes.
    Pretty,
    /// One object a line.
    Json,
}

impl TryFrom<Text> for LogFormat {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        match text.as_str() {
            "auto" => Ok(Self::Auto),
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{text}` is not one of auto, pretty, json")),
        }
    }
}

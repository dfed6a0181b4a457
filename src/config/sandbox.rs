//! The walls around commands that agents and tests run.

use serde::Deserialize;

use super::text::Text;

/// What keeps the commands of agents in.
#[derive(Debug, Clone, Deserialize)]
pub struct SandboxConfig {
    /// `CODEGRAPH_SANDBOX`: `auto` (default), `bubblewrap`, `landlock` or `none`.
    #[serde(default, rename = "sandbox")]
    pub wall: Wall,
}

/// Which wall must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "Text")]
pub enum Wall {
    /// Bubblewrap when it works here, else Landlock with seccomp, else refuse to run anything.
    #[default]
    Auto,
    /// Bubblewrap or nothing runs.
    Bubblewrap,
    /// Landlock with seccomp or nothing runs.
    Landlock,
    /// No wall at all; only ever chosen by hand.
    None,
}

impl TryFrom<Text> for Wall {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        match text.as_str() {
            "auto" => Ok(Self::Auto),
            "bubblewrap" => Ok(Self::Bubblewrap),
            "landlock" => Ok(Self::Landlock),
            "none" => Ok(Self::None),
            _ => Err(format!(
                "`{text}` is not one of auto, bubblewrap, landlock, none"
            )),
        }
    }
}

//! The walls around commands that agents and tests run.

use serde::Deserialize;

use super::repositories::GitHosts;
use super::text::Text;

/// What keeps the commands of agents in.
#[derive(Debug, Clone, Deserialize)]
pub struct SandboxConfig {
    /// `CODEGRAPH_SANDBOX`: `auto` (default), `bubblewrap`, `landlock` or `none`.
    #[serde(default, rename = "sandbox")]
    pub wall: Wall,
    /// `CODEGRAPH_SANDBOX_NETWORK`: what a command reaches when its task has the network: `hosts` (default), those that
    /// the profile of its repository names, or `machine`, all that this machine reaches, itself among it.
    #[serde(default, rename = "sandbox_network")]
    pub network: Egress,
    /// `CODEGRAPH_PRIVATE_REGISTRY_HOSTS`: package registries inside the network that commands may reach when a
    /// profile names them, such as `packages.internal:8081` (default none).
    #[serde(default)]
    pub private_registry_hosts: GitHosts,
}

/// What commands may reach at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "Text")]
pub enum Egress {
    /// Hosts that the profile of their repository names.
    #[default]
    Hosts,
    /// Whatever the machine reaches; only ever chosen by hand.
    Machine,
}

impl TryFrom<Text> for Egress {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        match text.as_str() {
            "hosts" => Ok(Self::Hosts),
            "machine" => Ok(Self::Machine),
            _ => Err(format!("`{text}` is not one of hosts, machine")),
        }
    }
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

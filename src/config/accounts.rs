//! Who may come in, and under which address people find us.

use serde::Deserialize;

use super::{HttpUrl, text::Text};

/// Who may come in, and under which address people find us.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AccountsConfig {
    /// `CODEGRAPH_REGISTRATION`: who may register: `closed`, `invite` (default) or `open`. With
    /// `open`, whoever asks can find out which addresses have an account (ADR 0022).
    #[serde(default)]
    pub registration: Registration,
    /// `CODEGRAPH_PUBLIC_URL`: the address people reach this installation under, such as
    /// `https://codegraph.example.org`; links lead there, and with https cookies are marked secure.
    #[serde(default)]
    pub public_url: Option<HttpUrl>,
}

/// Who may register once there is an admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "Text")]
pub enum Registration {
    /// Nobody.
    Closed,
    /// Whoever an admin has invited.
    #[default]
    Invite,
    /// Everybody who can reach the server; they become members.
    Open,
}

impl TryFrom<Text> for Registration {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        match text.as_str() {
            "closed" => Ok(Self::Closed),
            "invite" => Ok(Self::Invite),
            "open" => Ok(Self::Open),
            _ => Err(format!("`{text}` is not one of closed, invite, open")),
        }
    }
}

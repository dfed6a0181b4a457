//! What a server is shown, so that it lets git in.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

/// Shown to one server, in a variable of git's: arguments can be read by everybody on the machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    origin: String,
    header: String,
}

impl Credential {
    /// A token for repositories below this (`https://git.example.org`).
    #[must_use]
    pub fn new(origin: &str, token: &SecretString) -> Self {
        let pair = format!("x-access-token:{}", token.expose_secret());
        Self {
            origin: origin.to_lowercase(),
            header: format!("Authorization: Basic {}", BASE64_STANDARD.encode(pair)),
        }
    }

    /// The header for this address; nothing for one of another server, or that brings its own.
    pub(super) fn header_for(&self, url: &str) -> Option<String> {
        let (scheme, rest) = url.split_once("://")?;
        let place = rest.split('/').next()?;
        let origin = format!("{scheme}://{place}").to_lowercase();
        (origin == self.origin).then(|| self.header.clone())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({})", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::Credential;

    #[test]
    fn a_token_is_shown_to_its_server_alone() {
        let credential = Credential::new("https://github.com", &"hunter22".to_owned().into());
        let shown = |url: &str| credential.header_for(url);
        let header = "Authorization: Basic eC1hY2Nlc3MtdG9rZW46aHVudGVyMjI=";
        assert_eq!(shown("https://github.com/ada/app").as_deref(), Some(header));
        assert_eq!(shown("https://GitHub.com/ada/app").as_deref(), Some(header));
        for url in [
            "http://github.com/ada/app",
            "https://github.com:444/ada/app",
            "https://github.com.example.org/ada/app",
            "https://github.com@example.org/ada/app",
            "https://ada:pass@github.com/ada/app",
            "https://example.org/https://github.com/",
            "git@github.com:ada/app",
        ] {
            assert_eq!(shown(url), None, "{url}");
        }
        assert_eq!(format!("{credential:?}"), "Credential(https://github.com)");
    }
}

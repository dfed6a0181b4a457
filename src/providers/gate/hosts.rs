//! The list of hosts, and what is on it.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// Ports that every host on the list may be spoken to at.
const USUAL_PORTS: [u16; 2] = [80, 443];

/// A name, or everything below one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The name, without `*.`.
    name: String,
    /// Whether it is everything below the name that is meant, and not the name itself.
    below: bool,
    /// The one port that is meant, instead of the usual two.
    port: Option<u16>,
}

impl Host {
    fn has(&self, host: &str) -> bool {
        if self.below {
            let rest = host.strip_suffix(&self.name);
            rest.and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|label| !label.is_empty())
        } else {
            host == self.name
        }
    }

    fn has_port(&self, port: u16) -> bool {
        match self.port {
            Some(only) => only == port,
            None => USUAL_PORTS.contains(&port),
        }
    }
}

impl FromStr for Host {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_lowercase();
        let (name, port) = match text.split_once(':') {
            None => (text.as_str(), None),
            Some((name, port)) => {
                let port = port.parse().ok().filter(|port| *port > 0);
                (name, Some(port.ok_or("the port is no port")?))
            }
        };
        let below = name.starts_with("*.");
        let name = name.strip_prefix("*.").unwrap_or(name);
        let label = |label: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            (1..=63).contains(&label.len()) && !label.starts_with('-') && label.chars().all(fits)
        };
        if name.len() > 253 || !name.split('.').all(label) {
            return Err("this is not a host such as `registry.example.com` or `*.example.com`");
        }
        // `127.1` and `2130706433` are addresses to some programs.
        let last = name.rsplit('.').next().unwrap_or_default();
        if name.parse::<IpAddr>().is_ok() || last.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("a host has a name; an address of numbers is not let through");
        }
        if below && !name.contains('.') {
            return Err(
                "this would let through too much; name two parts at least, as in `*.example.com`",
            );
        }
        Ok(Self {
            name: name.to_owned(),
            below,
            port,
        })
    }
}

/// Hosts that may be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(Arc<[Host]>);

impl Hosts {
    /// Those that are hosts; what is not one lets nothing through.
    pub fn of<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let hosts = texts
            .into_iter()
            .filter_map(|text| text.as_ref().parse().ok());
        Self(hosts.collect())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a host may be spoken to at a port; a sentence when it may not.
    pub(super) fn allow(&self, host: &str, port: u16) -> Result<(), &'static str> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let mut named = self.0.iter().filter(|known| known.has(&host)).peekable();
        if self.0.is_empty() {
            return Err("the profile of this repository names no hosts that may be reached");
        }
        if named.peek().is_none() {
            return Err("it is not among the hosts that the profile of this repository names");
        }
        if !named.any(|known| known.has_port(port)) {
            return Err(
                "this port is not let through; the profile names a host with a port to allow it",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_lets_through_what_it_says_and_nothing_that_looks_like_it() {
        let hosts = Hosts::of([
            "Packages.example.com",
            "*.cdn.example.com",
            "odd.example.com:8443",
        ]);
        for (host, port, open) in [
            ("packages.example.com", 443, true),
            ("PACKAGES.example.com.", 80, true),
            ("packages.example.com", 22, false),
            ("packages.example.com", 8443, false),
            ("evil.packages.example.com", 443, false),
            ("packages.example.com.evil.org", 443, false),
            ("xpackages.example.com", 443, false),
            ("a.cdn.example.com", 443, true),
            ("a.b.cdn.example.com", 443, true),
            ("cdn.example.com", 443, false),
            (".cdn.example.com", 443, false),
            ("evilcdn.example.com", 443, false),
            ("odd.example.com", 8443, true),
            ("odd.example.com", 443, false),
            ("127.0.0.1", 443, false),
            ("", 443, false),
        ] {
            assert_eq!(hosts.allow(host, port).is_ok(), open, "{host}:{port}");
        }
        assert!(Hosts::default().allow("packages.example.com", 443).is_err());
    }

    #[test]
    fn what_is_no_host_is_not_put_on_the_list() {
        for text in [
            "",
            "*",
            "*.",
            "*.com",
            "a b",
            "a/b",
            "https://a.b",
            "a@b.c",
            "10.0.0.1",
            "[::1]",
            "::1",
            "127.1",
            "2130706433",
            "0x7f000001.1",
            "a..b",
            "-a.b",
            "a.b:0",
            "a.b:99999",
            "a.b:",
            "a.*.b",
            "*a.b.c",
        ] {
            assert!(text.parse::<Host>().is_err(), "{text}");
        }
        for text in [
            "localhost:8081",
            "a",
            "a.b",
            "*.a.b",
            "xn--bcher-kva.example",
        ] {
            assert!(text.parse::<Host>().is_ok(), "{text}");
        }
    }
}

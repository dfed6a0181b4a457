//! Servers that people name and that this one would speak to. It stands inside a network: nothing inside may be reached
//! by way of it, unless the operator has named that host. Whoever speaks to one is held to the addresses that were looked
//! at, whatever its name leads to a moment later.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{Client, redirect, tls::Version};

/// Longer than this no name is looked up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hosts inside the network that may be spoken to: `git.internal`, or `git.internal:8443` for one port alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateHosts(Arc<[String]>);

impl PrivateHosts {
    /// These.
    pub fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        Self(hosts.into_iter().map(|host| host.to_lowercase()).collect())
    }

    fn have(&self, host: &str, port: u16) -> bool {
        let with_port = format!("{host}:{port}");
        self.0
            .iter()
            .any(|known| *known == host || *known == with_port)
    }
}

/// Why a server is not spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// This is not the address of a server.
    NoAddress,
    /// There is no server of this name.
    Unknown(String),
    /// It is inside the network, and nobody has named it.
    Inside(String),
}

/// A server that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The way to speak.
    pub scheme: &'static str,
    /// Its name.
    pub host: String,
    /// Where it listens.
    pub port: u16,
    /// Every address its name has.
    pub addresses: Vec<IpAddr>,
}

impl Place {
    /// An HTTP client that speaks to these addresses alone, follows nobody elsewhere, and gives an answer so long.
    pub fn client(&self, patience: Duration) -> Result<Client, reqwest::Error> {
        // Installed already means that somebody before us chose; theirs serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("codegraph/", env!("CARGO_PKG_VERSION")))
            .timeout(patience)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .min_tls_version(Version::TLS_1_2)
            .resolve_to_addrs(&self.host, &self.sockets());
        if self.scheme == "http" {
            client.tls_certs_only([]).build()
        } else {
            client.build()
        }
    }

    /// The addresses with the port.
    pub fn sockets(&self) -> Vec<SocketAddr> {
        let socket = |address: &IpAddr| SocketAddr::new(*address, self.port);
        self.addresses.iter().map(socket).collect()
    }
}

/// Looks at an address: the way to speak, and every address that the name of its server has. Refuses what leads inside,
/// unless that host is named.
pub async fn look(url: &str, private: &PrivateHosts) -> Result<Place, Refusal> {
    let (scheme, host, port) = parts(url).ok_or(Refusal::NoAddress)?;
    let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host.as_str(), port)));
    let found = found.await.ok().and_then(Result::ok);
    let found = found.ok_or_else(|| Refusal::Unknown(host.clone()))?;
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip().to_canonical()).collect();
    addresses.dedup();
    if addresses.is_empty() {
        return Err(Refusal::Unknown(host));
    }
    let open = private.have(&host, port) || addresses.iter().all(|address| is_public(*address));
    if !open {
        return Err(Refusal::Inside(host));
    }
    Ok(Place {
        scheme,
        host,
        port,
        addresses,
    })
}

/// Scheme, host and port of `https://…`, `http://…`, `ssh://…`, `git://…` and `user@host:path`.
fn parts(url: &str) -> Option<(&'static str, String, u16)> {
    let Some((scheme, rest)) = url.split_once("://") else {
        let (machine, path) = url.split_once(':')?;
        let (_user, host) = machine
            .rsplit_once('@')
            .filter(|_| !path.starts_with(':'))?;
        return Some(("ssh", plain_host(host)?, 22));
    };
    let (scheme, usual) = match scheme.to_ascii_lowercase().as_str() {
        "https" => ("https", 443),
        "http" => ("http", 80),
        "ssh" => ("ssh", 22),
        "git" => ("git", 9418),
        _ => return None,
    };
    // A backslash is a slash to some and part of a name to others.
    let authority = rest
        .split(['/', '?', '#'])
        .next()
        .filter(|a| !a.contains('\\'))?;
    let place = authority.rsplit('@').next()?;
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host.to_owned(), port.strip_prefix(':'))
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host.to_owned(), Some(port)),
            None => (place.to_owned(), None),
        },
    };
    let port = match port {
        Some("") | None => usual,
        Some(port) => port.parse().ok()?,
    };
    Some((scheme, plain_host(&host)?, port))
}

/// A name or an address and nothing that means more to a program it is handed to.
fn plain_host(host: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let plain = !host.is_empty() && !host.starts_with('-') && host.chars().all(fits);
    plain.then(|| host.trim_end_matches('.').to_lowercase())
}

/// Whether an address is one of the open internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let inside = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        // This network, shared by carriers, kept for protocols, 6to4 relays, for measuring, groups and later.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 224;
    !inside
}

/// What is in use of the open internet, without the ways that lead to an address of the older kind.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let open = a & 0xe000 == 0x2000;
    let special =
        (a == 0x2001 && (b < 0x0200 || b == 0x0db8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    open && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_open_internet_are_told_from_others() {
        for (address, public) in [
            ("1.1.1.1", true),
            ("140.82.121.3", true),
            ("100.63.0.1", true),
            ("2606:50c0:8000::153", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.0.0.1", false),
            ("100.64.0.1", false),
            ("100.100.100.200", false),
            ("127.0.0.1", false),
            ("127.255.0.9", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.192", false),
            ("192.0.2.1", false),
            ("192.168.1.1", false),
            ("198.18.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:1.1.1.1", true),
            ("::7f00:1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b:1::1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn the_server_in_an_address_is_the_one_git_would_ask() {
        for (url, found) in [
            ("https://Example.com/a", Some(("https", "example.com", 443))),
            (
                "https://example.com./a",
                Some(("https", "example.com", 443)),
            ),
            (
                "https://user:p@ss@example.com:8443/a",
                Some(("https", "example.com", 8443)),
            ),
            (
                "https://example.com#@10.0.0.1/a",
                Some(("https", "example.com", 443)),
            ),
            (
                "https://example.com?@10.0.0.1/a",
                Some(("https", "example.com", 443)),
            ),
            ("ssh://git@[::1]:22/a", Some(("ssh", "::1", 22))),
            ("git@example.com:a/b.git", Some(("ssh", "example.com", 22))),
            ("git://example.com/a", Some(("git", "example.com", 9418))),
            ("https://example.com\\@10.0.0.1/a", None),
            ("https://exa mple.com/a", None),
            ("https://-oProxyCommand=x/a", None),
            ("https://ex%61mple.com/a", None),
            ("https:///a", None),
            ("https://example.com:99999/a", None),
            ("ftp://example.com/a", None),
            ("ext::sh -c id", None),
            ("file:///etc", None),
        ] {
            let parts = parts(url);
            let parts = parts
                .as_ref()
                .map(|(scheme, host, port)| (*scheme, host.as_str(), *port));
            assert_eq!(parts, found, "{url}");
        }
    }
}

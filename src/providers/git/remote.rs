//! Servers that git may speak to: those of the open internet, and those inside that the operator has named.

use std::net::IpAddr;

use tokio::sync::OnceCell;

use super::{Error, command::Git};
pub use crate::providers::reach::PrivateHosts;
use crate::providers::reach::{self, Refusal};

/// A server that was looked at: its addresses are the ones git is held to, whatever its name leads to a moment later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    scheme: &'static str,
    host: String,
    port: u16,
    addresses: Vec<IpAddr>,
}

/// Looks at the address of a repository: the way to speak, and every address that the name of its server has. Refuses
/// what leads inside, unless that host is named.
pub async fn check_remote(url: &str, private: &PrivateHosts) -> Result<Remote, Error> {
    let place = reach::look(url, private).await;
    let place = place.map_err(|refusal| match refusal {
        Refusal::NoAddress => {
            Error::refused("this is not the address of a repository on a server", "")
        }
        Refusal::Unknown(host) => Error::refused("there is no server of this name", &host),
        Refusal::Inside(host) => Error::refused(
            "this server is inside the network; the operator may allow it (CODEGRAPH_PRIVATE_GIT_HOSTS)",
            &host,
        ),
    })?;
    let remote = Remote {
        scheme: place.scheme,
        host: place.host,
        port: place.port,
        addresses: place.addresses,
    };
    match remote.held_by().await {
        Some(why) => Err(Error::refused(why, remote.host)),
        None => Ok(remote),
    }
}

/// The first git that can be held to addresses over http (`http.curloptResolve`).
const HOLDS: (u32, u32) = (2, 37);

/// Whether the git of this machine can be held; asked once.
async fn git_holds() -> bool {
    static KNOWN: OnceCell<bool> = OnceCell::const_new();
    let ask = async || {
        let said = Git::new("version").line("tell its version").await;
        said.is_ok_and(|said| version(&said).is_some_and(|found| found >= HOLDS))
    };
    *KNOWN.get_or_init(ask).await
}

/// `git version 2.39.5 (…)`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.strip_prefix("git version ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

impl Remote {
    /// Why git could not be held to the addresses that were looked at: nothing when it can.
    async fn held_by(&self) -> Option<&'static str> {
        if self.host.parse::<IpAddr>().is_ok() {
            return None;
        }
        match self.scheme {
            // It looks the name up again, and there is no way to tell it where that leads.
            "git" => Some("over git:// a server is named by its address; use https"),
            "http" | "https" if !git_holds().await => {
                Some("git 2.37 or newer is needed to speak to servers over http")
            }
            _ => None,
        }
    }

    /// Settings that hold git to what was looked at: no other address, and nowhere else it is sent on to.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![("http.followRedirects", "false".to_owned())];
        if self.scheme.starts_with("http") && self.host.parse::<IpAddr>().is_err() {
            let addresses: Vec<String> = self.addresses.iter().map(bracketed).collect();
            let held = format!("{}:{}:{}", self.host, self.port, addresses.join(","));
            settings.push(("http.curloptResolve", held));
        }
        settings
    }

    /// The only way to speak.
    pub(super) fn protocol(&self) -> &'static str {
        self.scheme
    }

    /// The command with which git speaks ssh: to the address that was looked at, under the name its key is known by.
    pub(super) fn ssh(&self) -> String {
        match self.addresses.first() {
            Some(address) if self.scheme == "ssh" => format!(
                "ssh -oBatchMode=yes -oHostName={address} -oHostKeyAlias={}",
                self.host
            ),
            _ => "ssh -oBatchMode=yes".to_owned(),
        }
    }
}

fn bracketed(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_leads_inside_is_refused_however_it_is_written() {
        let none = PrivateHosts::default();
        for url in [
            "https://127.0.0.1/a",
            "https://127.1/a",
            "https://2130706433/a",
            "https://0x7f.0.0.1/a",
            "https://0177.0.0.1/a",
            "http://[::1]/a",
            "http://[::ffff:127.0.0.1]/a",
            "http://0/a",
            "https://localhost/a",
            "http://169.254.169.254/latest/meta-data",
            "ssh://git@10.0.0.1/a",
            "git@192.168.0.1:a",
            "git://172.17.0.1/a",
        ] {
            let refused = check_remote(url, &none).await.unwrap_err().to_string();
            assert!(
                refused.contains("inside the network") || refused.contains("no server"),
                "{url}: {refused}"
            );
        }
        let named = PrivateHosts::new(["LocalHost".to_owned(), "10.0.0.1:8443".to_owned()]);
        assert!(check_remote("https://localhost/a", &named).await.is_ok());
        assert!(
            check_remote("https://10.0.0.1:8443/a", &named)
                .await
                .is_ok()
        );
        assert!(check_remote("https://10.0.0.1/a", &named).await.is_err());
        assert!(check_remote("https://127.0.0.1/a", &named).await.is_err());
    }

    #[tokio::test]
    async fn git_is_held_to_what_was_looked_at() {
        let named = PrivateHosts::new(["localhost".to_owned()]);
        let remote = check_remote("http://localhost:8080/a", &named)
            .await
            .unwrap();
        let settings = remote.settings();
        assert_eq!(settings[0], ("http.followRedirects", "false".to_owned()));
        assert!(settings[1].1.starts_with("localhost:8080:"), "{settings:?}");
        let remote = check_remote("git@localhost:a", &named).await.unwrap();
        assert!(remote.ssh().ends_with("-oHostKeyAlias=localhost"));
        assert_eq!(remote.protocol(), "ssh");
        // Nothing would hold it there.
        let refused = check_remote("git://localhost/a", &named).await.unwrap_err();
        assert!(refused.to_string().contains("use https"), "{refused}");
        let named = PrivateHosts::new(["127.0.0.1".to_owned()]);
        assert!(check_remote("git://127.0.0.1/a", &named).await.is_ok());
    }

    /// A server that names where it was asked for.
    async fn asked(listener: tokio::net::TcpListener) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut said = vec![0; 4096];
        let many = stream.read(&mut said).await.unwrap();
        let gone = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(gone).await.unwrap();
        let said = String::from_utf8_lossy(&said[..many]).into_owned();
        let host = said.lines().find_map(|line| line.strip_prefix("Host: "));
        host.unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_name_that_leads_elsewhere_a_moment_later_leads_git_nowhere_else() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // When it was looked at it led here. Now it leads nowhere at all: whoever looks it up again gets no further.
        let remote = Remote {
            scheme: "http",
            host: "rebinding.invalid".to_owned(),
            port,
            addresses: vec!["127.0.0.1".parse().unwrap()],
        };
        let url = format!("http://rebinding.invalid:{port}/a");
        let git = || Git::new("ls-remote").protocols("http");
        let held = git().held_to(&remote, None).arg(&url);
        let (host, said) = tokio::join!(asked(listener), held.ask("look"));
        assert_eq!(host, format!("rebinding.invalid:{port}"));
        assert!(said.unwrap().err.contains("not found"), "it was answered");
        let free = git().arg(&url).ask("look").await.unwrap();
        assert!(free.err.contains("resolve"), "{}", free.err);
    }

    #[test]
    fn versions_are_read() {
        for (said, found) in [
            ("git version 2.39.5", Some((2, 39))),
            ("git version 2.37.0.windows.1", Some((2, 37))),
            ("git version 2.50", Some((2, 50))),
            ("hello", None),
        ] {
            assert_eq!(version(said), found, "{said}");
        }
    }
}

//! What a command asks a proxy for.

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest beginning of a request.
const LONGEST: usize = 32 << 10;

/// Headers that are between the command and the gate, and those that we say ourselves.
const OURS: [&str; 8] = [
    "host",
    "connection",
    "proxy-connection",
    "proxy-authorization",
    "keep-alive",
    "te",
    "upgrade",
    "expect",
];

/// One request, read up to its body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// Whom to speak to, in small letters.
    pub(super) host: String,
    /// Where.
    pub(super) port: u16,
    /// What the server is told first; nothing when the command wants to speak for itself.
    pub(super) head: Option<Vec<u8>>,
    /// What of the body was read along with the head.
    pub(super) begun: Vec<u8>,
    /// How much of the body is to come after that.
    pub(super) rest: u64,
}

impl Asked {
    /// What could not be read.
    pub(super) fn nothing() -> Self {
        Self {
            host: String::new(),
            port: 0,
            head: None,
            begun: Vec::new(),
            rest: 0,
        }
    }

    /// For people.
    pub(super) fn place(&self) -> String {
        if self.host.is_empty() {
            return "a request".to_owned();
        }
        let host: String = self.host.chars().take(100).collect();
        format!("{host}:{}", self.port)
    }

    /// Reads a request's beginning.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Self, &'static str> {
        let mut read = Vec::new();
        let end = loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            if read.len() > LONGEST {
                return Err("the beginning of the request is too long");
            }
            match from.read_buf(&mut read).await {
                Ok(0) | Err(_) => return Err("the request ends in its beginning"),
                Ok(_) => {}
            }
        };
        let begun = read.split_off(end + 4);
        let head = std::str::from_utf8(&read[..end]).map_err(|_| "the request is not text")?;
        Self::of(head, begun)
    }

    fn of(head: &str, begun: Vec<u8>) -> Result<Self, &'static str> {
        const WRONG: &str = "this is not a request to a proxy";
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(WRONG);
        };
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
        if !version.starts_with("HTTP/1.") || !plain(target) || !plain(method) {
            return Err(WRONG);
        }
        if method == "CONNECT" {
            let (host, port) = address(target, None).ok_or(WRONG)?;
            return Ok(Self {
                host,
                port,
                head: None,
                begun,
                rest: 0,
            });
        }
        let rest = target
            .get(..7)
            .filter(|scheme| scheme.eq_ignore_ascii_case("http://"));
        let rest = rest.map(|_| &target[7..]).ok_or(WRONG)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let (host, port) = address(authority, Some(80)).ok_or(WRONG)?;
        let mut told =
            format!("{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n");
        let mut length = 0;
        for line in lines {
            let (name, value) = line.split_once(':').ok_or(WRONG)?;
            let name = name.to_ascii_lowercase();
            if name == "transfer-encoding" {
                return Err("a body needs a length here");
            }
            if name == "content-length" {
                length = value.trim().parse().map_err(|_| WRONG)?;
            }
            if !OURS.contains(&name.as_str()) {
                told.push_str(line);
                told.push_str("\r\n");
            }
        }
        told.push_str("\r\n");
        // What follows the body would be another request, to whom nobody has looked.
        let begun: Vec<u8> = begun
            .into_iter()
            .take(usize::try_from(length).unwrap_or(usize::MAX))
            .collect();
        Ok(Self {
            host,
            port,
            rest: length - begun.len() as u64,
            head: Some(told.into_bytes()),
            begun,
        })
    }
}

/// Host and port of `host:port`; nobody's name or password stands before it.
fn address(text: &str, usual: Option<u16>) -> Option<(String, u16)> {
    let (host, port) = match (text.rsplit_once(':'), usual) {
        (Some((host, port)), _) if !port.ends_with(']') => (host, port.parse().ok()?),
        (_, Some(port)) => (text, port),
        _ => return None,
    };
    let fits =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    (!host.is_empty() && host.chars().all(fits)).then(|| (host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &str) -> Result<Asked, &'static str> {
        Asked::read(&mut text.as_bytes()).await
    }

    #[tokio::test]
    async fn a_tunnel_and_a_plain_request_are_understood() {
        let asked = read("CONNECT Example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n\x16hello")
            .await
            .unwrap();
        assert_eq!(
            (asked.place().as_str(), asked.head, asked.begun.as_slice()),
            ("example.com:443", None, &b"\x16hello"[..])
        );
        let asked = read(
            "POST http://example.com:8081/a?b HTTP/1.1\r\nHost: evil\r\nProxy-Connection: x\r\nAccept: */*\r\n\
             Content-Length: 5\r\n\r\nabGET http://evil/ HTTP/1.1\r\n",
        )
        .await
        .unwrap();
        let head = String::from_utf8(asked.head.unwrap()).unwrap();
        assert_eq!(
            head,
            "POST /a?b HTTP/1.1\r\nHost: example.com:8081\r\nConnection: close\r\nAccept: */*\r\nContent-Length: 5\r\n\r\n"
        );
        assert_eq!((asked.begun.as_slice(), asked.rest), (&b"abGET"[..], 0));
        let asked = read("GET HTTP://example.com HTTP/1.0\r\n\r\n")
            .await
            .unwrap();
        assert!(asked.head.unwrap().starts_with(b"GET / HTTP/1.1\r\n"));
        assert_eq!(asked.port, 80);
    }

    #[tokio::test]
    async fn what_could_mean_two_things_is_no_request() {
        for text in [
            "",
            "GET / HTTP/1.1\r\n\r\n",
            "GET https://a.b/ HTTP/1.1\r\n\r\n",
            "CONNECT a.b HTTP/1.1\r\n\r\n",
            "CONNECT user@a.b:443 HTTP/1.1\r\n\r\n",
            "CONNECT a.b:443\r\n\r\n",
            "GET http://u:p@a.b/ HTTP/1.1\r\n\r\n",
            "GET http://a.b\\@c.d/ HTTP/1.1\r\n\r\n",
            "GET http://a.b/ x HTTP/1.1\r\n\r\n",
            "POST http://a.b/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET http://é.b/ HTTP/1.1\r\n\r\n",
            "POST http://a.b/ HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "SSH-2.0-x\r\n\r\n",
            "CONNECT a.b:443 HTTP/1.1\r\n",
        ] {
            assert!(read(text).await.is_err(), "{text:?}");
        }
    }
}

//! Git's own server behind HTTP: `git http-backend`, asked as a web server asks it.

use std::{path::Path, process::Stdio};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use poem::{Request, Response, http::StatusCode};
use tokio::{io::AsyncWriteExt as _, process::Command};

/// Whether a header of git shows this token.
pub(super) fn shows(header: &str, token: &str) -> bool {
    let pair = format!("x-access-token:{token}");
    header == format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// Answers a request of git's for a repository below this folder.
pub(super) async fn serve(root: &Path, request: Request) -> Response {
    let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("REMOTE_USER", "ada")
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("REQUEST_METHOD", request.method().as_str())
        .env("PATH_INFO", path(request.uri().path()))
        .env("QUERY_STRING", request.uri().query().unwrap_or_default())
        .env("CONTENT_TYPE", header("content-type"))
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("HTTP_GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let body = request.into_body().into_vec().await.unwrap();
    let mut child = command
        .env("CONTENT_LENGTH", body.len().to_string())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let write = async move {
        // One that has heard enough closes its ear.
        let _ = input.write_all(&body).await;
    };
    let (said, ()) = tokio::join!(child.wait_with_output(), write);
    let said = said.unwrap().stdout;
    let end = said
        .windows(4)
        .position(|part| part == b"\r\n\r\n")
        .unwrap();
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(&said[..end]).lines() {
        let (name, value) = line.split_once(": ").unwrap();
        response = match name {
            "Status" => response.status(StatusCode::from_bytes(&value.as_bytes()[..3]).unwrap()),
            _ => response.header(name, value),
        };
    }
    response.body(said[end + 4..].to_vec())
}

/// `/ada/app/info/refs` is served from the folder `ada/app.git`.
fn path(asked: &str) -> String {
    let mut parts = asked.trim_start_matches('/').splitn(3, '/');
    let mut part = || parts.next().unwrap_or_default();
    let (owner, name, rest) = (part(), part(), part());
    format!("/{owner}/{}.git/{rest}", name.trim_end_matches(".git"))
}

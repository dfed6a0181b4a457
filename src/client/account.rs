//! Coming in and going out.

use clap::Args;
use reqwest::Url;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{
    To,
    credentials::{Credentials, Login as Kept},
    failure::Failure,
    operations, prompt, say,
    screen::clean,
    server::{self, Server},
    wire::{Me, SignedIn},
};

/// Who signs in, and where.
#[derive(Debug, Args)]
pub(crate) struct Login {
    #[command(flatten)]
    to: To,
    /// The address of the account; the password is asked for, or read from standard input.
    #[arg(long, conflicts_with = "token")]
    email: Option<String>,
    /// Read an API token from standard input (`-`) instead. On the command line others could see it.
    #[arg(long, value_name = "-", value_parser = ["-"])]
    token: Option<String>,
}

/// Signs in and keeps the login.
pub(super) async fn log_in(login: Login) -> Result<(), Failure> {
    let kept = Credentials::here()?;
    let named = login.to.url.filter(|url| !url.is_empty());
    let url = match named {
        Some(url) => url,
        None => kept.server()?.unwrap_or_else(|| server::USUAL.to_owned()),
    };
    let server = Server::entrance(&url)?;
    warn_if_open(&server.url);
    let (url, login, me) = if login.token.is_some() {
        with_token(server).await?
    } else {
        with_password(server, login.email).await?
    };
    let turn = kept.turn().await?;
    kept.enter(&turn, &url, login)?;
    drop(turn);
    let (name, email, role) = (clean(&me.name), clean(&me.email), clean(&me.role));
    say(&format!("Signed in at {url} as {name} <{email}>, {role}."))
}

async fn with_password(
    server: Server,
    email: Option<String>,
) -> Result<(String, Kept, Me), Failure> {
    let email = match email {
        Some(email) => email,
        None => prompt::line("E-mail").await?,
    };
    let password = prompt::secret("Password").await?;
    let body = json!({"email": email, "password": password.expose_secret()});
    let answer = server.ask(operations::LOGIN, &[]).json(body).send().await?;
    let login = server::login_of(answer.read()?);
    let SignedIn { user, .. } = answer.read()?;
    Ok((server.url, login, user))
}

async fn with_token(server: Server) -> Result<(String, Kept, Me), Failure> {
    let token = prompt::secret("Token").await?;
    let server = server.showing(token.clone());
    let answer = server.ask(operations::ME, &[]).send().await?;
    let me: Me = answer.read()?;
    let login = Kept {
        email: me.email.clone(),
        access_token: token,
        expires_at: None,
        refresh_token: None,
    };
    Ok((server.url, login, me))
}

/// Ends the login on the server and forgets it here.
pub(super) async fn log_out(to: &To) -> Result<(), Failure> {
    let kept = Credentials::here()?;
    let named = to.url.clone().filter(|url| !url.is_empty());
    let url = match named {
        Some(url) => url,
        None => kept.server()?.unwrap_or_else(|| server::USUAL.to_owned()),
    };
    let server = Server::entrance(&url)?;
    // Nobody refreshes meanwhile: the token that is ended is the last one.
    let turn = kept.turn().await?;
    let Some(login) = kept.login(&server.url)? else {
        return say(&format!("There was no login at {}.", server.url));
    };
    kept.forget(&turn, &server.url)?;
    drop(turn);
    // The token of a program is revoked by its owner, not by whoever puts it down.
    if login.expires_at.is_some() {
        let body = login.refresh_token.as_ref().map_or(
            json!({}),
            |token| json!({"refresh_token": token.expose_secret()}),
        );
        let server = Server::entrance(&server.url)?.showing(login.access_token);
        server
            .ask(operations::LOGOUT, &[])
            .json(body)
            .send()
            .await?;
    }
    say(&format!("Signed out at {}.", server.url))
}

/// Without TLS, everybody on the way can read what is sent.
fn warn_if_open(url: &str) {
    let open = Url::parse(url).is_ok_and(|url| {
        let here = match url.host_str() {
            Some(host) => host == "localhost" || host.starts_with("127.") || host == "[::1]",
            None => false,
        };
        url.scheme() == "http" && !here
    });
    if open {
        eprintln!("codegraph: {url} is not https: everybody on the way can read what you send");
    }
}

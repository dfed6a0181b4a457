//! Asking the person at the terminal; a secret without showing it.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    sync::Arc,
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;

use super::failure::Failure;

/// A line, asked for on a terminal and simply read elsewhere.
pub(super) async fn line(question: &'static str) -> Result<String, Failure> {
    read(question, false).await
}

/// The same, of which nothing is shown.
pub(super) async fn secret(question: &'static str) -> Result<SecretString, Failure> {
    read(question, true).await.map(SecretString::from)
}

async fn read(question: &'static str, hidden: bool) -> Result<String, Failure> {
    let terminal = io::stdin().is_terminal();
    let silence = if terminal && hidden {
        Some(Arc::new(Silence::begin()?))
    } else {
        None
    };
    if terminal {
        let mut err = io::stderr();
        write!(err, "{question}: ")?;
        err.flush()?;
    }
    let reading = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line)?;
        Ok::<_, io::Error>((read, line))
    });
    let read = tokio::select! {
        read = reading => read,
        _ = tokio::signal::ctrl_c() => {
            // The thread still reads; the terminal is given back before the process goes.
            drop(silence);
            eprintln!();
            std::process::exit(130);
        }
    };
    if silence.is_some() {
        eprintln!();
    }
    drop(silence);
    let (read, line) = read.map_err(|error| Failure::Here(error.to_string()))??;
    if read == 0 {
        let question = question.to_lowercase();
        return Err(Failure::Wrong(format!(
            "there is no {question} on standard input"
        )));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// As long as this is there, the terminal shows nothing of what is typed.
struct Silence(Termios);

impl Silence {
    fn begin() -> Result<Self, Failure> {
        let wrong = |error: rustix::io::Errno| Failure::Here(format!("the terminal: {error}"));
        let before = tcgetattr(io::stdin()).map_err(wrong)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent).map_err(wrong)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nothing more can be done for a terminal that is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}

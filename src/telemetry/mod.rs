//! The log: set up once, on standard error, and never with a secret in it.
//!
//! Every line passes [`Redactor`] on its way out, whatever wrote it: our own events, sqlx, a
//! panic's message. That is a net, not a licence: secrets still travel as `SecretString`.

use std::io::{self, IsTerminal, Write};

use secrecy::SecretString;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{LogConfig, LogFilter, LogFormat};

pub use self::redact::Redactor;

mod redact;
mod shapes;

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody in this process was first.
    #[error("logging is already set up in this process")]
    AlreadySet(#[from] TryInitError),
}

/// Starts logging to standard error. `secrets` are masked from the first line on; give those that
/// come up later (the embedded server's password) to the [`Redactor`] it returns.
pub fn init(
    config: &LogConfig,
    secrets: impl IntoIterator<Item = SecretString>,
) -> Result<Redactor, Error> {
    let redactor = Redactor::new(secrets);
    let writer = Masked {
        redactor: redactor.clone(),
        open: io::stderr,
    };
    let terminal = io::stderr().is_terminal();
    subscriber(config, terminal, writer).try_init()?;
    Ok(redactor)
}

/// The subscriber [`init`] installs, with its two outside facts as arguments.
fn subscriber<W>(
    config: &LogConfig,
    terminal: bool,
    writer: W,
) -> impl tracing::Subscriber + Send + Sync + 'static
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let json = match config.format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !terminal,
    };
    let layer: Box<dyn Layer<Registry> + Send + Sync> = if json {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_writer(writer)
            .boxed()
    } else {
        fmt::layer().with_ansi(terminal).with_writer(writer).boxed()
    };
    tracing_subscriber::registry().with(layer.with_filter(filter(&config.filter)))
}

fn filter(filter: &LogFilter) -> EnvFilter {
    // The configuration has parsed these directives before; nothing is left to go wrong.
    EnvFilter::new(filter.as_str())
}

/// Opens a writer per line and masks what goes through it.
struct Masked<F> {
    redactor: Redactor,
    open: F,
}

impl<'w, F, W> MakeWriter<'w> for Masked<F>
where
    F: Fn() -> W,
    W: Write,
{
    type Writer = MaskedLine<W>;

    fn make_writer(&'w self) -> Self::Writer {
        MaskedLine {
            redactor: self.redactor.clone(),
            inner: (self.open)(),
            line: Vec::new(),
        }
    }
}

/// One event. Held back until it is whole, so that no secret slips through cut in two.
struct MaskedLine<W: Write> {
    redactor: Redactor,
    inner: W,
    line: Vec<u8>,
}

impl<W: Write> Write for MaskedLine<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        self.inner.write_all(self.redactor.mask(&text).as_bytes())?;
        self.inner.flush()
    }
}

impl<W: Write> Drop for MaskedLine<W> {
    fn drop(&mut self) {
        // A log that cannot be written to has nobody left to tell.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests;

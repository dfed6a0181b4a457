//! The program: one binary, subcommands.

use std::process::ExitCode;

use clap::Parser;
use codegraph::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    // TLS clients find their cryptography here; asking twice would be our own mistake.
    drop(rustls::crypto::ring::default_provider().install_default());
    match Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("codegraph: {error}");
            ExitCode::FAILURE
        }
    }
}

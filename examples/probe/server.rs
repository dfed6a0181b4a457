//! A Postgres for the bench, when it is given none: the product's own, on a throwaway home.

use std::{
    env, io,
    path::{Path, PathBuf},
};

use codegraph::postgres::{self, Server, Settings};
use serde_json::json;

use crate::meter;

/// Serves until stdin closes, so that it never outlives who started it. The bundle lies in `bundles`, where
/// the next bench finds it again.
pub(crate) fn serve(home: PathBuf, bundles: &Path) -> Result<(), postgres::Error> {
    let bundle = match env::var_os("CODEGRAPH_PG_BUNDLE") {
        Some(given) => PathBuf::from(given),
        None => postgres::install(bundles, &mut |step| eprintln!("{step}"))?,
    };
    let settings = Settings {
        bundle: Some(bundle),
        ..Settings::new(home)
    };
    let server = Server::start(&settings, &mut |step| eprintln!("{step}"))?;
    let bin = server.source().directory().join("bin");
    meter::print(&json!({"e": "server", "url": server.url(), "bin": bin}));
    // Whatever ends it, an error too, ends the server.
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    server.stop()
}

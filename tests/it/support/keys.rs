//! The key under which tests seal secrets.

use std::path::Path;

use codegraph::{config::Config, services::seal::Seal};

/// Of every server and worker of a test.
pub(crate) const KEY: &str = "c2VhbGVkIGJ5IHRlc3RzLCBhbmQgYnkgbm9ib2R5ISE=";

/// Seals and opens with it.
pub(crate) fn seal() -> Seal {
    let key = [("CODEGRAPH_SECRET_KEY".to_owned(), KEY.to_owned())];
    Seal::configured(&Config::read(key, Path::new("/")).unwrap())
}

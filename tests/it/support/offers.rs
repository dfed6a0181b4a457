//! What offers branches, as configured.

use std::path::Path;

use codegraph::{
    config::Config,
    services::{forges::Forges, pull_requests::PullRequests, secrets::Secrets},
    telemetry::Redactor,
};
use sqlx::PgPool;

/// With these settings; what is seen of secrets is told to the log.
pub(crate) fn offers(
    db: &PgPool,
    home: &Path,
    settings: &[(&'static str, String)],
    log: &Redactor,
) -> PullRequests {
    let home = [("CODEGRAPH_HOME", home.display().to_string())];
    let all = settings.iter().cloned().chain(home);
    let all = all.map(|(name, value)| (name.to_owned(), value));
    let config = Config::read(all, Path::new("/")).unwrap();
    let log = log.clone();
    let secrets = Secrets::new(db.clone(), &config);
    let secrets = secrets.hiding(move |secret| log.register(secret));
    PullRequests::new(
        db.clone(),
        &config,
        Forges::new(db.clone(), &config, secrets),
    )
}

//! The few questions asked before anybody has a connection pool: does the server answer, and does our database exist?

use std::process::Command;

use super::{DATABASE, Error, USER, cluster::Cluster, socket::Endpoint};

/// Proves that the server answers to our password, and creates our database when it is missing.
pub(super) fn greet(cluster: &Cluster, endpoint: &Endpoint) -> Result<(), Error> {
    let exists = format!("select count(*) from pg_database where datname = '{DATABASE}'");
    if ask(cluster, endpoint, &exists)? == "1" {
        return Ok(());
    }
    ask(cluster, endpoint, &format!("create database {DATABASE}")).map(drop)
}

fn ask(cluster: &Cluster, endpoint: &Endpoint, sql: &str) -> Result<String, Error> {
    let psql = cluster.source.program("psql");
    // The password travels in the environment: arguments can be read by every user of the machine.
    let output = Command::new(&psql)
        .env_clear()
        .env("LC_ALL", "C")
        .env("PGHOST", &endpoint.directory)
        .env("PGPORT", endpoint.port.to_string())
        .env("PGUSER", USER)
        .env("PGPASSWORD", &cluster.secret)
        .env("PGDATABASE", "postgres")
        .env("PGCONNECT_TIMEOUT", "10")
        .current_dir("/")
        .args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .output()
        .map_err(Error::io("run", psql))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Error::Refused {
        reason: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

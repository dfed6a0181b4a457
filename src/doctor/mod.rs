//! `codegraph doctor`: what this installation stands on, what is missing, and how to mend it.
//!
//! One file per check. A check looks and tells: it changes nothing, starts nothing (the embedded
//! Postgres least of all), shows no secret, and is cut off after five seconds. The machine is an
//! argument ([`Machine`]), so that a test can take a tool away.

use std::future::Future;
use std::time::Duration;

use crate::config::Config;

pub use self::machine::Machine;
pub use self::report::{Finding, Report, Status};

mod cpu;
mod disk;
mod embedded;
mod engines;
mod git;
mod landlock;
mod machine;
mod models;
mod objects;
mod postgres;
mod redis;
mod report;
mod sandbox;
mod secrets;
mod settings;

const LIMIT: Duration = Duration::from_secs(5);

/// Looks at everything, all at once.
pub async fn run(config: &Config) -> Report {
    run_on(config, &Machine::this()).await
}

/// The same on a machine of your choosing.
pub async fn run_on(config: &Config, machine: &Machine) -> Report {
    let (database, redis, objects, sandbox, engines, git, disk) = tokio::join!(
        limited(LIMIT, "postgres", postgres::check(config, machine)),
        limited(LIMIT, "redis", redis::check(&config.redis)),
        limited(LIMIT, "object store", objects::check(&config.objects)),
        limited(LIMIT, "sandbox", sandbox::check(&config.sandbox, machine)),
        limited(LIMIT, "engines", engines::check(config)),
        limited(LIMIT, "git", git::check(machine)),
        limited(LIMIT, "disk", disk::check(&config.home)),
    );
    let quick = [
        cpu::check(config),
        models::check(&config.models),
        secrets::check(config),
        settings::check(config),
    ];
    let findings = [database, redis, objects, sandbox, engines, git, disk].concat();
    Report {
        findings: findings.into_iter().chain(quick).collect(),
    }
}

/// A check that gives no answer in time is itself a finding.
async fn limited(
    limit: Duration,
    name: &'static str,
    check: impl Future<Output = Vec<Finding>>,
) -> Vec<Finding> {
    match tokio::time::timeout(limit, check).await {
        Ok(findings) => findings,
        Err(_) => vec![
            Finding::fail(name, format!("no answer within {} s", limit.as_secs()))
                .remedy("something this check asks is reachable but does not reply"),
        ],
    }
}

#[cfg(test)]
mod tests;

//! The worker: which lanes it serves, how much at once, and how patient it is.

use std::{net::SocketAddr, time::Duration};

use serde::Deserialize;
use workflows::Lane;

use super::text::{self, Text};

/// What this process works on, and how much at once.
#[derive(Debug, Clone, Deserialize)]
pub struct WorkerConfig {
    /// `CODEGRAPH_LANES`: the lanes this process serves, such as `agents,checks` (default all).
    #[serde(default)]
    pub lanes: Lanes,
    /// `CODEGRAPH_CONCURRENCY`: steps at once, for every lane (`8`) or by lane
    /// (`agents=8,checks=4`). Default `agents=4,checks=2,outbound=4,upkeep=2`.
    #[serde(default)]
    pub concurrency: Concurrency,
    /// `CODEGRAPH_LEASE`: seconds until a silent worker is taken for dead (default 10).
    #[serde(
        default = "ten_seconds",
        deserialize_with = "text::seconds::<_, 1, 3600>"
    )]
    pub lease: Duration,
    /// `CODEGRAPH_SHUTDOWN_GRACE`: seconds a running step gets to finish when we are told to stop
    /// (default 30). What is not done by then is handed back.
    #[serde(
        default = "thirty_seconds",
        deserialize_with = "text::seconds::<_, 0, 3600>"
    )]
    pub shutdown_grace: Duration,
    /// `CODEGRAPH_RUNS_PER_USER`: runs of one person that work at the same time (default 8).
    #[serde(default = "eight", deserialize_with = "text::number::<_, 1, 10_000>")]
    pub runs_per_user: u32,
    /// `CODEGRAPH_RUNS_PER_REPOSITORY`: the same for one repository (default 4).
    #[serde(default = "four", deserialize_with = "text::number::<_, 1, 10_000>")]
    pub runs_per_repository: u32,
    /// `CODEGRAPH_RETENTION_DAYS`: days for which what belongs to no task is kept after it is over (default 90); 0 keeps
    /// everything.
    #[serde(default = "ninety", deserialize_with = "text::number::<_, 0, 36_500>")]
    pub retention_days: u32,
    /// `CODEGRAPH_WORKSPACE_DAYS`: days for which the working trees of ended runs stay on this machine's disk (default 3);
    /// 0 keeps them. They can be made anew from the database.
    #[serde(default = "three", deserialize_with = "text::number::<_, 0, 36_500>")]
    pub workspace_days: u32,
    /// `CODEGRAPH_WORKER_HEALTH`: where `codegraph work` says at `/healthz` how it is, such as
    /// `127.0.0.1:8401` (default nowhere; `up` and `serve` say it where they listen).
    #[serde(default)]
    pub worker_health: Option<SocketAddr>,
}

impl WorkerConfig {
    /// Days for which working trees of ended runs are kept; for ever, if there is no number.
    #[must_use]
    pub fn workspace_days(&self) -> Option<u32> {
        Some(self.workspace_days).filter(|days| *days > 0)
    }

    /// Days for which what is over is kept; for ever, if there is no number.
    #[must_use]
    pub fn keep_days(&self) -> Option<u32> {
        Some(self.retention_days).filter(|days| *days > 0)
    }
}

/// At least one lane, each once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub struct Lanes(Vec<Lane>);

impl Lanes {
    /// The lanes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = Lane> + '_ {
        self.0.iter().copied()
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self(Lane::ALL.to_vec())
    }
}

impl TryFrom<Text> for Lanes {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        if text == "all" {
            return Ok(Self::default());
        }
        let names = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let mut lanes = names.map(lane).collect::<Result<Vec<_>, _>>()?;
        lanes.sort_unstable();
        lanes.dedup();
        if lanes.is_empty() {
            Err("names no lane".to_owned())
        } else {
            Ok(Self(lanes))
        }
    }
}

fn lane(name: &str) -> Result<Lane, String> {
    name.parse::<Lane>().map_err(|error| error.to_string())
}

/// Steps at once, by lane.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub struct Concurrency([usize; Lane::ALL.len()]);

impl Concurrency {
    /// How many steps of `lane` run at the same time in this process; at least 1.
    pub fn of(&self, lane: Lane) -> usize {
        self.0[lane as usize]
    }
}

impl Default for Concurrency {
    fn default() -> Self {
        Self([4, 2, 4, 2])
    }
}

impl TryFrom<Text> for Concurrency {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        let number = |text: &str| {
            let fits = text.trim().parse().ok().filter(|n| (1..=1000).contains(n));
            fits.ok_or_else(|| format!("`{text}` is not a whole number from 1 to 1000"))
        };
        if !text.contains('=') {
            return Ok(Self([number(&text)?; 4]));
        }
        let mut chosen = Self::default();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (name, count) = pair.split_once('=').ok_or_else(|| {
                format!("`{pair}` is not of the form lane=number, such as agents=8")
            })?;
            chosen.0[lane(name.trim())? as usize] = number(count)?;
        }
        Ok(chosen)
    }
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

fn thirty_seconds() -> Duration {
    Duration::from_secs(30)
}

fn three() -> u32 {
    3
}

fn ninety() -> u32 {
    90
}

fn eight() -> u32 {
    8
}

fn four() -> u32 {
    4
}

//! Figures: what was used and how runs went, over a period, of what the caller may see.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Cache, Db, access::Caller, feed::Feed, repositories::viewer};
pub use crate::models::usage::{Used, Went};
use crate::{
    error::{Error, Fault, Result, classify},
    models::{repository, usage, user},
};

/// The longest period that is added up.
const LONGEST: Duration = Duration::days(400);
/// The period when nothing is said.
const USUAL: Duration = Duration::days(30);
/// Buckets of a series.
const BUCKETS: usize = 1_000;
/// Headings of a breakdown.
const HEADINGS: i64 = 100;

/// What figures are asked about, as a caller says it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Period {
    /// From then on; thirty days before its end when nothing is said.
    pub from: Option<DateTime<Utc>>,
    /// Before then; now when nothing is said.
    pub to: Option<DateTime<Utc>>,
    /// Of this repository alone.
    pub repository: Option<Uuid>,
}

/// So long an answer serves everybody who may see the same, unless something moves before.
const KEPT: std::time::Duration = std::time::Duration::from_secs(15);
/// An answer that took longer than this to add up lasts a while whatever moves: where runs are always at work something
/// always does, and adding up a month of a hundred thousand of them takes a quarter of a second.
const CHEAP: Duration = Duration::milliseconds(50);
/// So many times what it took beyond that: adding up for one question keeps a processor busy a twentieth of the time.
const WORTH: i32 = 20;

/// Where figures are read.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The database.
    pub db: &'a Db,
    /// Where answers are kept for a while.
    pub cache: &'a Cache,
    /// Who tells when they are old.
    pub feed: &'a Feed,
}

impl Source<'_> {
    /// The answer that is kept under this key, or a new one; of those who ask at once, one adds up.
    async fn kept<T, F>(&self, key: String, make: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: AsyncFnOnce() -> Result<T>,
    {
        // Not told what moves, one is a little late.
        let moved = self.feed.moved().unwrap_or_default();
        if let Some(answer) = self.known(&key, &moved).await {
            return Ok(answer);
        }
        let _turn = self.cache.turn(&key).await;
        if let Some(answer) = self.known(&key, &moved).await {
            return Ok(answer);
        }
        let began = Utc::now();
        let answer = make().await?;
        let known = Known {
            moved,
            at: Utc::now(),
            took_ms: (Utc::now() - began).num_milliseconds(),
            answer,
        };
        if let Ok(bytes) = serde_json::to_vec(&known) {
            self.cache.put(&key, bytes, KEPT).await;
        }
        Ok(known.answer)
    }

    async fn known<T: DeserializeOwned>(&self, key: &str, moved: &str) -> Option<T> {
        let bytes = self.cache.get(key).await?;
        let known: Known<T> = serde_json::from_slice(&bytes).ok()?;
        known.serves(moved, Utc::now()).then_some(known.answer)
    }
}

/// An answer, how things stood when it was asked for, and how long it took.
#[derive(Serialize, Deserialize)]
struct Known<T> {
    moved: String,
    at: DateTime<Utc>,
    took_ms: i64,
    answer: T,
}

impl<T> Known<T> {
    fn serves(&self, moved: &str, now: DateTime<Utc>) -> bool {
        let lasts = (Duration::milliseconds(self.took_ms) - CHEAP) * WORTH;
        self.moved == moved || now - self.at < lasts
    }
}

/// The same, whole.
#[derive(Debug, Clone)]
pub struct Scope {
    rows: usage::Scope,
    /// Who sees the same is told the same.
    key: String,
}

impl Scope {
    /// What this caller asks about.
    pub fn new(caller: &Caller, period: Period) -> Result<Self> {
        let to = period.to.unwrap_or_else(Utc::now);
        let from = period.from.unwrap_or(to - USUAL);
        if from >= to {
            return Err(Error::field("from", "is not before `to`"));
        }
        if to - from > LONGEST {
            return Err(Error::field("from", "more than 400 days before `to`"));
        }
        let viewer = viewer(caller);
        let who = (!viewer.all).then_some(viewer.user);
        // As it was asked: "until now" is the same question a moment later.
        let key = format!("figures:{who:?}:{period:?}");
        let rows = usage::Scope {
            viewer,
            from,
            to,
            repository: period.repository,
        };
        Ok(Self { rows, key })
    }

    /// From then on.
    #[must_use]
    pub fn from(&self) -> DateTime<Utc> {
        self.rows.from
    }

    /// Before then.
    #[must_use]
    pub fn to(&self) -> DateTime<Utc> {
        self.rows.to
    }

    /// The period of the same length before it.
    #[must_use]
    pub fn before(&self) -> Self {
        let rows = usage::Scope {
            from: self.rows.from - (self.rows.to - self.rows.from),
            to: self.rows.from,
            ..self.rows
        };
        let key = format!("{}:before", self.key);
        Self { rows, key }
    }
}

/// All in all.
pub async fn summary(source: Source<'_>, scope: &Scope) -> Result<(Used, Went)> {
    let key = format!("{}:summary", scope.key);
    let make = async || {
        let used = usage::used_by(source.db, &scope.rows, "all", 1)
            .await?
            .pop();
        let went = usage::went_by(source.db, &scope.rows, "all", "UTC")
            .await?
            .pop();
        Ok((used.unwrap_or_default(), went.unwrap_or_default()))
    };
    source.kept(key, make).await
}

/// A stretch of time in a series.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Bucket {
    /// Where it begins.
    pub start: DateTime<Utc>,
    /// Where it ends.
    pub end: DateTime<Utc>,
    /// Whether it is not over yet, or the period covers a part of it only.
    pub partial: bool,
    /// What was used in it.
    pub used: Used,
    /// How runs went that were started in it.
    pub went: Went,
}

/// Bucket by bucket, oldest first, empty ones included. `bucket` is `hour`, `day` or `week` of this time zone.
pub async fn series(
    source: Source<'_>,
    scope: &Scope,
    bucket: &str,
    zone: &str,
) -> Result<Vec<Bucket>> {
    let key = format!("{}:series:{bucket}:{zone}", scope.key);
    let make = async || buckets(source.db, scope, bucket, zone).await;
    source.kept(key, make).await
}

async fn buckets(db: &Db, scope: &Scope, bucket: &str, zone: &str) -> Result<Vec<Bucket>> {
    let length = match bucket {
        "hour" => Duration::hours(1),
        "day" => Duration::days(1),
        _ => Duration::weeks(1),
    };
    let (from, to) = (scope.from(), scope.to());
    if usize::try_from((to - from).num_seconds() / length.num_seconds()).unwrap_or(0) > BUCKETS {
        let message = format!("the period has more than {BUCKETS} of these; take longer ones");
        return Err(Error::field("bucket", message));
    }
    // One more, to know where the last of them ends.
    let starts = starts(db, from, to + length * 2, bucket, zone).await?;
    let now = Utc::now();
    let pairs = starts.windows(2).filter(|pair| pair[0] < to);
    let bucket_of = |pair: &[DateTime<Utc>]| {
        let (start, end) = (pair[0], pair[1]);
        let partial = start < from || end > to || end > now;
        let empty = Bucket {
            start,
            end,
            partial,
            ..Bucket::default()
        };
        (start, empty)
    };
    let mut buckets: BTreeMap<_, _> = pairs.map(bucket_of).collect();
    for used in usage::used_in(db, &scope.rows, bucket, zone).await? {
        if let Some(bucket) = holding(&mut buckets, used.start) {
            bucket.used = used;
        }
    }
    for went in usage::went_by(db, &scope.rows, bucket, zone).await? {
        if let Some(bucket) = holding(&mut buckets, went.start) {
            bucket.went = went;
        }
    }
    Ok(buckets.into_values().collect())
}

async fn starts(
    db: &Db,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    bucket: &str,
    zone: &str,
) -> Result<Vec<DateTime<Utc>>> {
    let starts = usage::buckets(db, from, to, bucket, zone).await;
    starts.map_err(|error| match classify(&error) {
        Fault::Content => Error::field("time_zone", "there is no such time zone"),
        _ => error.into(),
    })
}

/// What the work that the caller may see has cost since the day and since the week of this time zone began, in
/// millionths of a dollar.
pub async fn spent(db: &Db, caller: &Caller, zone: &str) -> Result<(i64, i64)> {
    let now = Utc::now();
    let begin = async |bucket| {
        let starts = starts(db, now, now + Duration::seconds(1), bucket, zone).await?;
        Ok::<_, Error>(starts.first().copied().unwrap_or(now))
    };
    let (today, week) = (begin("day").await?, begin("week").await?);
    Ok(usage::spent(db, viewer(caller), today, week).await?)
}

/// The bucket in which this moment lies.
fn holding(
    buckets: &mut BTreeMap<DateTime<Utc>, Bucket>,
    at: Option<DateTime<Utc>>,
) -> Option<&mut Bucket> {
    buckets.range_mut(..=at?).next_back().map(|(_, b)| b)
}

/// What figures are broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The model.
    Model,
    /// The role of the agent.
    Role,
    /// The repository.
    Repository,
    /// Who asked for the task.
    User,
    /// Where runs stand.
    Status,
}

/// What is under one heading.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Part {
    /// The heading.
    pub key: String,
    /// The heading for people.
    pub label: String,
    /// What was used; a run's end uses nothing.
    pub used: Option<Used>,
    /// How runs went; under a model or a role, those in which it took part.
    pub went: Went,
}

/// Heading by heading, the most expensive first.
pub async fn breakdown(source: Source<'_>, scope: &Scope, by: By) -> Result<Vec<Part>> {
    let key = format!("{}:breakdown:{by:?}", scope.key);
    let make = async || parts(source.db, scope, by).await;
    source.kept(key, make).await
}

async fn parts(db: &Db, scope: &Scope, by: By) -> Result<Vec<Part>> {
    let word = match by {
        By::Model => "model",
        By::Role => "role",
        By::Repository => "repository",
        By::User => "user",
        By::Status => "status",
    };
    let mut parts = Vec::new();
    if by != By::Status {
        for used in usage::used_by(db, &scope.rows, word, HEADINGS).await? {
            parts.push(Part {
                key: used.key.clone(),
                used: Some(used),
                ..Part::default()
            });
        }
    }
    let went = match by {
        By::Model | By::Role => usage::went_with(db, &scope.rows, word).await?,
        By::Repository | By::User | By::Status => {
            usage::went_by(db, &scope.rows, word, "UTC").await?
        }
    };
    for went in went {
        match parts.iter_mut().find(|part| part.key == went.key) {
            Some(part) => part.went = went,
            None => parts.push(Part {
                key: went.key.clone(),
                used: (by != By::Status).then(Used::default),
                went,
                ..Part::default()
            }),
        }
    }
    parts.truncate(usize::try_from(HEADINGS).unwrap_or_default());
    label(db, by, &mut parts).await?;
    Ok(parts)
}

/// The heading of what belongs to no task, such as runs of `codegraph run`.
const NOBODY: &str = "Without a task";

async fn label(db: &Db, by: By, parts: &mut [Part]) -> Result<()> {
    let ids: Vec<Uuid> = parts.iter().filter_map(|p| p.key.parse().ok()).collect();
    let names: HashMap<String, String> = match by {
        By::Repository => repository::names(db, &ids).await?,
        By::User => user::names(db, &ids).await?,
        By::Model | By::Role | By::Status => Vec::new(),
    }
    .into_iter()
    .map(|(id, name)| (id.to_string(), name))
    .collect();
    for part in parts {
        if matches!(by, By::Repository | By::User) && part.key == usage::NOBODYS.to_string() {
            part.key.clear();
            NOBODY.clone_into(&mut part.label);
            continue;
        }
        let name = names.get(&part.key).cloned();
        part.label = name.unwrap_or_else(|| part.key.clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_dear_lasts_a_while_and_what_was_cheap_until_something_moves() {
        let at: DateTime<Utc> = "2026-01-02T03:04:05Z".parse().unwrap();
        let known = |took_ms| Known {
            moved: "then".to_owned(),
            at,
            took_ms,
            answer: (),
        };
        let serves = |took_ms, moved, later| {
            known(took_ms).serves(moved, at + Duration::milliseconds(later))
        };
        assert!(serves(1, "then", 10_000) && serves(500, "then", 10_000));
        assert!(!serves(1, "now", 0) && !serves(50, "now", 0));
        assert!(serves(250, "now", 3_999) && !serves(250, "now", 4_000));
    }
}

//! Measures the API from outside, as its callers do: `load read URL SAMPLE`, `load crowd URL OTHER SAMPLE SECONDS` and
//! `load work N`, on a server whose database `fill.sql` has filled. `make bench ARGS="--only http"` runs them. One JSON
//! object a line on stdout; times are milliseconds.

mod crowd;
mod read;
mod work;

use std::{collections::HashMap, env, fs};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// A server, and things on it by what they are.
#[derive(Debug, Clone)]
struct Target {
    http: reqwest::Client,
    url: String,
    sample: HashMap<String, Vec<String>>,
}

impl Target {
    fn new(url: &str, sample: &str) -> Result<Self, Failed> {
        let sample = serde_json::from_slice(&fs::read(sample)?)?;
        // The client's transport, as everywhere in this program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_gzip().build()?;
        Ok(Self {
            http,
            url: url.trim_end_matches('/').to_owned(),
            sample,
        })
    }

    /// One of the things of this kind, another one each time.
    fn one(&self, kind: &str, turn: usize) -> &str {
        let all = self.sample.get(kind).map(Vec::as_slice).unwrap_or_default();
        // A step that shares no factor with the usual lengths goes through all of them, far apart.
        all.get(turn.wrapping_mul(7919) % all.len().max(1))
            .map_or("", String::as_str)
    }

    fn get(&self, path: &str, who: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1{path}", self.url);
        self.http.get(url).bearer_auth(format!("cg_load-{who}"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["read", url, sample] => read::all(&Target::new(url, sample)?).await,
        ["crowd", url, other, sample, seconds] => {
            let (target, other) = (Target::new(url, sample)?, Target::new(other, sample)?);
            crowd::gather(&target, &other, seconds.parse()?).await
        }
        ["work", count] => work::go(count.parse()?).await,
        _ => Err("usage: load read URL SAMPLE | crowd URL OTHER SAMPLE SECONDS | work N".into()),
    }
}

/// The value below which this share of the times lies.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of some thousand"
    )]
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

//! Where large contents are kept, if not in the database.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::models::HttpUrl;
use super::text::{self, Text};

/// Where large contents are kept.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ObjectsConfig {
    /// `CODEGRAPH_OBJECT_STORE`: a folder that all nodes share (`/srv/codegraph`), or a bucket (`s3://bucket/below`), for
    /// packs of recorded trees and long outputs. Not set: they are kept in the database.
    #[serde(default, rename = "object_store")]
    pub place: Option<ObjectPlace>,
    /// `CODEGRAPH_OBJECT_STORE_ABOVE`: contents of at least so many KiB go there (default 16).
    #[serde(
        default = "sixteen",
        rename = "object_store_above",
        deserialize_with = "text::number::<_, 0, 1_048_576>"
    )]
    pub least_kib: u32,
    /// `CODEGRAPH_OBJECT_STORE_ENDPOINT`: address of a server that speaks S3, when it is not Amazon's.
    #[serde(default, rename = "object_store_endpoint")]
    pub endpoint: Option<HttpUrl>,
    /// `CODEGRAPH_OBJECT_STORE_REGION`: its region (default `us-east-1`, which servers of one's own take).
    #[serde(default, rename = "object_store_region")]
    pub region: Option<String>,
    /// `CODEGRAPH_OBJECT_STORE_ACCESS_KEY`: who we are there; without it, what the machine itself may do.
    #[serde(default, rename = "object_store_access_key")]
    pub access_key: Option<SecretString>,
    /// `CODEGRAPH_OBJECT_STORE_SECRET_KEY`: the secret that belongs to it.
    #[serde(default, rename = "object_store_secret_key")]
    pub secret_key: Option<SecretString>,
}

impl ObjectsConfig {
    /// The length from which contents go to the store.
    #[must_use]
    pub fn least_bytes(&self) -> usize {
        usize::try_from(self.least_kib)
            .unwrap_or(usize::MAX)
            .saturating_mul(1024)
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = SecretString> {
        [&self.access_key, &self.secret_key]
            .into_iter()
            .flatten()
            .cloned()
    }
}

/// A place for contents.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub enum ObjectPlace {
    /// A folder.
    Folder(PathBuf),
    /// A bucket on a server that speaks S3.
    Bucket {
        /// What it is called.
        name: String,
        /// What stands before the names of contents in it.
        below: String,
    },
}

impl TryFrom<Text> for ObjectPlace {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        if text.starts_with('/') {
            return Ok(Self::Folder(text.into()));
        }
        let bucket = text.strip_prefix("s3://").map(|rest| {
            let (name, below) = rest.split_once('/').unwrap_or((rest, ""));
            (name.to_owned(), below.trim_matches('/').to_owned())
        });
        match bucket {
            Some((name, below)) if !name.is_empty() && !name.contains('@') => {
                Ok(Self::Bucket { name, below })
            }
            _ => Err(format!(
                "`{text}` is neither a folder such as /srv/codegraph nor a bucket such as s3://codegraph/packs"
            )),
        }
    }
}

impl std::fmt::Display for ObjectPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket { name, below } if below.is_empty() => write!(f, "s3://{name}"),
            Self::Bucket { name, below } => write!(f, "s3://{name}/{below}"),
        }
    }
}

fn sixteen() -> u32 {
    16
}

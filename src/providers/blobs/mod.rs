//! Large contents outside the database: in a folder that machines share, or on a server that speaks S3. What may not
//! live here: which contents these are.
//!
//! A content has the name of its hash, so writing it twice is writing it once, and what is read is known to be what was
//! written. Only the database says what there is: a content that no row names is nobody's and harms nobody.

use std::path::Path as Folder;
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::config::{ObjectPlace, ObjectsConfig};
use crate::failpoint;

/// A content could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store cannot be used as it is configured.
    #[error("the object store cannot be used: {0}")]
    Configured(String),
    /// The store did not do it; it may do so later.
    #[error("the object store: {0}")]
    Away(String),
    /// What is there is not what was written.
    #[error("the object store has another content under `{0}` than was written there")]
    Changed(String),
}

/// A store of contents.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    below: Path,
    /// Contents shorter than this stay in the database.
    least: usize,
}

impl Blobs {
    /// The one that is configured; nothing when contents are kept in the database.
    pub fn configured(config: &ObjectsConfig) -> Result<Option<Self>, Error> {
        let wrong = |error: object_store::Error| Error::Configured(error.to_string());
        let (store, below): (Arc<dyn ObjectStore>, Path) = match &config.place {
            None => return Ok(None),
            Some(ObjectPlace::Folder(folder)) => (Arc::new(folder_store(folder)?), Path::default()),
            Some(ObjectPlace::Bucket { name, below }) => {
                // Installed already means that somebody before us chose; theirs serves as well.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let mut builder = AmazonS3Builder::new()
                    .with_bucket_name(name)
                    // One at a time is what every server knows.
                    .with_disable_bulk_delete(true)
                    .with_region(config.region.as_deref().unwrap_or("us-east-1"));
                if let Some(endpoint) = &config.endpoint {
                    builder = builder
                        .with_endpoint(endpoint.as_str())
                        .with_allow_http(endpoint.as_str().starts_with("http://"));
                }
                builder = match (&config.access_key, &config.secret_key) {
                    (Some(id), Some(key)) => builder
                        .with_access_key_id(id.expose_secret())
                        .with_secret_access_key(key.expose_secret()),
                    // What the machine itself may do.
                    _ => builder,
                };
                (
                    Arc::new(builder.build().map_err(wrong)?),
                    Path::from(below.as_str()),
                )
            }
        };
        Ok(Some(Self {
            store,
            below,
            least: config.least_bytes(),
        }))
    }

    /// Whether a content of this length belongs here.
    #[must_use]
    pub fn takes(&self, length: usize) -> bool {
        length >= self.least
    }

    /// Writes a content, whole or not at all; answers with where it is.
    pub async fn put(&self, content: &[u8]) -> Result<String, Error> {
        let name = format!("{:x}", Sha256::digest(content));
        let location = format!("{}/{name}", &name[..2]);
        failpoint::pass("before", "content put");
        let payload = PutPayload::from(content.to_vec());
        let put = self.store.put(&self.at(&location), payload).await;
        put.map_err(|error| Error::Away(error.to_string()))?;
        failpoint::pass("after", "content put");
        Ok(location)
    }

    /// Reads a content back and makes sure that it is the one with this hash.
    pub async fn get(&self, location: &str, sha256: &[u8]) -> Result<Vec<u8>, Error> {
        let away = |error: object_store::Error| Error::Away(error.to_string());
        let found = self.store.get(&self.at(location)).await.map_err(away)?;
        let content = found.bytes().await.map_err(away)?;
        if Sha256::digest(&content)[..] == *sha256 {
            Ok(content.to_vec())
        } else {
            Err(Error::Changed(location.to_owned()))
        }
    }

    /// Writes, reads and removes something of no account.
    pub async fn probe(&self) -> Result<(), Error> {
        let away = |error: object_store::Error| Error::Away(error.to_string());
        let at = self.at("probe");
        let word = b"codegraph";
        self.store
            .put(&at, PutPayload::from_static(word))
            .await
            .map_err(away)?;
        let read = self.store.get(&at).await.map_err(away)?;
        let read = read.bytes().await.map_err(away)?;
        // Another node may just have removed its own.
        drop(self.store.delete(&at).await);
        if read[..] == word[..] {
            Ok(())
        } else {
            Err(Error::Changed("probe".to_owned()))
        }
    }

    fn at(&self, location: &str) -> Path {
        Path::from_iter(self.below.parts().chain(Path::from(location).parts()))
    }
}

fn folder_store(folder: &Folder) -> Result<LocalFileSystem, Error> {
    let wrong = |error: String| Error::Configured(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(|error| wrong(error.to_string()))?;
    let store =
        LocalFileSystem::new_with_prefix(folder).map_err(|error| wrong(error.to_string()))?;
    // A row must never name what a crash of the machine takes back.
    Ok(store.with_fsync(true))
}

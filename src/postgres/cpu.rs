//! Which build of pgvector this processor can run. The bundle's `vector.so` was compiled for its builder's processor
//! and dies with SIGILL on others, so those get a portable build through two settings of Postgres 18.

use std::{fs, path::Path};

use super::Error;

/// The file beside the data directory that remembers the choice.
const RECORD: &str = "vector-build";

/// Which `vector.so` a cluster uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// The one inside the bundle.
    Bundled,
    /// A portable one, from another package.
    Portable,
}

/// Whether the bundle's own `vector.so` runs here.
pub(super) fn suits_bundle() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("fma")
        && std::arch::is_x86_feature_detected!("bmi2");
    // Apple's builders have no SVE, so their build cannot use it; only the Linux one does.
    #[cfg(all(target_arch = "aarch64", target_os = "linux"))]
    return std::arch::is_aarch64_feature_detected!("sve");
    #[cfg(not(any(
        target_arch = "x86_64",
        all(target_arch = "aarch64", target_os = "linux")
    )))]
    true
}

/// The build for the cluster in `home`, written down the first time.
pub(super) fn settle(home: &Path, exists: bool, suits: bool) -> Result<Build, Error> {
    let file = home.join(RECORD);
    let record = fs::read_to_string(&file).ok();
    let build = decide(record.as_deref(), exists, suits)?;
    if record.is_none() {
        let word = match build {
            Build::Bundled => "bundled\n",
            Build::Portable => "portable\n",
        };
        fs::write(&file, word).map_err(Error::io("write", file))?;
    }
    Ok(build)
}

/// A cluster never changes its build: the two differ in version, and its catalogue remembers one of them.
fn decide(record: Option<&str>, exists: bool, suits: bool) -> Result<Build, Error> {
    let recorded = match record.map(str::trim) {
        Some("portable") => Some(Build::Portable),
        Some(_) => Some(Build::Bundled),
        // A cluster older than the record can only have been made with the bundle's own build.
        None if exists => Some(Build::Bundled),
        None => None,
    };
    match (recorded, suits) {
        (Some(Build::Portable), _) | (None, false) => Ok(Build::Portable),
        (Some(Build::Bundled) | None, true) => Ok(Build::Bundled),
        (Some(Build::Bundled), false) if exists => Err(Error::CpuChanged),
        (Some(Build::Bundled), false) => Ok(Build::Portable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_cluster_follows_the_processor() {
        assert!(matches!(decide(None, false, true), Ok(Build::Bundled)));
        assert!(matches!(decide(None, false, false), Ok(Build::Portable)));
    }

    #[test]
    fn an_existing_cluster_keeps_its_build() {
        assert!(matches!(
            decide(Some("portable\n"), true, true),
            Ok(Build::Portable)
        ));
        assert!(matches!(
            decide(Some("bundled\n"), true, true),
            Ok(Build::Bundled)
        ));
        assert!(matches!(
            decide(Some("bundled\n"), true, false),
            Err(Error::CpuChanged)
        ));
        assert!(matches!(decide(None, true, false), Err(Error::CpuChanged)));
    }
}

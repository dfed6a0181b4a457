//! The operating system's Postgres, for those who cannot or will not fetch a bundle. It must be recent and must have
//! pgvector, since nothing here can add that.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The oldest major version our SQL runs on.
const OLDEST: u32 = 15;

/// The newest suitable Postgres, as the directory that holds its `bin/`.
pub(super) fn find() -> Option<PathBuf> {
    let suitable = candidates().into_iter().filter_map(|directory| {
        let said = ask(&directory.join("bin/postgres"), "--version")?;
        let major = major(&said).filter(|major| *major >= OLDEST)?;
        has_vector(&directory, major).then_some((major, directory))
    });
    suitable.max().map(|(_, directory)| directory)
}

/// The major version in what `postgres --version` prints: `postgres (PostgreSQL) 18.6 (Debian …)`.
pub(super) fn major(said: &str) -> Option<u32> {
    let digits = said.split_whitespace().nth(2)?;
    let end = digits
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok()
}

fn candidates() -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Some(bin) = ask(Path::new("pg_config"), "--bindir") {
        found.extend(Path::new(bin.trim()).parent().map(Path::to_path_buf));
    }
    // Debian keeps one directory per major version; RPMs and Homebrew put the version into the name.
    for parent in [
        "/usr/lib/postgresql",
        "/usr",
        "/opt/homebrew/opt",
        "/usr/local/opt",
    ] {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let named = entries.filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            parent == "/usr/lib/postgresql"
                || name.starts_with("pgsql-")
                || name.starts_with("postgresql@")
        });
        found.extend(named.map(|entry| entry.path()));
    }
    found.retain(|directory| directory.join("bin/postgres").is_file());
    found
}

fn has_vector(directory: &Path, major: u32) -> bool {
    let told = ask(&directory.join("bin/pg_config"), "--sharedir")
        .map(|share| PathBuf::from(share.trim()));
    let usual = [
        directory.join("share"),
        directory.join("share/postgresql"),
        directory.join(format!("share/postgresql@{major}")),
        PathBuf::from(format!("/usr/share/postgresql/{major}")),
    ];
    // The last place is Debian's, which must not vouch for a Postgres that lives elsewhere.
    let debian = directory.starts_with("/usr/lib/postgresql");
    let places = usual
        .into_iter()
        .take(if debian { 4 } else { 3 })
        .chain(told);
    places
        .into_iter()
        .any(|share| share.join("extension/vector.control").is_file())
}

fn ask(program: &Path, question: &str) -> Option<String> {
    let output = Command::new(program).arg(question).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{has_vector, major};

    #[test]
    fn a_postgres_without_vector_is_none_for_us() -> std::io::Result<()> {
        let place = tempfile::tempdir()?;
        assert!(!has_vector(place.path(), 18));
        fs::create_dir_all(place.path().join("share/postgresql@18/extension"))?;
        fs::write(
            place
                .path()
                .join("share/postgresql@18/extension/vector.control"),
            "",
        )?;
        assert!(has_vector(place.path(), 18) && !has_vector(place.path(), 17));
        Ok(())
    }

    #[test]
    fn versions_are_read_in_all_their_spellings() {
        assert_eq!(major("postgres (PostgreSQL) 18.6\n"), Some(18));
        assert_eq!(
            major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major("command not found"), None);
    }
}

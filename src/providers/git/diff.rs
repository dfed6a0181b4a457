//! What differs between two recorded trees.

use super::paths::{split, text};
use super::{Error, Workspace, names};

/// More text than this is cut.
const TEXT_MOST: u64 = 4 << 20;

/// What differs between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// As `git diff` writes it.
    pub text: String,
    /// Whether there was more of it.
    pub truncated: bool,
    /// Every file that differs.
    pub files: Vec<FileChange>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its name, afterwards; what is not UTF-8 is replaced.
    pub path: String,
    /// Its name before, if it was renamed.
    pub old_path: Option<String>,
    /// What happened to it.
    pub status: FileStatus,
    /// Lines that were added.
    pub added: u64,
    /// Lines that were removed.
    pub removed: u64,
    /// Whether it has no lines.
    pub binary: bool,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileStatus {
    /// It is new.
    Added,
    /// Its content or mode is another.
    Modified,
    /// It is gone.
    Deleted,
    /// It has another name, and mostly the same content.
    Renamed,
    /// It was a file and is a link, or the other way round.
    TypeChanged,
}

impl Workspace {
    /// Compares two trees or commits. No attribute of the repository has a say in it.
    pub async fn diff(&self, from: &str, to: &str) -> Result<Diff, Error> {
        let (from, to) = (names::object(from)?, names::object(to)?);
        let ask = |form: &str| {
            let git = self.mirror.git("diff-tree");
            git.args([
                "-r",
                "-M",
                "--no-ext-diff",
                "--no-textconv",
                "--no-color",
                "--full-index",
            ])
            .args([form, "-z", from, to])
        };
        let patch = self
            .mirror
            .git("diff-tree")
            .args([
                "-r",
                "-M",
                "-p",
                "--no-ext-diff",
                "--no-textconv",
                "--no-color",
                from,
                to,
            ])
            .most(TEXT_MOST)
            .ask("compare trees");
        let (statuses, counts, patch) = tokio::try_join!(
            ask("--name-status").run("compare trees"),
            ask("--numstat").run("compare trees"),
            patch,
        )?;
        if !patch.status.success() && !patch.cut {
            return Err(patch.refusal("compare trees"));
        }
        Ok(Diff {
            text: text(&patch.out),
            truncated: patch.cut,
            files: files(&statuses, &counts),
        })
    }
}

/// Both lists have the same files in the same order.
fn files(statuses: &[u8], counts: &[u8]) -> Vec<FileChange> {
    let mut statuses = split(statuses);
    // The name of a rename stands in two fields of its own, after an empty one that `split` drops.
    let mut counts = split(counts);
    let mut files = Vec::new();
    while let (Some(letter), Some(first), Some(count)) =
        (statuses.next(), statuses.next(), counts.next())
    {
        let renamed = letter.first() == Some(&b'R');
        let second = if renamed { statuses.next() } else { None };
        if renamed {
            counts.next();
            counts.next();
        }
        let mut numbers = count.splitn(3, |byte| *byte == b'\t').map(text);
        let (added, removed) = (numbers.next(), numbers.next());
        let number = |field: Option<String>| field.and_then(|field| field.parse().ok());
        let (added, removed): (Option<u64>, Option<u64>) = (number(added), number(removed));
        files.push(FileChange {
            path: text(second.unwrap_or(first)),
            old_path: second.map(|_| text(first)),
            status: match letter.first() {
                Some(b'A') => FileStatus::Added,
                Some(b'D') => FileStatus::Deleted,
                Some(b'R') => FileStatus::Renamed,
                Some(b'T') => FileStatus::TypeChanged,
                _ => FileStatus::Modified,
            },
            added: added.unwrap_or(0),
            removed: removed.unwrap_or(0),
            binary: added.is_none(),
        });
    }
    files
}

#[cfg(test)]
mod tests {
    use super::{FileStatus, files};

    #[test]
    fn the_two_lists_are_read_together() {
        let statuses = b"M\0a\nb\0R096\0old\0new\0A\0\xff\0";
        let counts = b"1\t2\ta\nb\x003\t4\t\0old\0new\0-\t-\t\xff\0";
        let files = files(statuses, counts);
        let told: Vec<_> = files
            .iter()
            .map(|f| {
                (
                    f.path.as_str(),
                    f.old_path.as_deref(),
                    f.added,
                    f.removed,
                    f.binary,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("a\nb", None, 1, 2, false),
                ("new", Some("old"), 3, 4, false),
                ("\u{fffd}", None, 0, 0, true)
            ]
        );
        assert_eq!(files[1].status, FileStatus::Renamed);
    }
}

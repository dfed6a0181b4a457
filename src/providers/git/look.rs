//! Looking through a whole commit in a mirror: what there is, and where something is written.

use super::{Error, Mirror, browse::place, names};

/// Bytes of a list of files that are read.
const LIST: u64 = 16 << 20;
/// Bytes of found lines that are read.
const FOUND: u64 = 4 << 20;
/// Characters of a found line that are told.
const LINE: usize = 400;

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path; what is not UTF-8 is replaced.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
}

/// A line in which something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The file's path.
    pub path: String,
    /// The line's number, from 1.
    pub line: u64,
    /// The line, its beginning if it is long.
    pub text: String,
}

impl Mirror {
    /// The files of a commit, links and other repositories left out; the first hundred thousand or so.
    pub async fn listing(&self, commit: &str) -> Result<Vec<Listed>, Error> {
        let commit = names::object(commit)?;
        let said = self
            .git("ls-tree")
            .args(["-r", "-l", "-z", "--full-tree", commit])
            .most(LIST)
            .run("list the files of a commit")
            .await?;
        let text = String::from_utf8_lossy(&said).into_owned();
        Ok(text.split('\0').filter_map(listed).collect())
    }

    /// The texts of these files of a commit, in their order; nothing in the place of one that is no text, and of all behind
    /// so many bytes.
    pub async fn texts(
        &self,
        commit: &str,
        paths: &[&str],
        most: u64,
    ) -> Result<Vec<Option<String>>, Error> {
        let mut asked = String::new();
        for path in paths {
            asked.push_str(&place(commit, path)?);
            asked.push('\n');
        }
        // Beside every text stands its place.
        let most = most + asked.len() as u64 + 100 * paths.len() as u64;
        let git = self.git("cat-file").arg("--batch").stdin(asked).most(most);
        let said = git.ask("read the files of a commit").await?;
        if !said.cut && !said.status.success() {
            return Err(said.refusal("read the files of a commit"));
        }
        let mut texts = texts(&said.out);
        texts.resize(paths.len(), None);
        Ok(texts)
    }

    /// Lines of text files that hold these words, letters of either case, at or below a path; in the order of paths.
    pub async fn grep(
        &self,
        commit: &str,
        words: &str,
        path: &str,
        most: usize,
    ) -> Result<Vec<Match>, Error> {
        // Looks at the path as well.
        place(commit, path)?;
        if words.contains(['\0', '\n']) {
            return Err(Error::refused("this is no line of text", words));
        }
        let path = path.trim_matches('/');
        let git = self.git("grep").args([
            "-n",
            "-z",
            "-I",
            "-i",
            "-F",
            "--no-color",
            "--threads=1",
            "-e",
            words,
            commit,
            "--",
        ]);
        let git = if path.is_empty() { git } else { git.arg(path) };
        let said = git.most(FOUND).ask("search a commit").await?;
        // Nothing found is 1, and one that was cut short was stopped by us.
        if !said.cut && !matches!(said.status.code(), Some(0 | 1)) {
            return Err(said.refusal("search a commit"));
        }
        let text = String::from_utf8_lossy(&said.out).into_owned();
        let matches = text.split('\n').filter_map(|line| found(commit, line));
        Ok(matches.take(most).collect())
    }
}

/// `object type size<LF>content<LF>`, or `name missing<LF>`, one after the other.
fn texts(mut said: &[u8]) -> Vec<Option<String>> {
    let mut texts = Vec::new();
    while let Some(end) = said.iter().position(|byte| *byte == b'\n') {
        let head = String::from_utf8_lossy(&said[..end]).into_owned();
        said = &said[end + 1..];
        let mut words = head.rsplit(' ');
        let size = words.next().and_then(|size| size.parse::<usize>().ok());
        let is_file = words.next() == Some("blob");
        texts.push(size.filter(|_| is_file).and_then(|size| {
            let content = said.get(..size)?;
            let text = std::str::from_utf8(content).ok()?;
            (!text.contains('\0')).then(|| text.to_owned())
        }));
        said = said
            .get(size.map_or(0, |size| size + 1)..)
            .unwrap_or_default();
    }
    texts
}

/// `mode type object size<TAB>path`.
fn listed(line: &str) -> Option<Listed> {
    let (about, path) = line.split_once('\t')?;
    let mut words = about.split_whitespace();
    let (mode, kind) = (words.next()?, words.next()?);
    if kind != "blob" || mode == "120000" {
        return None;
    }
    Some(Listed {
        path: path.to_owned(),
        size: words.nth(1)?.parse().ok()?,
    })
}

/// `commit:path<NUL>number<NUL>line`.
fn found(commit: &str, line: &str) -> Option<Match> {
    let mut parts = line.splitn(3, '\0');
    let path = parts.next()?.strip_prefix(commit)?.strip_prefix(':')?;
    let number = parts.next()?.parse().ok()?;
    let text = parts.next()?.trim_end_matches('\r');
    Some(Match {
        path: path.to_owned(),
        line: number,
        text: text.chars().take(LINE).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_up_to_where_they_were_cut() {
        let object = "b".repeat(40);
        let said = format!(
            "{object} blob 4\na\nb\n\nc:x y missing\n{object} tree 2\nzz\n{object} blob 1\n\0\n{object} blob 9\nabc"
        );
        let read = texts(said.as_bytes());
        assert_eq!(read[..2], [Some("a\nb\n".to_owned()), None]);
        assert!(read[2..].iter().all(Option::is_none));
    }

    #[test]
    fn lines_are_read() {
        let commit = "c".repeat(40);
        let line = format!("{commit}:src/a:b.rs\x0012\0let a = \"\0\";\r");
        let hit = found(&commit, &line).unwrap();
        assert_eq!(
            (hit.path.as_str(), hit.line, hit.text.as_str()),
            ("src/a:b.rs", 12, "let a = \"\0\";")
        );
        assert_eq!(found(&commit, "Binary file matches"), None);
        let object = "b".repeat(40);
        let file = listed(&format!("100644 blob {object}      12\ta\tb.txt")).unwrap();
        assert_eq!((file.path.as_str(), file.size), ("a\tb.txt", 12));
        assert_eq!(listed(&format!("120000 blob {object} 12\tlink")), None);
        assert_eq!(listed(&format!("160000 commit {object} -\tother")), None);
    }
}

//! The tests of all files of a change, before and after, each old test beside what became of it.

use std::collections::{HashMap, HashSet};

use regex::Regex;

use super::lex::{Language, Source};
use super::{ChangedFile, Side, Test, Weakened, Weakening, tests, text};

/// More pairs are not compared for likeness.
const PAIRS: usize = 40_000;

/// Names that are listed of a file that is gone.
const NAMED: usize = 5;

/// The files of a change that hold tests.
#[derive(Debug, Default)]
pub(super) struct Known<'t> {
    files: Vec<File<'t>>,
}

#[derive(Debug)]
struct File<'t> {
    path: &'t str,
    gone: bool,
    after: Source<'t>,
    old: Vec<Test>,
    new: Vec<Test>,
}

impl<'t> Known<'t> {
    pub(super) fn add(&mut self, file: &ChangedFile<'t>, language: Language) {
        let before = Source::new(language, file.before.unwrap_or_default());
        let after = Source::new(language, file.after.unwrap_or_default());
        self.files.push(File {
            path: file.path,
            gone: file.after.is_none(),
            old: tests(&before),
            new: tests(&after),
            after,
        });
    }

    pub(super) fn weakened(&self) -> Vec<Weakened> {
        let mut found = Vec::new();
        let mut lost: Vec<(usize, &Test)> = Vec::new();
        let mut fresh: Vec<(usize, &Test)> = Vec::new();
        for (index, file) in self.files.iter().enumerate() {
            let (pairs, gone, new) = by_name(&file.old, &file.new);
            found.extend(
                pairs
                    .into_iter()
                    .flat_map(|(old, new)| changed(file.path, old, new)),
            );
            lost.extend(gone.into_iter().map(|test| (index, test)));
            fresh.extend(new.into_iter().map(|test| (index, test)));
        }
        let moved = moved(&lost, &fresh);
        for (&at, &to) in &moved {
            found.extend(changed(
                self.files[fresh[to].0].path,
                lost[at].1,
                fresh[to].1,
            ));
        }
        let taken: HashSet<usize> = moved.values().copied().collect();
        // A new test that is skipped or checks nothing is weak from the start; only what it claims is told.
        for (_, (index, test)) in fresh
            .iter()
            .enumerate()
            .filter(|(at, _)| !taken.contains(at))
        {
            found.extend(born_weak(self.files[*index].path, test));
        }
        let lost = lost
            .iter()
            .enumerate()
            .filter(|(at, _)| !moved.contains_key(at))
            .map(|(_, lost)| *lost);
        found.extend(self.gone(lost));
        found
    }

    /// A file that is gone is told once.
    fn gone<'k>(&self, lost: impl Iterator<Item = (usize, &'k Test)>) -> Vec<Weakened> {
        let mut by_file: HashMap<usize, Vec<&Test>> = HashMap::new();
        let mut found = Vec::new();
        for (index, test) in lost {
            let file = &self.files[index];
            if file.gone {
                by_file.entry(index).or_default().push(test);
            } else {
                found.push(missing(file, test).about(test));
            }
        }
        for (index, tests) in by_file {
            let names: Vec<String> = tests
                .iter()
                .take(NAMED)
                .map(|test| quoted(&test.name))
                .collect();
            let more = if tests.len() > NAMED { ", …" } else { "" };
            let s = if tests.len() == 1 { "" } else { "s" };
            let why = format!(
                "the file was deleted, and with it {} test{s}: {}{more}",
                tests.len(),
                names.join(", ")
            );
            found.push(weak(
                self.files[index].path,
                tests[0].line,
                Side::Before,
                Weakening::Deleted,
                why,
            ));
        }
        found
    }
}

fn weak(path: &str, line: u32, side: Side, kind: Weakening, why: String) -> Weakened {
    Weakened {
        path: text::name(path),
        line,
        side,
        kind,
        why,
        test: None,
    }
}

impl Weakened {
    fn about(self, test: &Test) -> Self {
        Self {
            test: Some(text::name(&test.name)),
            ..self
        }
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", text::name(name))
}

type Pairs<'f> = (Vec<(&'f Test, &'f Test)>, Vec<&'f Test>, Vec<&'f Test>);

/// Tests of the same name, those only the old file has, and those only the new one has; namesakes in their order.
fn by_name<'f>(old: &'f [Test], new: &'f [Test]) -> Pairs<'f> {
    let mut waiting: HashMap<&str, Vec<&Test>> = HashMap::new();
    for test in new.iter().rev() {
        waiting.entry(&test.name).or_default().push(test);
    }
    let mut pairs = Vec::new();
    let mut gone = Vec::new();
    for test in old {
        match waiting.get_mut(test.name.as_str()).and_then(Vec::pop) {
            Some(now) => pairs.push((test, now)),
            None => gone.push(test),
        }
    }
    let left: HashSet<u32> = waiting
        .into_values()
        .flatten()
        .map(|test| test.line)
        .collect();
    (
        pairs,
        gone,
        new.iter()
            .filter(|test| left.contains(&test.line))
            .collect(),
    )
}

/// Tests that went on under another name or in another file: of the same name, or with most of their lines.
fn moved(lost: &[(usize, &Test)], fresh: &[(usize, &Test)]) -> HashMap<usize, usize> {
    let mut moved = HashMap::new();
    let mut taken = HashSet::new();
    if lost.len().saturating_mul(fresh.len()) > PAIRS {
        return moved;
    }
    for same_name in [true, false] {
        for (at, (_, old)) in lost.iter().enumerate() {
            if moved.contains_key(&at) {
                continue;
            }
            let open = fresh
                .iter()
                .enumerate()
                .filter(|(to, _)| !taken.contains(to));
            let best = if same_name {
                open.filter(|(_, (_, new))| new.name == old.name)
                    .map(|(to, _)| to)
                    .next()
            } else {
                let scored = open.map(|(to, (_, new))| (likeness(&old.body, &new.body), to));
                scored
                    .filter(|(score, _)| *score >= 60)
                    .max_by_key(|(score, to)| (*score, usize::MAX - to))
                    .map(|(_, to)| to)
            };
            if let Some(to) = best {
                moved.insert(at, to);
                taken.insert(to);
            }
        }
    }
    moved
}

/// How many of a hundred lines two bodies share.
fn likeness(a: &[String], b: &[String]) -> usize {
    let mut lines: HashMap<&str, usize> = HashMap::new();
    for line in a {
        *lines.entry(line).or_default() += 1;
    }
    let shared = b.iter().filter(|line| {
        let left = lines.get_mut(line.as_str()).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    });
    100 * shared.count() / a.len().max(b.len()).max(1)
}

/// What became weaker in a test that is still there.
fn changed(path: &str, old: &Test, new: &Test) -> Vec<Weakened> {
    let name = quoted(&new.name);
    let mut found = Vec::new();
    let mut tell = |kind, why| found.push(weak(path, new.line, Side::After, kind, why).about(old));
    if let (None, Some(how)) = (&old.skipped, &new.skipped) {
        tell(
            Weakening::Skipped,
            format!("{name} is skipped now: {}", text::name(how)),
        );
    }
    if let (None, Some(how)) = (&old.focused, &new.focused) {
        tell(
            Weakening::Focused,
            format!(
                "{name} is singled out ({}), so the other tests beside it do not run",
                text::name(how)
            ),
        );
    }
    let (was, is) = (old.checks, new.checks);
    // A new table or loop lets fewer assertions check more.
    if is.all < was.all && (was.table || !is.table) {
        tell(
            Weakening::FewerAssertions,
            format!(
                "{name} checks less: {} before, {} now",
                assertions(was.all),
                is.all
            ),
        );
    } else if is.exact < was.exact && is.all - is.exact > was.all - was.exact {
        let why = format!(
            "{name} compares less exactly: {} of {} assertions named the value before, {} of {} now",
            was.exact, was.all, is.exact, is.all
        );
        tell(Weakening::LooserAssertions, why);
    }
    if is.empty > was.empty {
        tell(
            Weakening::Tautology,
            format!("{name} asserts something that always holds"),
        );
    }
    found
}

fn born_weak(path: &str, test: &Test) -> Vec<Weakened> {
    let name = quoted(&test.name);
    let mut found = Vec::new();
    if let Some(how) = &test.focused {
        let why = format!(
            "{name} is singled out ({}), so the other tests beside it do not run",
            text::name(how)
        );
        found.push(weak(path, test.line, Side::After, Weakening::Focused, why).about(test));
    }
    if test.checks.empty > 0 {
        let why = format!("{name} asserts something that always holds");
        found.push(weak(path, test.line, Side::After, Weakening::Tautology, why).about(test));
    }
    found
}

fn assertions(count: u32) -> String {
    if count == 1 {
        "1 assertion".to_owned()
    } else {
        format!("{count} assertions")
    }
}

/// Why a test is not there any more.
fn missing(file: &File<'_>, test: &Test) -> Weakened {
    let name = quoted(&test.name);
    let last = test.name.rsplit([':', '.']).next().unwrap_or(&test.name);
    if let Some(at) = find_name(&file.after.comments, last, file.after.language) {
        let why = format!("{name} was commented out");
        return weak(
            file.path,
            file.after.line(at),
            Side::After,
            Weakening::CommentedOut,
            why,
        );
    }
    if let Some((at, now)) = find_function(&file.after, last) {
        let why = if now == last {
            format!("{name} is still there but no longer marked as a test")
        } else {
            format!(
                "{name} is called {} now, which is no name of a test",
                quoted(&now)
            )
        };
        return weak(
            file.path,
            file.after.line(at),
            Side::After,
            Weakening::Unmarked,
            why,
        );
    }
    weak(
        file.path,
        test.line,
        Side::Before,
        Weakening::Deleted,
        format!("{name} was deleted"),
    )
}

/// Where a comment declares this test.
fn find_name(comments: &str, name: &str, language: Language) -> Option<usize> {
    let name = regex::escape(name);
    let pattern = match language {
        Language::Rust => format!(r"\bfn\s+{name}\s*[(<]"),
        Language::Python => format!(r"\bdef\s+{name}\s*\("),
        Language::Go => format!(r"\bfunc\s+{name}\s*\("),
        Language::JavaScript => {
            let title = name.rsplit(" > ").next().unwrap_or(&name);
            format!(r#"\b(?:it|test)[\w.]*\s*\(\s*["'`]{title}["'`]"#)
        }
    };
    Some(Regex::new(&pattern).ok()?.find(comments)?.start())
}

/// A function of (nearly) this name that is no test.
fn find_function(after: &Source<'_>, name: &str) -> Option<(usize, String)> {
    let escaped = regex::escape(name);
    let pattern = match after.language {
        Language::Rust => format!(r"\bfn\s+(_*{escaped})\s*[(<]"),
        Language::Python => format!(r"\bdef\s+(\w*{escaped})\s*\("),
        Language::Go => format!(r"(?i)\bfunc\s+(\w*{escaped})\s*\("),
        Language::JavaScript => return None,
    };
    let found = Regex::new(&pattern).ok()?.captures(&after.code)?;
    let name = found.get(1)?;
    Some((name.start(), name.as_str().to_owned()))
}

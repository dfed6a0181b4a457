//! Python: pytest where something asks for it, `unittest` where that is all the tests need.

use super::super::suite::{Framework, Report, Suite, argv};
use super::ci::{Run, first};
use super::tree::{Folder, Tree, ancestors, join};

/// What makes a folder a package of its own.
const MANIFESTS: [&str; 6] = [
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "pytest.ini",
    "tox.ini",
    "requirements.txt",
];

/// Where needs for tests are written down, the most telling first.
const NEEDS: [&str; 5] = [
    "requirements-dev.txt",
    "requirements-test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "requirements.txt",
];

/// How many test files are opened to see what they import.
const OPENED: usize = 40;

/// Left in the suite's folder by a run.
const REPORT: &str = ".codegraph-pytest.xml";

pub(super) fn suites(tree: &Tree, ci: &[Run]) -> Vec<Suite> {
    let manifest = |folder: &Folder| MANIFESTS.iter().any(|name| folder.has(name));
    let mut roots: Vec<&str> = Vec::new();
    for (path, folder) in tree
        .folders
        .iter()
        .filter(|(_, folder)| folder.files.iter().any(|name| is_test(name)))
    {
        let own = std::iter::once(path.as_str()).chain(ancestors(path));
        let root = own
            .into_iter()
            .find(|dir| tree.folder(dir).is_some_and(manifest))
            .unwrap_or("");
        // A test beside scripts of another kind is not a suite unless Python is at home there.
        if !roots.contains(&root) && !folder.files.is_empty() {
            roots.push(root);
        }
    }
    roots
        .iter()
        .filter_map(|dir| suite(tree, ci, dir, &roots))
        .collect()
}

fn is_test(name: &str) -> bool {
    name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"))
}

/// What the tests of a package look like.
#[derive(Default)]
struct Look {
    pytest: bool,
    unittest: bool,
    /// Folders with tests, relative to the root of the repository.
    folders: Vec<String>,
}

fn suite(tree: &Tree, ci: &[Run], dir: &str, roots: &[&str]) -> Option<Suite> {
    let look = look(tree, dir, roots);
    let asked = asks_for_pytest(tree, dir);
    let run = first(ci, "pytest");
    let because = match (&asked, run) {
        (Some(file), _) => join(dir, file),
        (None, Some(run)) if !look.unittest || look.pytest => run.file.clone(),
        _ => look
            .folders
            .first()
            .map(|folder| join(folder, "test_*.py"))?,
    };
    if asked.is_some() || look.pytest || !look.unittest || run.is_some() {
        return Some(pytest(tree, dir, because));
    }
    Some(unittest(tree, dir, &look.folders, because))
}

fn look(tree: &Tree, dir: &str, roots: &[&str]) -> Look {
    let mut look = Look::default();
    let mut opened = 0;
    let nearest = |path: &str| {
        let own = std::iter::once(path).chain(ancestors(path));
        own.into_iter()
            .find(|above| roots.contains(above))
            .map(str::to_owned)
    };
    for (path, folder) in tree
        .below(dir)
        .filter(|(path, _)| nearest(path).as_deref() == Some(dir))
    {
        let tests: Vec<&String> = folder.files.iter().filter(|name| is_test(name)).collect();
        if !tests.is_empty() {
            look.folders.push(path.to_owned());
        }
        look.pytest |= folder.has("conftest.py");
        for name in tests.into_iter().take(OPENED.saturating_sub(opened)) {
            opened += 1;
            let text = tree.text(path, name).unwrap_or_default();
            look.pytest |= text
                .lines()
                .any(|line| line.starts_with("import pytest") || line.starts_with("from pytest"));
            look.unittest |= text.contains("unittest");
        }
    }
    look
}

/// The file that configures or requires pytest.
fn asks_for_pytest(tree: &Tree, dir: &str) -> Option<&'static str> {
    let signs: [(&'static str, &[&str]); 9] = [
        ("pytest.ini", &[""]),
        (
            "pyproject.toml",
            &["[tool.pytest", "\"pytest", "'pytest", "\npytest"],
        ),
        ("setup.cfg", &["[tool:pytest]", "\n    pytest"]),
        ("tox.ini", &["[pytest]", "pytest"]),
        ("requirements-dev.txt", &["pytest"]),
        ("requirements-test.txt", &["pytest"]),
        ("dev-requirements.txt", &["pytest"]),
        ("test-requirements.txt", &["pytest"]),
        ("requirements.txt", &["pytest"]),
    ];
    let found = signs.into_iter().find(|(file, words)| {
        tree.has(dir, file)
            && tree
                .text(dir, file)
                .is_some_and(|text| words.iter().any(|word| text.contains(word)))
    });
    found.map(|(file, _)| file)
}

fn pytest(tree: &Tree, dir: &str, because: String) -> Suite {
    // Of old the report named no files; the older family does, and every version writes it.
    let options = [
        "-m",
        "pytest",
        "-v",
        "-rA",
        "--continue-on-collection-errors",
        "-o",
        "junit_family=xunit1",
    ];
    let report = format!("--junitxml={REPORT}");
    let python = python(tree, dir);
    let command = [&[python.as_str()], &options[..], &[report.as_str()]].concat();
    Suite {
        framework: Framework::Pytest,
        dir: dir.to_owned(),
        setup: setup(tree, dir),
        command: argv(&command),
        report: Report::JUnit(REPORT.to_owned()),
        because,
    }
}

fn unittest(tree: &Tree, dir: &str, folders: &[String], because: String) -> Suite {
    let python = python(tree, dir);
    let mut command = vec![];
    // Nothing installs the package, so it must be found where it lies.
    if tree.folder(&join(dir, "src")).is_some() {
        command = argv(&["env", "PYTHONPATH=src"]);
    }
    command.extend(argv(&[&python, "-m", "unittest", "discover", "-v"]));
    let inside = |folder: &String| {
        folder
            .strip_prefix(dir)
            .unwrap_or(folder)
            .trim_start_matches('/')
            .to_owned()
    };
    let top: Vec<String> = folders
        .iter()
        .map(inside)
        .map(|f| f.split('/').next().unwrap_or_default().to_owned())
        .collect();
    if let Some(first) = top
        .first()
        .filter(|first| !first.is_empty() && top.iter().all(|other| other == *first))
    {
        command.extend(argv(&["-s", first]));
        // As a package the tests are imported from above, so that they may import one another.
        if tree.has(&join(dir, first), "__init__.py") {
            command.extend(argv(&["-t", "."]));
        }
    }
    Suite {
        framework: Framework::Unittest,
        dir: dir.to_owned(),
        setup: setup(tree, dir),
        command,
        report: Report::Stdout,
        because,
    }
}

const OWN_PYTHON: &str = ".venv/bin/python";

/// The interpreter of the package's own environment, which is there or which the setup makes.
fn python(tree: &Tree, dir: &str) -> String {
    let own = tree.exists(&join(dir, OWN_PYTHON)) || !setup(tree, dir).is_empty();
    if own {
        OWN_PYTHON.to_owned()
    } else {
        "python3".to_owned()
    }
}

/// Installs what the package says it needs into an environment of its own, when there is none yet.
fn setup(tree: &Tree, dir: &str) -> Vec<String> {
    if tree.exists(&join(dir, ".venv")) {
        return vec![];
    }
    let mut files: Vec<&str> = NEEDS
        .into_iter()
        .filter(|name| tree.has(dir, name) && has_needs(tree, dir, name))
        .collect();
    // A file for development usually includes the other one.
    files.truncate(2);
    let mut install: Vec<String> = files.iter().map(|file| format!("-r {file}")).collect();
    if files.is_empty() && declares_dependencies(tree, dir) {
        install.push("-e . pytest".to_owned());
    }
    if install.is_empty() {
        return vec![];
    }
    let script = format!(
        "python3 -m venv .venv && .venv/bin/python -m pip install --quiet {}",
        install.join(" ")
    );
    argv(&["sh", "-c", &script])
}

fn has_needs(tree: &Tree, dir: &str, file: &str) -> bool {
    let text = tree.text(dir, file).unwrap_or_default();
    text.lines()
        .any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
}

fn declares_dependencies(tree: &Tree, dir: &str) -> bool {
    let project = tree
        .text(dir, "pyproject.toml")
        .and_then(|text| text.parse::<toml::Table>().ok());
    let list = project
        .as_ref()
        .and_then(|table| table.get("project")?.get("dependencies")?.as_array());
    list.is_some_and(|list| !list.is_empty())
}

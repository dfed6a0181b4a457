//! Cargo: one suite for each workspace, and for each package that belongs to none.

use globset::Glob;

use super::super::suite::{Framework, Report, Suite, argv};
use super::ci::{Run, first};
use super::tree::{Tree, ancestors, join};

pub(super) fn suites(tree: &Tree, ci: &[Run]) -> Vec<Suite> {
    let manifests: Vec<(&str, toml::Table)> = tree
        .with("Cargo.toml")
        .filter_map(|dir| Some((dir, tree.text(dir, "Cargo.toml")?.parse().ok()?)))
        .collect();
    let covered = |dir: &str| {
        ancestors(dir).any(|above| {
            let manifest = manifests.iter().find(|(dir, _)| *dir == above);
            manifest.is_some_and(|(_, table)| is_member(table, dir, above))
        })
    };
    let roots = manifests.iter().filter(|(dir, table)| {
        table.contains_key("workspace") || table.contains_key("package") && !covered(dir)
    });
    roots
        .map(|(dir, table)| suite(tree, ci, dir, table))
        .collect()
}

fn suite(tree: &Tree, ci: &[Run], dir: &str, table: &toml::Table) -> Suite {
    let manifest = join(dir, "Cargo.toml");
    let config = tree.text(&join(dir, ".config"), "nextest.toml");
    let run = first(ci, "cargo nextest run");
    let workspace = table.contains_key("workspace");
    let all: &[&str] = if workspace { &["--workspace"] } else { &[] };
    if config.is_none() && run.is_none() {
        let command = [&["cargo", "test"], all, &["--no-fail-fast"]].concat();
        return Suite {
            framework: Framework::CargoTest,
            dir: dir.to_owned(),
            setup: vec![],
            command: argv(&command),
            report: Report::Stdout,
            because: manifest,
        };
    }
    let plain = [
        "--no-fail-fast",
        "--status-level",
        "all",
        "--final-status-level",
        "none",
        "--failure-output",
        "immediate",
    ];
    let command = [&["cargo", "nextest", "run"], all, &plain].concat();
    let because = match run {
        Some(run) if config.is_none() => format!("{manifest}, {}", run.file),
        _ => format!("{manifest}, {}", join(dir, ".config/nextest.toml")),
    };
    Suite {
        framework: Framework::CargoNextest,
        dir: dir.to_owned(),
        setup: vec![],
        command: argv(&command),
        report: config
            .and_then(|config| junit(&config))
            .map_or(Report::Stdout, Report::JUnit),
        because,
    }
}

/// Where the default profile leaves its report, when it leaves one.
fn junit(config: &str) -> Option<String> {
    let config: toml::Table = config.parse().ok()?;
    let path = config
        .get("profile")?
        .get("default")?
        .get("junit")?
        .get("path")?
        .as_str()?;
    let inside = !path.starts_with('/') && !path.split('/').any(|part| part == "..");
    inside.then(|| format!("target/nextest/default/{path}"))
}

/// Whether a workspace takes this folder in. Packages that are only depended upon by path are members as well; they lie
/// among the others, so a workspace is taken to hold what is below it unless it says otherwise.
fn is_member(table: &toml::Table, dir: &str, root: &str) -> bool {
    let Some(workspace) = table.get("workspace") else {
        return false;
    };
    let relative = dir
        .strip_prefix(root)
        .unwrap_or(dir)
        .trim_start_matches('/');
    let listed = |key: &str| {
        let list = workspace
            .get(key)
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten();
        let patterns = list
            .filter_map(toml::Value::as_str)
            .filter_map(|text| Glob::new(text.trim_end_matches('/')).ok());
        let mut hits = patterns.filter(|glob| {
            let matcher = glob.compile_matcher();
            matcher.is_match(relative)
                || ancestors(relative)
                    .any(|above| !above.is_empty() && key == "exclude" && matcher.is_match(above))
        });
        hits.next().is_some()
    };
    if listed("exclude") {
        return false;
    }
    let says = workspace.get("members").is_some();
    listed("members") || !says || table.get("package").is_some() && depends(table, relative)
}

fn depends(table: &toml::Table, relative: &str) -> bool {
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let tables = kinds.iter().filter_map(|kind| table.get(*kind)?.as_table());
    let mut paths = tables
        .flat_map(|table| table.values())
        .filter_map(|dependency| dependency.get("path")?.as_str());
    paths.any(|path| path.trim_start_matches("./").trim_end_matches('/') == relative)
}

//! Who may import whom (docs/ARCHITECTURE.md draws the same arrows).

use super::Breach;
use super::source::Source;

/// A room of `src/`, the rooms it may use, and the crates it must not touch.
type Room = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// Arrows point one way. `error` is everybody's vocabulary.
const ROOMS: &[Room] = &[
    ("config", &[], &[]),
    ("telemetry", &["config"], &["sqlx"]),
    ("models", &["error"], &["poem", "poem_openapi"]),
    (
        "providers",
        &["config", "error", "failpoint"],
        &["sqlx", "poem", "poem_openapi"],
    ),
    ("evidence", &["error"], &["sqlx", "poem", "poem_openapi"]),
    ("syntax", &[], &["sqlx", "poem", "poem_openapi"]),
    (
        "postgres",
        &["config", "error", "models"],
        &["poem", "poem_openapi"],
    ),
    (
        "database",
        &["config", "error", "models", "postgres"],
        &["poem", "poem_openapi"],
    ),
    (
        "services",
        // `evidence` and `syntax` are pure: what a repository's tests are, and what it defines, is told before anybody
        // works on it.
        &[
            "config",
            "error",
            "evidence",
            "failpoint",
            "models",
            "providers",
            "syntax",
        ],
        &["poem", "poem_openapi"],
    ),
    (
        "agents",
        &[
            "config",
            "error",
            "evidence",
            "providers",
            "services",
            "syntax",
        ],
        &["sqlx", "poem", "poem_openapi"],
    ),
    // `models` only for the rows inside `From<Row> for View`; without sqlx no query can be run.
    (
        "api",
        &["config", "error", "models", "services"],
        &["sqlx", "octocrab", "reqwest"],
    ),
    (
        "worker",
        &[
            "agents",
            "config",
            "error",
            "evidence",
            "failpoint",
            "models",
            "providers",
            "services",
            "telemetry",
        ],
        &["poem", "poem_openapi"],
    ),
    // Another program in all but name: it knows the server by its document.
    ("client", &[], &["sqlx", "poem", "poem_openapi"]),
    (
        "doctor",
        &["config", "models", "providers"],
        &["poem", "poem_openapi"],
    ),
    ("error", &[], &["poem", "poem_openapi"]),
    ("failpoint", &[], &["sqlx", "poem", "poem_openapi"]),
];

/// The rooms on top put the others together and may use them all.
const TOP: [&str; 4] = ["app", "cli", "lib", "main"];

/// Where SQL may stand: with the rows, in the queue's own store, in tests and in demonstrations.
const SQL: [&str; 5] = [
    "src/models/",
    "jobs/src/store/",
    "tests/",
    "examples/",
    "benches/",
];

/// What begins or builds a statement.
const STATEMENTS: [&str; 5] = [
    "query",
    "query_as",
    "query_scalar",
    "raw_sql",
    "QueryBuilder",
];

pub(super) fn rooms(source: &Source) -> Vec<Breach> {
    let Some(room) = room_of(&source.path) else {
        return vec![];
    };
    if TOP.contains(&room) {
        return vec![];
    }
    let Some((_, may, _)) = ROOMS.iter().find(|(name, ..)| *name == room) else {
        return vec![Breach {
            file: source.path.clone(),
            line: 1,
            rule: format!("the room `{room}` has no row in tests/it/tidy/imports.rs"),
            why: "a new room says whom it may use before it uses anybody",
        }];
    };
    let breach = |(line, used): (usize, String)| Breach {
        file: source.path.clone(),
        line,
        rule: format!(
            "`{room}` must not use `crate::{used}`; it may use {}",
            list(may)
        ),
        why: "arrows between rooms point one way, so that each can be read and tested alone",
    };
    let used = used_rooms(source);
    used.into_iter()
        .filter(|(_, r)| r != room && !may.contains(&r.as_str()))
        .map(breach)
        .collect()
}

pub(super) fn strangers(source: &Source) -> Vec<Breach> {
    let row = room_of(&source.path).and_then(|room| ROOMS.iter().find(|row| row.0 == room));
    let Some((room, _, never)) = row else {
        return vec![];
    };
    let mut breaches = Vec::new();
    for (line, code) in source.product() {
        for name in never.iter().filter(|name| has_path(code, name)) {
            breaches.push(Breach {
                file: source.path.clone(),
                line,
                rule: format!("`{room}` must not use the crate `{name}`"),
                why: "SQL stays with the rows, HTTP with the API, vendors with the providers",
            });
        }
    }
    breaches
}

pub(super) fn sql(source: &Source) -> Vec<Breach> {
    if SQL.iter().any(|place| source.path.starts_with(place)) {
        return vec![];
    }
    let statement = |code: &str| {
        STATEMENTS.iter().any(|name| {
            let called = [format!("sqlx::{name}"), format!("{name}!(")];
            called.iter().any(|call| {
                code.match_indices(call)
                    .any(|(at, _)| whole(code, at, call))
            })
        })
    };
    let lines = source.product().filter(|(_, code)| statement(code));
    let breach = |(line, _)| Breach {
        file: source.path.clone(),
        line,
        rule: format!("SQL outside {}", list(&SQL)),
        why: "one place to look when a table changes; move it into a function under src/models/",
    };
    lines.map(breach).collect()
}

/// `src/api/tasks.rs` and `src/api.rs` are of the room `api`; other crates have no rooms.
fn room_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    inside
        .split('/')
        .next()
        .map(|first| first.strip_suffix(".rs").unwrap_or(first))
}

/// Every `crate::room` in product code, and the rooms of `use crate::{a, b::c}`.
fn used_rooms(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let lines: Vec<(usize, &str)> = source.product().collect();
    for (index, (line, code)) in lines.iter().enumerate() {
        for (at, _) in code.match_indices("crate::") {
            if !whole(code, at, "crate::") {
                continue;
            }
            let rest = &code[at + "crate::".len()..];
            if rest.starts_with('{') {
                let later: Vec<&str> = lines[index + 1..].iter().map(|(_, code)| *code).collect();
                let group = format!("{rest}\n{}", later.join("\n"));
                found.extend(first_names(&group).into_iter().map(|name| (*line, name)));
            } else {
                found.push((*line, name(rest)));
            }
        }
    }
    // `crate::Error` is the root's own; rooms are written small.
    found.retain(|(_, name)| name.starts_with(|c: char| c.is_ascii_lowercase()));
    found
}

/// The first path segments inside `{a::b, c::{d, e}}`.
fn first_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut start = None;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match c {
            '{' | ',' if depth == 1 => start = Some(at + 1),
            _ if c.is_whitespace() => {}
            _ => {
                if let Some(at) = start.take().filter(|_| depth == 1) {
                    names.push(name(group[at..].trim_start()));
                }
            }
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn name(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// Whether `name::` stands there as a crate: not as the end of a word or inside another path.
fn has_path(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    code.match_indices(&path).any(|(at, _)| {
        let parent = code[..at]
            .strip_suffix("::")
            .and_then(|before| before.chars().next_back());
        whole(code, at, &path) && !parent.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Whether what stands at `at` is not part of a longer word.
fn whole(code: &str, at: usize, text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let open = text.ends_with(|c| !word(c));
    !code[..at].ends_with(word) && (open || !code[at + text.len()..].starts_with(word))
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

#[test]
fn forbidden_imports_are_seen_in_every_spelling() {
    for (text, lines) in [
        ("use crate::models::task;", vec![]),
        ("use crate::api::Problem;", vec![1]),
        ("use crate::{models, api::Problem};", vec![1]),
        (
            "use crate::{\n    models::{task, run},\n    worker,\n};\n",
            vec![1],
        ),
        ("use crate::{models::{api, worker}, error::Error};", vec![]),
        ("fn f() {\n    crate::agents::run()\n}", vec![2]),
        (
            "// crate::api is elsewhere\nlet x = \"crate::api\";",
            vec![],
        ),
        ("use crate::services::tasks;\nuse super::super::x;", vec![]),
        ("#[cfg(test)]\nmod tests {\n    use crate::api;\n}", vec![]),
    ] {
        let found = rooms(&Source::new("src/services/tasks.rs", text));
        assert_eq!(
            found.iter().map(|b| b.line).collect::<Vec<_>>(),
            lines,
            "{text}"
        );
    }
    assert_eq!(rooms(&Source::new("src/attic/mod.rs", "")).len(), 1);
    assert!(rooms(&Source::new("src/main.rs", "use crate::api;")).is_empty());
}

#[test]
fn sql_is_seen_outside_its_place() {
    for (text, count) in [
        ("sqlx::query(\"select 1\")", 1),
        ("sqlx::query_as!(Row, \"x\")", 1),
        ("let q = query_scalar!(\"x\");", 1),
        ("sqlx::raw_sql(text)", 1),
        ("my_query!(x); sqlx::query_builder::X", 0),
        ("url.query(); sqlx::migrate!()", 0),
    ] {
        assert_eq!(
            sql(&Source::new("src/services/x.rs", text)).len(),
            count,
            "{text}"
        );
        assert!(sql(&Source::new("src/models/x.rs", text)).is_empty());
    }
    assert_eq!(
        strangers(&Source::new("src/api/x.rs", "use sqlx::PgPool;")).len(),
        1
    );
    assert_eq!(
        strangers(&Source::new("src/api/x.rs", "use ::sqlx::PgPool;")).len(),
        1
    );
    assert!(strangers(&Source::new("src/services/x.rs", "use sqlx::PgPool;")).is_empty());
    assert!(
        strangers(&Source::new(
            "src/api/x.rs",
            "use crate::models::sqlx_like::x;"
        ))
        .is_empty()
    );
}

//! `.sqlx/` holds what Postgres said about each checked statement: all of it is used, and it is still true.
//! A statement that is missing there does not compile.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;

/// The files in which checked statements stand.
const STATEMENTS: [&str; 2] = ["src/models", "jobs/src/store"];

/// What is kept about a statement.
#[derive(Deserialize)]
struct Kept {
    query: String,
    describe: Value,
}

fn kept() -> Vec<Kept> {
    let read = |file: PathBuf| serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    files(".sqlx").map(read).collect()
}

fn files(folder: &str) -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().path())
}

#[test]
fn everything_kept_is_used() {
    let sources: Vec<String> = STATEMENTS
        .into_iter()
        .flat_map(files)
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let left: Vec<String> = kept()
        .into_iter()
        .map(|kept| kept.query)
        .filter(|query| !sources.iter().any(|source| stands_in(query, source)))
        .collect();
    assert!(
        left.is_empty(),
        "no source has these statements of .sqlx/ any more; mend it with `make sqlx`\n\n{}",
        left.join("\n\n")
    );
}

/// Whether a file has this text as a literal, or as up to four that macros put together.
fn stands_in(query: &str, source: &str) -> bool {
    made_of(query, &literals(source), 4)
}

fn made_of(query: &str, literals: &[String], most: usize) -> bool {
    let goes_on = |begin: &String| {
        let rest = query.strip_prefix(begin.as_str());
        let rest = rest.filter(|_| !begin.is_empty());
        rest.is_some_and(|rest| made_of(rest, literals, most - 1))
    };
    query.is_empty() || most > 0 && literals.iter().any(goes_on)
}

/// The texts of a file, raw ones among them.
fn literals(source: &str) -> Vec<String> {
    let form = regex::Regex::new(r##"(?s)r#"(.*?)"#|"((?:[^"\\]|\\.)*)""##).unwrap();
    let text = |found: regex::Captures<'_>| match (found.get(1), found.get(2)) {
        (Some(raw), _) => raw.as_str().to_owned(),
        (None, plain) => plain
            .map_or("", |plain| plain.as_str())
            .replace("\\\"", "\""),
    };
    form.captures_iter(source).map(text).collect()
}

#[test]
fn statements_are_found_in_sources() {
    let source = r##"
        query!("delete from a");
        query!(r#"select b as "b!" from a"#, b);
        query!("select '{\"c\": 1}'");
        select!("where d = $1")
        macro_rules! select { ($which:literal) => { query!("select d from a " + $which) } }
    "##;
    for (query, stands) in [
        ("delete from a", true),
        ("delete from", false),
        (r#"select b as "b!" from a"#, true),
        (r#"select b as "b?" from a"#, false),
        (r#"select '{"c": 1}'"#, true),
        ("select d from a where d = $1", true),
        ("select d from a where d = $2", false),
    ] {
        assert_eq!(stands_in(query, source), stands, "{query}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn everything_kept_is_true() {
    use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

    let db = crate::support::TestDb::new().await;
    for kept in kept() {
        let sql = AssertSqlSafe(kept.query.as_str()).into_sql_str();
        let said = db.pool.describe(sql).await;
        let said = said.unwrap_or_else(|error| panic!("{error}\n\n{}", kept.query));
        assert_eq!(
            settled(serde_json::to_value(&said).unwrap()),
            settled(kept.describe),
            "the tables have changed under this statement; mend .sqlx/ with `make sqlx`\n\n{}",
            kept.query
        );
    }
    db.finish().await;
}

/// Without what depends on the plan that the server happens to choose: whether a column of an outer join can be null. It
/// counts for nothing where the statement says so itself, with `?` or `!`.
#[cfg(unix)]
fn settled(mut describe: Value) -> Value {
    let columns = describe["columns"].as_array().cloned().unwrap_or_default();
    for (at, column) in columns.iter().enumerate() {
        let name = column["name"].as_str().unwrap_or_default();
        if name.ends_with(['?', '!']) {
            describe["nullable"][at] = Value::Null;
        }
    }
    describe
}

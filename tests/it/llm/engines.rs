//! Rows of engines: what makes one, what is wrong with one, who may have one.

use std::collections::BTreeMap;
use std::fs;

use codegraph::config::{Config, ModelsConfig};
use codegraph::providers::llm::Catalogue;
use codegraph::providers::llm::catalogue::{Filling, LastWord};
use codegraph::services::catalogue::Models;

const ROW: &str = r#"
[[engines]]
id = "fake"
command = ["prog", "--model={model}", "-c", 'url="{door}/v1"', "{prompt}"]
model = "claude-sonnet-5-5"
env = { KEY = "{pass}", CONFIG = '{"a": {"b": "{door}"}, "c": {}}' }
"#;

fn configured(row: &str, settings: &[(&str, &str)]) -> (tempfile::TempDir, ModelsConfig) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("models.toml");
    fs::write(&file, row).unwrap();
    let named = ("CODEGRAPH_MODELS", file.to_str().unwrap());
    let variables = settings.iter().chain([&named]);
    let variables = variables.map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    let config = Config::read(variables, folder.path()).unwrap().models;
    (folder, config)
}

#[test]
fn places_are_filled_in_and_other_braces_stay() {
    let catalogue = Catalogue::with_text(ROW, "here").unwrap();
    let engine = catalogue.engine("fake").unwrap();
    let filling = Filling {
        prompt: "do {model}",
        door: "http://d",
        pass: "p",
        model: "m",
    };
    assert_eq!(
        engine.command(filling),
        [
            "prog",
            "--model=m",
            "-c",
            "url=\"http://d/v1\"",
            "do {model}"
        ]
    );
    let env = engine.env(filling);
    assert_eq!(env["CONFIG"], r#"{"a": {"b": "http://d"}, "c": {}}"#);
    assert_eq!(env["KEY"], "p");
    assert!(!engine.listens());
    assert_eq!(
        (engine.limit.as_secs(), &engine.last_word),
        (1800, &LastWord::Text)
    );
    assert!(engine.shown().ends_with("{prompt}"), "{}", engine.shown());
}

#[test]
fn what_is_wrong_with_a_row_is_said() {
    for (from, to, says) in [
        (
            "\"fake\"",
            "\"claude-opus-5-5\"",
            "a model and an engine are called `claude-opus-5-5`",
        ),
        ("\"fake\"", "\"opus 5\"", "not the name of an engine"),
        ("\"fake\"", "\"openai/x\"", "not the name of an engine"),
        (
            "claude-sonnet-5-5",
            "gpt-0",
            "the engine `fake` uses `gpt-0`, which has no row",
        ),
        (
            "\"prog\", ",
            "\"\", ",
            "the engine `fake`: its command is empty",
        ),
        (
            "\"prog\"",
            "\"{model}\"",
            "its program is not known beforehand",
        ),
        (
            "{prompt}",
            "{promt}",
            "the engine `fake`: `{promt}` is not known; there are {prompt}, {door}",
        ),
        ("\"{pass}\"", "\"{prompt}\"", "KEY holds {prompt}"),
        ("KEY", "1KEY", "`1KEY` is not the name of a variable"),
        ("env =", "minutes = 0\nenv =", "up to 240 minutes"),
        (
            "env =",
            "readable = [\"x\"]\nenv =",
            "`x` in readable is no whole path",
        ),
        (
            "env =",
            "last_word = { json = \"a..b\" }\nenv =",
            "`a..b` is not the name of a field",
        ),
        ("env =", "colour = 1\nenv =", "colour"),
    ] {
        let row = ROW.replacen(from, to, 1);
        assert_ne!(row, ROW, "{from}");
        let error = Catalogue::with_text(&row, "here").unwrap_err().to_string();
        assert!(
            error.starts_with("here: ") && error.contains(says),
            "{error}"
        );
    }
    let twice = format!("{ROW}{ROW}");
    let error = Catalogue::with_text(&twice, "here")
        .unwrap_err()
        .to_string();
    assert!(error.contains("two engines are called `fake`"), "{error}");
}

#[test]
fn only_the_coder_can_be_one() {
    let (_folder, config) = configured(ROW, &[]);
    let models = Models::new(&config).unwrap();
    let named = |role: &str| BTreeMap::from([(role.to_owned(), "fake".to_owned())]);
    models.check(&named("coder")).unwrap();
    for role in ["planner", "tester", "reviewer"] {
        let error = models.check(&named(role)).unwrap_err();
        let error = format!("{error:?}");
        assert!(
            error.contains(role) && error.contains("only the coder can be one"),
            "{error}"
        );
    }
    assert_eq!(models.roles_for("fake").unwrap(), ["coder"]);
    assert_eq!(models.roles_for("claude-opus-5-5").unwrap().len(), 4);
    assert!(models.roles_for("gpt-0").is_err());
    let listed = models.list(chrono::Utc::now());
    let listed = listed.last().unwrap();
    assert_eq!(
        (listed.id.as_str(), listed.provider.as_str()),
        ("fake", "command")
    );
    assert!(
        listed
            .missing
            .as_ref()
            .is_some_and(|why| why.contains("ANTHROPIC_API_KEY"))
    );
    assert!(listed.roles.is_empty());

    let (_folder, config) = configured(ROW, &[("CODEGRAPH_MODEL_REVIEWER", "fake")]);
    let error = Catalogue::configured(&config).unwrap_err().to_string();
    assert_eq!(
        error,
        "CODEGRAPH_MODEL_REVIEWER: `fake` is an engine; only the coder can be one"
    );
    let (_folder, config) = configured(ROW, &[("CODEGRAPH_MODEL_CODER", "fake")]);
    let catalogue = Catalogue::configured(&config).unwrap();
    assert_eq!(catalogue.coding_engine().unwrap().id, "fake");
    assert_eq!(catalogue.for_role("coder").id, "claude-sonnet-5-5");
    let roles = |id: &str| {
        let listed = Models::new(&config).unwrap().list(chrono::Utc::now());
        listed.into_iter().find(|one| one.id == id).unwrap().roles
    };
    assert_eq!(roles("fake"), ["coder"]);
    assert_eq!(roles("claude-sonnet-5-5"), ["tester"]);
}

#[test]
fn a_last_word_is_all_or_a_field_of_the_last_line_that_has_it() {
    let json = |field: &str| LastWord::Json(field.to_owned());
    assert_eq!(LastWord::Text.find(" done \n").as_deref(), Some("done"));
    assert_eq!(LastWord::Text.find(" \n"), None);
    let one = "{\n\"result\": \"done\"\n}";
    assert_eq!(json("result").find(one).as_deref(), Some("done"));
    let lines = "{\"item\": {\"text\": \"first\"}}\nnoise\n{\"item\": {\"text\": \"last\"}}\n{\"usage\": 1}\n";
    assert_eq!(json("item.text").find(lines).as_deref(), Some("last"));
    assert_eq!(json("result").find(lines), None);
}

#[test]
fn the_examples_are_rows() {
    let doc = include_str!("../../../docs/adding-an-engine.md");
    let blocks: Vec<&str> = doc.split("```toml\n").skip(1).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let row = block.split("```").next().unwrap();
        let catalogue = Catalogue::with_text(row, "the example").unwrap();
        assert!(!catalogue.engines().is_empty());
    }
}

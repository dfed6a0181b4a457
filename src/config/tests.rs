//! What a person may write, and what they are told when it does not fit.

use std::time::Duration;

use secrecy::ExposeSecret;
use workflows::Lane;

use super::*;

fn read(variables: &[(&str, &str)], file: Option<&str>) -> Result<Config, Error> {
    let folder = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        std::fs::write(folder.path().join("codegraph.toml"), text).unwrap();
    }
    let variables = variables
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    Config::read(variables, folder.path())
}

fn refusal(variables: &[(&str, &str)], file: Option<&str>) -> String {
    read(variables, file).unwrap_err().to_string()
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let config = read(&[], None).unwrap();
    assert!(config.home.is_absolute() && config.file.is_none() && config.ignored.is_empty());
    assert!(config.database.url.is_none() && config.redis.url.is_none());
    assert_eq!(config.database.connections, 16);
    assert!(!config.database.allow_no_vector);
    assert_eq!(config.worker.lanes, Lanes::default());
    assert_eq!(
        Lane::ALL.map(|lane| config.worker.concurrency.of(lane)),
        [4, 2, 4, 2]
    );
    assert_eq!(config.worker.lease, Duration::from_secs(10));
    assert_eq!(config.worker.shutdown_grace, Duration::from_secs(30));
    assert_eq!(
        (
            config.worker.runs_per_user,
            config.worker.runs_per_repository
        ),
        (8, 4)
    );
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8400");
    assert_eq!(config.sandbox.wall, Wall::Auto);
    assert_eq!(config.log.format, LogFormat::Auto);
}

#[test]
fn our_variable_wins_over_the_shared_one_and_both_over_the_file() {
    let file = Some("database_url = 'postgresql://file/x'\nlease = 4\nconcurrency = 3");
    let shared = ("DATABASE_URL", "postgresql://shared/x");
    let ours = ("CODEGRAPH_DATABASE_URL", "postgresql://ours/x");
    let host = |variables: &[_]| {
        let config = read(variables, file).unwrap();
        assert_eq!(config.worker.lease, Duration::from_secs(4));
        config.database.url.unwrap().to_string()
    };
    assert_eq!(host(&[shared, ours]), "ours:5432/x");
    assert_eq!(host(&[shared]), "shared:5432/x");
    assert_eq!(host(&[]), "file:5432/x");
    assert_eq!(
        host(&[("CODEGRAPH_DATABASE_URL", "")]),
        "file:5432/x",
        "empty means not set"
    );
}

#[test]
fn lists_read_the_same_from_a_variable_and_from_toml() {
    let variable = read(&[("CODEGRAPH_LANES", "checks, agents,agents")], None).unwrap();
    let file = read(&[], Some("lanes = ['agents', 'checks']")).unwrap();
    assert_eq!(variable.worker.lanes, file.worker.lanes);
    assert_eq!(
        file.worker.lanes.iter().collect::<Vec<_>>(),
        [Lane::Agents, Lane::Checks]
    );

    let variable = read(&[("CODEGRAPH_CONCURRENCY", "agents=9")], None).unwrap();
    let file = read(&[], Some("concurrency = { agents = 9 }")).unwrap();
    assert_eq!(variable.worker.concurrency, file.worker.concurrency);
    assert_eq!(
        Lane::ALL.map(|lane| file.worker.concurrency.of(lane)),
        [9, 2, 4, 2]
    );
}

#[test]
fn a_value_that_does_not_fit_is_named() {
    for (name, value, says) in [
        (
            "CODEGRAPH_LEASE",
            "0.5",
            "is not a number of seconds from 1 to 3600",
        ),
        (
            "CODEGRAPH_LEASE",
            "soon",
            "`soon` is not a number of seconds",
        ),
        (
            "CODEGRAPH_CONCURRENCY",
            "0",
            "is not a whole number from 1 to 1000",
        ),
        ("CODEGRAPH_CONCURRENCY", "agent=2", "unknown lane `agent`"),
        (
            "CODEGRAPH_LANES",
            "agents,chekcs",
            "unknown lane `chekcs`: use agents,",
        ),
        ("CODEGRAPH_DATABASE_CONNECTIONS", "many", "from 2 to 1000"),
        (
            "CODEGRAPH_ALLOW_NO_VECTOR",
            "maybe",
            "neither true nor false",
        ),
        ("CODEGRAPH_LISTEN", "8400", "is not an address with a port"),
        ("CODEGRAPH_LOG", "a=b=c", "is not a log filter"),
        ("CODEGRAPH_LOG_FORMAT", "yaml", "auto, pretty, json"),
        (
            "CODEGRAPH_SANDBOX",
            "docker",
            "auto, bubblewrap, landlock, none",
        ),
        ("CODEGRAPH_OLLAMA_URL", "localhost:11434", "http://"),
        ("ANTHROPIC_BASE_URL", "ftp://x", "http://"),
        ("CODEGRAPH_MODEL_CODER", "the best", "name of a model"),
        ("REDIS_URL", "http://x", "redis://"),
    ] {
        let text = refusal(&[(name, value)], None);
        assert!(
            text.starts_with(&format!("{name}: ")) && text.contains(says),
            "{text}"
        );
    }
    let text = refusal(&[], Some("lease = 'soon'"));
    assert!(
        text.contains("`lease` in ") && text.contains("codegraph.toml"),
        "{text}"
    );
}

#[test]
fn a_refusal_never_shows_a_secret() {
    for text in [
        refusal(&[("DATABASE_URL", "mysql://me:hunter22@host/x")], None),
        refusal(
            &[("DATABASE_URL", "postgresql://me:hunter22@host:port/x")],
            None,
        ),
        refusal(&[("REDIS_URL", "rediss//:hunter22@host")], None),
        refusal(&[], Some("anthropic_api_key = hunter22")),
        refusal(&[], Some("anthropic_api_key = ['hunter22']")),
    ] {
        assert!(!text.contains("hunter22"), "{text}");
    }
    let config = read(
        &[
            ("DATABASE_URL", "postgresql://me:hunter22@host/x"),
            ("REDIS_URL", "redis://:hunter22@host"),
            ("ANTHROPIC_API_KEY", "hunter22"),
            ("CODEGRAPH_OLLAMA_URL", "http://me:hunter22@host"),
            ("CODEGRAPH_ANTHROPIC_BASE_URL", "http://me:hunter22@host"),
        ],
        None,
    )
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter22"));
    let secrets = config.secrets();
    assert_eq!(secrets.len(), 5);
    assert!(
        secrets
            .iter()
            .all(|secret| secret.expose_secret() == "hunter22")
    );
}

#[test]
fn models_are_chosen_by_role_and_addresses_lose_only_their_end() {
    let config = read(
        &[
            ("CODEGRAPH_MODEL_REVIEWER", "claude-opus-5-5"),
            ("CODEGRAPH_MODELS", "mine.toml"),
            ("ANTHROPIC_BASE_URL", "http://front:80/v1/"),
        ],
        None,
    )
    .unwrap()
    .models;
    let chosen: Vec<_> = config.chosen().map(|(r, m)| (r, m.as_str())).collect();
    assert_eq!(chosen, [("reviewer", "claude-opus-5-5")]);
    assert_eq!(config.models.as_deref(), Some(Path::new("mine.toml")));
    let front = config.anthropic_base_url.unwrap();
    assert_eq!(front.as_str(), "http://front:80/v1");
    assert_eq!(front.without_suffix("/v1").as_str(), "http://front:80");
    assert_eq!(front.without_suffix("/v2"), front);
}

#[test]
fn an_unknown_key_is_an_error_and_an_unknown_variable_is_remembered() {
    let text = refusal(&[], Some("databse_url = 'x'"));
    assert!(
        text.contains("there is no setting `databse_url`; .env.sample lists them"),
        "{text}"
    );
    let text = refusal(&[], Some("CODEGRAPH_LEASE = 3"));
    assert!(text.ends_with("did you mean `lease`?"), "{text}");
    let config = read(
        &[("CODEGRAPH_LAESE", "3"), ("CODEGRAPH_FAULTS", "long")],
        None,
    )
    .unwrap();
    assert_eq!(config.ignored, ["CODEGRAPH_LAESE"]);
}

#[test]
fn the_file_may_stand_elsewhere_but_must_then_exist() {
    let text = refusal(&[("CODEGRAPH_CONFIG", "nowhere.toml")], None);
    assert!(
        text.contains("nowhere.toml") && text.contains("no such file"),
        "{text}"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), "listen = '[::]:80'").unwrap();
    let variables = [("CODEGRAPH_CONFIG".to_owned(), "mine.toml".to_owned())];
    let config = Config::read(variables, folder.path()).unwrap();
    assert_eq!(config.server.listen.to_string(), "[::]:80");
    assert_eq!(config.file, Some(folder.path().join("mine.toml")));
}

#[test]
fn the_sample_explains_every_variable_and_no_other() {
    let sample = include_str!("../../.env.sample");
    let mut shown: Vec<&str> = sample
        .lines()
        .filter_map(|line| line.strip_prefix('#').unwrap_or(line).split_once('='))
        .map(|(name, _)| name)
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    let mut known = variables();
    shown.sort_unstable();
    known.sort_unstable();
    assert_eq!(shown, known, "left: .env.sample; right: the code");
}

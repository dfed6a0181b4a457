//! Models, their prices and their lives.

use chrono::{DateTime, Utc};
use codegraph::config::{Config, ModelsConfig};
use codegraph::providers::llm::catalogue::{NoModel, State, Thinking, Tier};
use codegraph::providers::llm::{Catalogue, Providers, Usage};

fn day(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn models(variables: &[(&str, &str)]) -> ModelsConfig {
    let folder = tempfile::tempdir().unwrap();
    let own = |(n, v): &(&str, &str)| ((*n).to_owned(), (*v).to_owned());
    Config::read(variables.iter().map(own), folder.path())
        .unwrap()
        .models
}

#[test]
fn roles_get_the_model_of_their_tier_or_the_one_they_were_given() {
    let catalogue = Catalogue::embedded();
    for (role, model) in [
        ("planner", "claude-opus-5-5"),
        ("reviewer", "claude-opus-5-5"),
        ("coder", "claude-sonnet-5-5"),
        ("tester", "claude-sonnet-5-5"),
    ] {
        assert_eq!(catalogue.for_role(role).id, model);
    }
    assert_eq!(catalogue.for_tier(Tier::Fast).id, "claude-haiku-5-5");

    let config = models(&[("CODEGRAPH_MODEL_CODER", "claude-opus-4-5")]);
    let catalogue = Catalogue::configured(&config).unwrap();
    assert_eq!(catalogue.for_role("coder").id, "claude-opus-4-5-20251101");
    assert_eq!(catalogue.for_role("tester").id, "claude-sonnet-5-5");

    let config = models(&[("CODEGRAPH_MODEL_TESTER", "claude-opus-4-1")]);
    let error = Catalogue::configured(&config).unwrap_err().to_string();
    assert!(error.starts_with("CODEGRAPH_MODEL_TESTER: "), "{error}");
    assert!(error.ends_with("use `claude-opus-5-5`"), "{error}");
    let error = Providers::new(&config).get("anthropic").unwrap_err();
    assert!(
        error.to_string().contains("CODEGRAPH_MODEL_TESTER"),
        "{error}"
    );
}

#[test]
fn a_model_retires_on_its_day_without_anybody_doing_anything() {
    let catalogue = Catalogue::embedded();
    let id = "claude-sonnet-4-5-20250929";
    let before = catalogue.find_at(id, day("2026-11-29")).unwrap();
    assert_eq!(before.state_at(day("2026-11-29")), State::Deprecated);
    let after = catalogue
        .find_at("claude-sonnet-4-5", day("2026-11-30"))
        .unwrap_err();
    let successor = Some("claude-sonnet-5-5".to_owned());
    let expected = NoModel::Retired {
        id: "claude-sonnet-4-5".into(),
        successor,
    };
    assert_eq!(after, expected);
    assert!(
        catalogue.row(id).is_some(),
        "its old bills can still be read"
    );
}

#[test]
fn an_unknown_model_is_answered_with_those_that_can_be_used() {
    let error = Catalogue::embedded().find("gpt-0").unwrap_err().to_string();
    assert!(
        error.contains("`gpt-0`") && error.contains("claude-opus-5-5"),
        "{error}"
    );
    assert!(!error.contains("claude-opus-4-1"), "{error}");
}

#[test]
fn prices_depend_on_the_day_and_the_length_of_the_prompt() {
    let catalogue = Catalogue::embedded();
    let haiku = catalogue.row("claude-haiku-5-5").unwrap();
    let now = day("2026-11-23");
    assert_eq!(haiku.price(now, 100_000).input, 100_000);
    assert_eq!(haiku.price(now, 100_001).input, 500_000);
    let sonnet = catalogue.row("claude-sonnet-5-5").unwrap();
    assert_eq!(sonnet.price(day("2026-10-06"), 1).cache_read, 200_000);
    assert_eq!(sonnet.price(day("2026-10-07"), 1).cache_read, 100_000);
    assert_eq!(
        sonnet.price(day("2020-01-01"), 1).version,
        "2026-10-01",
        "the first known one"
    );
    assert_eq!(sonnet.price(now, 1).version, "2026-10-07");
}

#[test]
fn costs_are_rounded_up_and_never_wrap() {
    let catalogue = Catalogue::embedded();
    let (sonnet, now) = (
        catalogue.row("claude-sonnet-5-5").unwrap(),
        day("2026-11-23"),
    );
    let price = sonnet.price(now, 1000);
    let usage = Usage {
        input: 1000,
        output: 100,
        cache_read: 10_000,
        cache_write: 400,
    };
    // 1000 * $2 + 100 * $10 + 10000 * $0.10 + 400 * $2.50, for a million each.
    assert_eq!(price.cost(&usage), 2000 + 1000 + 1000 + 1000);
    let one = Usage {
        cache_read: 1,
        ..Usage::default()
    };
    assert_eq!(price.cost(&one), 1, "a tenth of a micro-dollar is one");
    assert_eq!(price.cost(&Usage::default()), 0);
    let endless = Usage {
        input: u64::MAX,
        output: u64::MAX,
        ..Usage::default()
    };
    assert_eq!(price.cost(&endless), i64::MAX);
    assert_eq!(sonnet.worst_case(1000, 100, now), 2500 + 1000);
    assert!(sonnet.worst_case(usage.prompt(), 100, now) >= price.cost(&usage));
}

#[test]
fn a_model_that_refuses_is_followed_by_one_that_can_be_used() {
    let catalogue = Catalogue::embedded();
    let after = |id| {
        catalogue
            .fallback(catalogue.row(id).unwrap())
            .map(|m| m.id.clone())
    };
    let after = |id| after(id).unwrap_or_default();
    assert_eq!(after("claude-sonnet-5-5"), "claude-opus-5-5");
    assert_eq!(after("claude-haiku-5-5"), "claude-haiku-4-5-20251001");
    assert_eq!(after("scripted"), "");
}

const MINE: &str = r#"
    [tiers]
    standard = "qwen3-coder"

    [[models]]
    id = "qwen3-coder"
    provider = "ollama"
    tier = "standard"
    context = 32_000
    output = 8_000
    state = "current"
    prices = [{ version = "free", valid_from = "2026-01-01", input = 0, output = 0, cache_read = 0, cache_write = 0 }]

    [[models]]
    id = "claude-opus-5-5"
    provider = "anthropic"
    tier = "deep"
    context = 500_000
    output = 1_000
    state = "current"
    prices = [{ version = "ours", valid_from = "2026-01-01", input = 1, output = 1, cache_read = 1, cache_write = 1 }]
"#;

#[test]
fn a_file_adds_rows_and_takes_the_place_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("models.toml");
    std::fs::write(&file, MINE).unwrap();
    let config = models(&[("CODEGRAPH_MODELS", file.to_str().unwrap())]);
    let catalogue = Catalogue::configured(&config).unwrap();
    assert_eq!(catalogue.for_role("coder").provider, "ollama");
    let opus = catalogue.for_role("planner");
    assert_eq!((opus.output, opus.thinking), (1_000, Thinking::None));
    assert!(catalogue.row("claude-haiku-5-5").is_some());
    let missing = Catalogue::with_file(&folder.path().join("none.toml")).unwrap_err();
    assert!(missing.to_string().contains("none.toml"), "{missing}");
}

#[test]
fn a_file_that_makes_no_catalogue_is_refused_with_the_reason() {
    let price = |rest: &str| {
        format!(
            "{{ version = 'v', input = 1, output = 1, cache_read = 1, cache_write = 1, {rest} }}"
        )
    };
    let row = |rest: &str, prices: &str| {
        format!(
            "[[models]]\nid = 'x'\nprovider = 'p'\ntier = 'fast'\ncontext = 1\noutput = 1\nstate = 'current'\n{rest}\nprices = [{prices}]\n"
        )
    };
    let (base, long) = (
        price("valid_from = '2026-01-01'"),
        price("valid_from = '2026-01-01', prompt_tokens_over = 5"),
    );
    for (text, says) in [
        (row("", ""), "`x` has no price"),
        (row("", &long), "no price of 2026-01-01 for short prompts"),
        (row("", &format!("{base}, {base}")), "two prices"),
        (row("successor = 'y'", &base), "`y`, which has no row"),
        (
            row("aliases = ['claude-opus-5-5']", &base),
            "two models are called `claude-opus-5-5`",
        ),
        (row("colour = 'red'", &base), "colour"),
        ("[tiers]\nfast = 'y'".to_owned(), "has no model `y`"),
    ] {
        let error = Catalogue::with_text(&text, "mine").unwrap_err().to_string();
        assert!(
            error.starts_with("mine: ") && error.contains(says),
            "{says}: {error}"
        );
    }
    assert!(Catalogue::with_text(&row("", &base), "mine").is_ok());
}

/// What a server of one's own calls a model is enough to use it.
#[test]
fn any_model_of_a_server_of_ones_own_has_a_name() {
    let catalogue = Catalogue::embedded();
    let local = catalogue.find("ollama/qwen3-coder:30b").unwrap();
    assert_eq!(
        (local.provider.as_str(), local.prices[0].version.as_str()),
        ("ollama", "own machine")
    );
    let served = catalogue.find("openai/some/model").unwrap();
    assert_eq!(
        (served.provider.as_str(), served.prices[0].version.as_str()),
        ("openai", "unknown")
    );
    assert_eq!(catalogue.served_as("openai/some/model"), "some/model");
    assert_eq!(catalogue.served_as("claude-opus-5-5"), "claude-opus-5-5");
    for name in ["openai/", "ollama/a b", "anthropic/x", "qwen3-coder"] {
        let error = catalogue.find(name).unwrap_err().to_string();
        assert!(error.contains("openai/NAME"), "{name}: {error}");
    }
}

/// Roles use the first vendor that can be reached, not one for which there is no key.
#[test]
fn tiers_follow_the_first_vendor_that_is_configured() {
    let used = |settings: &[(&'static str, &str)]| {
        let catalogue = Catalogue::configured(&models(settings)).unwrap();
        ["planner", "coder"].map(|role| catalogue.for_role(role).id.clone())
    };
    let (server, model) = (
        ("CODEGRAPH_OPENAI_BASE_URL", "http://127.0.0.1:1/v1"),
        ("CODEGRAPH_OPENAI_MODEL", "some/model"),
    );
    let (ollama, local) = (
        ("CODEGRAPH_OLLAMA_URL", "http://127.0.0.1:2"),
        ("CODEGRAPH_OLLAMA_MODEL", "qwen3-coder"),
    );
    let key = ("ANTHROPIC_API_KEY", "sk");
    let usual = ["claude-opus-5-5", "claude-sonnet-5-5"];
    assert_eq!(used(&[server, model]), ["openai/some/model"; 2]);
    assert_eq!(used(&[ollama, local]), ["ollama/qwen3-coder"; 2]);
    assert_eq!(
        used(&[server, model, ollama, local]),
        ["openai/some/model"; 2]
    );
    assert_eq!(used(&[key, server, model]), usual);
    // A name without its server, or a server without a name, changes nothing.
    assert_eq!(used(&[model]), usual);
    assert_eq!(used(&[server]), usual);
    // A role that was given one keeps it.
    let given = ("CODEGRAPH_MODEL_CODER", "ollama/other");
    assert_eq!(
        used(&[server, model, ollama, given]),
        ["openai/some/model", "ollama/other"]
    );
}

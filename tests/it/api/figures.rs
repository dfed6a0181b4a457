//! Figures: what was used and how runs went, as each person may see it.

use codegraph::{models::usage, services::access::Role};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};

/// A finished call of a model, counted as the worker counts it.
async fn call(stage: &Stage, run: Uuid, model: &str, cost: i64) {
    let (agent, call) = (Uuid::now_v7(), Uuid::now_v7());
    let mut conn = stage.db.pool.acquire().await.unwrap();
    sqlx::query(
        "insert into agent_runs (id, run_id, step_no, agent, model, state)
         values ($1, $2, (select count(*) from agent_runs where run_id = $2), 'coder', $3, 'running')",
    )
    .bind(agent)
    .bind(run)
    .bind(model)
    .execute(&mut *conn)
    .await
    .unwrap();
    sqlx::query(
        "insert into model_calls (id, agent_run_id, turn, try, provider, model, state, request, input_tokens,
                                  output_tokens, cache_read_tokens, cache_write_tokens, cost_usd_micros, ended_at)
         values ($1, $2, 1, 1, 'p', $3, 'finished', '{}', 100, 10, 7, 3, $4, clock_timestamp())",
    )
    .bind(call)
    .bind(agent)
    .bind(model)
    .bind(cost)
    .execute(&mut *conn)
    .await
    .unwrap();
    usage::add(&mut conn, call).await.unwrap();
}

async fn ask(stage: &Stage, who: &Person, path: &str) -> Value {
    let path = format!("/api/v1/metrics/{path}");
    stage
        .get(&path)
        .bearer(&who.access)
        .send()
        .await
        .expect(200)
}

#[tokio::test]
async fn figures_add_up_and_show_what_one_may_see() {
    let stage = Stage::new().await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let chief = stage.person(Role::Maintainer).await;
    let mine = seed::repository(&stage, &ada, "mine", false).await;
    let shared = seed::repository(&stage, &ada, "shared", true).await;
    let task = seed::task(&stage, mine, &ada, "One").await;
    let good = seed::run(
        &stage,
        task,
        Some(("succeeded", json!({"result": "published"}), 4)),
    )
    .await;
    seed::run(
        &stage,
        task,
        Some(("succeeded", json!({"result": "needs_human"}), 50)),
    )
    .await;
    seed::run(&stage, task, Some(("canceled", json!({}), 1))).await;
    call(&stage, good, "large", 40).await;
    call(&stage, good, "large", 40).await;
    call(&stage, good, "small", 2).await;
    let task = seed::task(&stage, shared, &ada, "Two").await;
    let bad = seed::run(&stage, task, Some(("failed", json!({}), 1))).await;
    seed::waiting(&stage, task, "plan_decided").await;
    call(&stage, bad, "small", 5).await;

    let all = ask(&stage, &ada, "summary").await;
    assert_eq!(all["usage"]["cost_usd_micros"], 87);
    assert_eq!(all["usage"]["calls"], 4);
    assert_eq!(all["usage"]["cache_read_tokens"], 28);
    assert_eq!(all["usage_before"]["calls"], 0);
    let runs = &all["runs"];
    assert_eq!(
        (&runs["started"], &runs["open"], &runs["succeeded"]),
        (&json!(5), &json!(1), &json!(1)),
        "{runs}"
    );
    let third = 1.0 / 3.0;
    assert!((runs["success_rate"].as_f64().unwrap() - third).abs() < 1e-9);
    assert!((runs["median_lead_seconds"].as_f64().unwrap() - 240.0).abs() < 1.0);
    assert_eq!(ask(&stage, &chief, "summary").await["runs"], *runs);
    let theirs = ask(&stage, &bob, "summary").await;
    assert_eq!(theirs["usage"]["cost_usd_micros"], 5);
    assert_eq!(theirs["runs"]["started"], 2);
    let one = format!("summary?repository_id={}", shown("repo", mine));
    assert_eq!(ask(&stage, &ada, &one).await["usage"]["calls"], 3);
    assert_eq!(ask(&stage, &bob, &one).await["usage"]["calls"], 0);

    let by = ask(&stage, &ada, "breakdown?by=model").await;
    assert_eq!(by["items"][0]["key"], "large");
    assert_eq!(by["items"][0]["usage"]["cost_usd_micros"], 80);
    assert_eq!(by["items"][1]["usage"]["cost_usd_micros"], 7);
    let by = ask(&stage, &ada, "breakdown?by=repository").await;
    assert_eq!(by["items"][0]["label"], "mine");
    assert_eq!(by["items"][0]["key"], shown("repo", mine));
    assert_eq!(by["items"][0]["runs"]["started"], 3);
    assert_eq!(by["items"].as_array().unwrap().len(), 2);
    let by = ask(&stage, &chief, "breakdown?by=user").await;
    assert_eq!(by["items"][0]["key"], shown("user", ada.id));
    let by = ask(&stage, &ada, "breakdown?by=status").await;
    let words: Vec<&Value> = by["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["key"])
        .collect();
    assert!(
        words.contains(&&json!("awaiting_plan")) && words.len() == 5,
        "{words:?}"
    );
    stage.db.forget().await;
}

#[tokio::test]
async fn a_model_and_a_role_say_how_the_runs_went_in_which_they_took_part() {
    let stage = Stage::new().await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let mine = seed::repository(&stage, &ada, "mine", false).await;
    let shared = seed::repository(&stage, &ada, "shared", true).await;
    let task = seed::task(&stage, mine, &ada, "One").await;
    let ended = Some(("succeeded", json!({"result": "published"}), 4));
    let good = seed::run(&stage, task, ended).await;
    for model in ["large", "large", "small"] {
        call(&stage, good, model, 40).await;
    }
    let task = seed::task(&stage, shared, &ada, "Two").await;
    let bad = seed::run(&stage, task, Some(("failed", json!({}), 1))).await;
    call(&stage, bad, "small", 5).await;
    // An attempt of a run is of that run.
    let attempt = Uuid::now_v7();
    let sql = "insert into runs (id, workflow, version, input, parent_run, parent_seq, ordinal)
               values ($1, 'coding_attempt', 3, '{}', $2, 1, 0)";
    let insert = sqlx::query(sql).bind(attempt).bind(bad);
    insert.execute(&stage.db.pool).await.unwrap();
    call(&stage, attempt, "small", 1).await;
    call(&stage, attempt, "tiny", 1).await;

    let parts = async |who, by: &str| {
        let parts = ask(&stage, who, &format!("breakdown?by={by}")).await;
        let parts = parts["items"].as_array().unwrap().iter();
        let part = |part: &Value| {
            let (key, runs) = (part["key"].as_str().unwrap(), &part["runs"]);
            let rate = runs["success_rate"].as_f64();
            (key.to_owned(), runs["started"].as_i64().unwrap(), rate)
        };
        let mut parts: Vec<_> = parts.map(part).collect();
        parts.sort_by(|one, other| one.0.cmp(&other.0));
        parts
    };
    let part = |key: &str, started: i64, rate: f64| (key.to_owned(), started, Some(rate));
    let all = [
        part("large", 1, 1.0),
        part("small", 2, 0.5),
        part("tiny", 1, 0.0),
    ];
    assert_eq!(parts(&ada, "model").await, all);
    assert_eq!(parts(&ada, "role").await, [part("coder", 2, 0.5)]);
    let seen = [part("small", 1, 0.0), part("tiny", 1, 0.0)];
    assert_eq!(parts(&bob, "model").await, seen);
    stage.db.forget().await;
}

#[tokio::test]
async fn what_was_used_without_a_task_is_in_the_figures_of_those_who_see_everything() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let chief = stage.person(Role::Maintainer).await;
    let mine = seed::repository(&stage, &ada, "mine", false).await;
    let task = seed::task(&stage, mine, &ada, "One").await;
    let ended = || Some(("succeeded", json!({"result": "published"}), 1));
    let (owned, alone) = (
        seed::run(&stage, task, ended()).await,
        seed::run(&stage, task, ended()).await,
    );
    // As `codegraph run` starts one.
    sqlx::query("update runs set task_id = null where id = $1")
        .bind(alone)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    call(&stage, owned, "large", 40).await;
    call(&stage, alone, "large", 7).await;
    call(&stage, alone, "large", 7).await;

    let cost = |summary: Value| summary["usage"]["cost_usd_micros"].clone();
    assert_eq!(cost(ask(&stage, &chief, "summary").await), 54);
    assert_eq!(cost(ask(&stage, &ada, "summary").await), 40);
    let days = ask(&stage, &chief, "series").await;
    let today = days["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(cost(today), 54);
    for by in ["repository", "user"] {
        let parts = ask(&stage, &chief, &format!("breakdown?by={by}")).await;
        let nobodys = &parts["items"][1];
        assert_eq!(
            (
                &nobodys["key"],
                &nobodys["label"],
                &nobodys["usage"]["cost_usd_micros"]
            ),
            (&json!(""), &json!("Without a task"), &json!(14)),
            "{parts}"
        );
    }
    stage.db.forget().await;
}

#[tokio::test]
async fn a_series_has_every_bucket_and_says_which_is_not_over() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "mine", false).await;
    let task = seed::task(&stage, repository, &ada, "One").await;
    let run = seed::run(
        &stage,
        task,
        Some(("succeeded", json!({"result": "published"}), 0)),
    )
    .await;
    call(&stage, run, "large", 40).await;
    for zone in ["UTC", "Asia/Kathmandu", "America/St_Johns"] {
        let series = ask(&stage, &ada, &format!("series?time_zone={zone}")).await;
        let items = series["items"].as_array().unwrap();
        assert!([31, 32].contains(&items.len()), "{zone}: {}", items.len());
        for pair in items.windows(2) {
            assert_eq!(pair[0]["end"], pair[1]["start"], "{zone}");
        }
        let last = items.last().unwrap();
        assert_eq!(last["partial"], true);
        assert_eq!(last["usage"]["cost_usd_micros"], 40, "{zone}");
        assert_eq!(last["runs"]["started"], 1);
        assert_eq!(items[1]["partial"], false);
    }
    // A night in which a clock is turned has a day of 23 hours, and one of 25.
    for (from, to) in [("2026-03-28", "2026-03-31"), ("2026-10-24", "2026-10-27")] {
        let path =
            format!("series?from={from}T00:00:00Z&to={to}T00:00:00Z&time_zone=Europe/Berlin");
        let series = ask(&stage, &ada, &path).await;
        assert_eq!(series["items"].as_array().unwrap().len(), 4, "{series}");
        let hours = ask(&stage, &ada, &format!("{path}&bucket=hour")).await;
        assert_eq!(hours["items"].as_array().unwrap().len(), 72);
    }
    for wrong in [
        "series?time_zone=Mars/Olympus",
        "series?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "series?from=2020-01-01T00:00:00Z",
        "series?bucket=hour&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z",
    ] {
        let path = format!("/api/v1/metrics/{wrong}");
        let answer = stage.get(&path).bearer(&ada.access).send().await;
        assert!(
            answer.expect(422)["errors"][0]["path"].is_string(),
            "{wrong}"
        );
    }
    stage.db.forget().await;
}

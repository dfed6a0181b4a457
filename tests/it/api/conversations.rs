//! What agents said and did, and a run as one document.

use codegraph::services::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};

async fn act(stage: &Stage, sql: &str, ids: &[Uuid]) {
    let query = ids.iter().fold(
        sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())),
        |query, id| query.bind(*id),
    );
    query.execute(&stage.db.pool).await.unwrap();
}

/// A run with a conversation of two turns, the second of which was tried twice, and three uses of tools.
async fn conversation(stage: &Stage, owner: &Person, shared: bool) -> (Uuid, Uuid) {
    let repository = seed::repository(stage, owner, "shop", shared).await;
    let task = seed::task(stage, repository, owner, "One").await;
    let run = seed::run(stage, task, None).await;
    let agent = Uuid::now_v7();
    act(
        stage,
        "insert into agent_runs (id, run_id, step_no, agent, model, state, turns) values ($2, $1, 1, 'coder', 'm', 'running', 2)",
        &[run, agent],
    )
    .await;
    let first = json!({"system": "Be brief.", "tools": [], "appended": [{"role": "user", "content": [{"type": "text", "text": "Do it"}]}]});
    let second = json!({"appended": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}]}]});
    let answer = |text: &str| json!({"answered": {"reply": {"content": [{"type": "text", "text": text}]}, "cost": 5}});
    for (turn, tried, state, request, response) in [
        (1, 1, "finished", &first, Some(answer("I begin"))),
        (2, 1, "failed", &second, None),
        (2, 2, "finished", &second, Some(answer("Done"))),
    ] {
        sqlx::query(
            "insert into model_calls (id, agent_run_id, turn, try, provider, model, state, request, response, error, input_tokens,
                                      output_tokens, cost_usd_micros, sent_at, ended_at)
             values ($1, $2, $3, $4, 'p', 'm', $5, $6, $7, case when $7::jsonb is null then 'overloaded' end,
                     case when $7 is not null then 100 end, 10, 5, now(), now())",
        )
        .bind(Uuid::now_v7())
        .bind(agent)
        .bind(turn)
        .bind(i16::try_from(tried).unwrap())
        .bind(state)
        .bind(request)
        .bind(response)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    }
    for ordinal in 0..3_i16 {
        sqlx::query(
            "insert into tool_calls (id, agent_run_id, turn, ordinal, tool, effect, state, arguments, result, is_error)
             values ($1, $2, 1, $3, 'bash', 'workspace', 'finished', '{\"command\": \"ls\"}', '{\"text\": \"ok\"}', false)",
        )
        .bind(Uuid::now_v7())
        .bind(agent)
        .bind(ordinal)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    }
    (run, agent)
}

async fn ask(stage: &Stage, who: &Person, path: &str) -> Value {
    let path = format!("/api/v1{path}");
    stage
        .get(&path)
        .bearer(&who.access)
        .send()
        .await
        .expect(200)
}

#[tokio::test]
async fn a_conversation_is_shown_as_it_was_held() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let (run, agent) = conversation(&stage, &ann, false).await;
    let listed = ask(
        &stage,
        &ann,
        &format!("/runs/{}/agent-runs", shown("run", run)),
    )
    .await;
    let path = format!("/agent-runs/{}", shown("agent", agent));
    assert_eq!(listed["items"][0]["id"], shown("agent", agent));
    let one = ask(&stage, &ann, &path).await;
    assert_eq!(one["run_id"], shown("run", run));
    assert_eq!(one["agent_run"]["usage"]["cost_usd_micros"], 15);

    let said = ask(&stage, &ann, &format!("{path}/transcript")).await;
    let lines: Vec<(i64, &str, &str)> = said["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| {
            let block = &message["content"][0];
            let text = block["text"].as_str().or(block["content"].as_str());
            (
                message["turn"].as_i64().unwrap(),
                message["role"].as_str().unwrap(),
                text.unwrap(),
            )
        })
        .collect();
    let expected = [
        (1, "system", "Be brief."),
        (1, "user", "Do it"),
        (1, "assistant", "I begin"),
        (2, "user", "ok"),
        (2, "assistant", "Done"),
    ];
    assert_eq!(lines, expected);
    let part = ask(&stage, &ann, &format!("{path}/transcript?limit=1")).await;
    assert_eq!(part["items"].as_array().unwrap().len(), 3);
    let cursor = part["next_cursor"].as_str().unwrap();
    let rest = ask(
        &stage,
        &ann,
        &format!("{path}/transcript?limit=1&cursor={cursor}"),
    )
    .await;
    assert_eq!(rest["items"][1]["content"][0]["text"], "Done");
    assert!(rest["next_cursor"].is_null());
    stage.finish().await;
}

#[tokio::test]
async fn calls_and_tools_are_listed_and_only_to_those_who_see_the_run() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let (run, agent) = conversation(&stage, &ann, false).await;
    let path = format!("/agent-runs/{}", shown("agent", agent));
    let calls = ask(&stage, &ann, &format!("{path}/model-calls")).await;
    let states: Vec<&str> = calls["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["finished", "failed", "finished"]);
    assert_eq!(calls["items"][1]["error"], "overloaded");
    assert!(calls["items"][1]["usage"].is_null());
    // Its answer broke off: it may be on the bill all the same, and so the conversation and the step say.
    act(
        &stage,
        "insert into ledger_entries (id, run_id, model_call_id, kind, usd_micros)
         select gen_random_uuid(), $1, id, 'possible_charge', 70 from model_calls where state = 'failed'",
        &[run],
    )
    .await;
    act(
        &stage,
        "insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
         values ($1, 1, 1, 1, 1, 5, 'code', '{\"result\": \"done\"}')",
        &[run],
    )
    .await;
    let calls = ask(&stage, &ann, &format!("{path}/model-calls")).await;
    let usage = &calls["items"][1]["usage"];
    assert_eq!(usage["possible_usd_micros"], 70, "{usage}");
    assert_eq!(calls["items"][0]["usage"]["possible_usd_micros"], 0);
    let one = ask(&stage, &ann, &path).await;
    let usage = &one["agent_run"]["usage"];
    assert_eq!(
        (&usage["possible_usd_micros"], &usage["cost_usd_micros"]),
        (&json!(70), &json!(15))
    );
    let steps = ask(&stage, &ann, &format!("/runs/{}/steps", shown("run", run))).await;
    let usage = &steps["items"][0]["usage"];
    assert_eq!(usage["possible_usd_micros"], 70, "{steps}");

    let page = ask(&stage, &ann, &format!("{path}/tool-calls?limit=2")).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = ask(
        &stage,
        &ann,
        &format!("{path}/tool-calls?limit=2&cursor={cursor}"),
    )
    .await;
    assert_eq!(page["items"][1]["ordinal"], 1);
    assert_eq!(rest["items"][0]["ordinal"], 2);
    assert_eq!(rest["items"][0]["arguments"]["command"], "ls");
    let foreign = format!("/api/v1{path}/tool-calls?cursor=c6162");
    stage
        .get(&foreign)
        .bearer(&ann.access)
        .send()
        .await
        .expect(422);

    // Who does not see the run does not find its conversations.
    let bob = stage.person(Role::Member).await;
    for tail in ["", "/transcript", "/model-calls", "/tool-calls"] {
        let path = format!("/api/v1{path}{tail}");
        stage
            .get(&path)
            .bearer(&bob.access)
            .send()
            .await
            .expect(404);
    }
    stage.finish().await;
}

#[tokio::test]
async fn an_export_has_everything_and_says_where_it_ends() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let (run, _) = conversation(&stage, &ann, false).await;
    // More than one part of the journal.
    act(
        &stage,
        "insert into events (run_id, seq, step_no, epoch, kind, data)
         select $1, s, 1, 1, 'activity.started', jsonb_build_object('key', 'turn ' || s) from generate_series(1, 130) s",
        &[run],
    )
    .await;
    act(
        &stage,
        "insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
         values ($1, 131, 1, 1, 1, 5, 'code', '{\"result\": \"changed\"}')",
        &[run],
    )
    .await;
    act(
        &stage,
        "insert into ledger_entries (id, run_id, kind, usd_micros) values (gen_random_uuid(), $1, 'settled', 5)",
        &[run],
    )
    .await;
    let path = format!("/api/v1/runs/{}/export", shown("run", run));
    let answer = stage.get(&path).bearer(&ann.access).send().await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let body = answer.expect(200);
    let lines: Vec<Value> = body
        .as_str()
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let count = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    for (kind, many) in [
        ("run", 1),
        ("task", 1),
        ("event", 130),
        ("step", 1),
        ("agent_run", 1),
        ("model_call", 3),
        ("tool_call", 3),
        ("ledger_entry", 1),
        ("end", 1),
    ] {
        assert_eq!(count(kind), many, "{kind}");
    }
    assert_eq!(lines.last().unwrap()["lines"], lines.len() - 1);
    assert_eq!(lines[2]["seq"], 1);
    let bob = stage.person(Role::Member).await;
    stage
        .get(&path)
        .bearer(&bob.access)
        .send()
        .await
        .expect(404);
    stage.finish().await;
}

//! Lists are read page by page: every list of the document has an end to what one answer holds, and pages put together
//! are the whole.

use codegraph::services::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};

/// Lists that come whole, and what bounds each of them.
const WHOLE: &[(&str, &str)] = &[
    ("getMetricsBreakdown", "the 100 most expensive"),
    ("getMetricsSeries", "1,000 places in time"),
    ("listBranches", "the first 5,000"),
    ("listFolder", "the first 5,000 of one folder"),
    ("listModels", "those that the operator has configured"),
    ("listRepositorySecrets", "a repository has 50 at most"),
    ("listSessions", "the newest 200"),
    ("listViews", "a person has 100 at most"),
    ("listWebhooks", "the newest 200; a person has 20 at most"),
    ("search", "so many of each kind as are asked for"),
    ("searchFiles", "so many lines as are asked for"),
];

#[test]
fn every_list_goes_on_or_says_what_bounds_it() {
    let document: Value = serde_json::from_str(&codegraph::api::spec()).unwrap();
    let mut whole = Vec::new();
    for operation in document["paths"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(|item| item.get("get"))
    {
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap();
        let fields = &document["components"]["schemas"][name]["properties"];
        if fields["items"]["type"] != "array" {
            continue;
        }
        let takes = |name: &str| {
            let parameters = operation["parameters"].as_array();
            parameters.is_some_and(|all| all.iter().any(|one| one["name"] == name))
        };
        let by_cursor = takes("cursor") && !fields["next_cursor"].is_null();
        let by_place = takes("after") && !fields["has_more"].is_null();
        if !(takes("limit") && (by_cursor || by_place)) {
            whole.push(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    whole.sort();
    let known: Vec<&str> = WHOLE.iter().map(|(id, _)| *id).collect();
    assert_eq!(whole, known, "a list with pages, or a row in WHOLE");
}

async fn get(stage: &Stage, who: &Person, path: &str) -> Value {
    let answer = stage.get(path).bearer(&who.access).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

/// Reads a list one by one; holds that against the list read at once, and says how long it is.
async fn one_by_one(stage: &Stage, who: &Person, path: &str) -> usize {
    let whole = get(stage, who, &format!("{path}?limit=200")).await;
    assert!(whole.get("next_cursor").is_none(), "{path}: {whole}");
    let whole = whole["items"].as_array().unwrap().clone();
    let mut found = Vec::new();
    let mut next = Some(format!("{path}?limit=1"));
    while let Some(page) = next.take() {
        let page = get(stage, who, &page).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 1, "{path}: {page}");
        found.extend(items.clone());
        let cursor = page["next_cursor"].as_str();
        next = cursor.map(|cursor| format!("{path}?limit=1&cursor={cursor}"));
    }
    assert_eq!(found, whole, "{path}");
    // What another list handed out is a mistake, not a fault.
    let foreign = format!("{path}?cursor=c6162");
    let foreign = stage.get(&foreign).bearer(&who.access).send().await;
    foreign.expect(422);
    whole.len()
}

/// Does this to the database.
async fn act(stage: &Stage, sql: &'static str, ids: &[Uuid]) {
    let query = ids
        .iter()
        .fold(sqlx::query(sql), |query, id| query.bind(*id));
    query.execute(&stage.db.pool).await.unwrap();
}

/// Three steps were recorded, a conversation in each but the last; a fourth is under way.
async fn journal(stage: &Stage, run: Uuid) -> Uuid {
    act(
        stage,
        "insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
         select $1, s, s, 1, 1, 5, 'code', '{}' from generate_series(1, 3) s",
        &[run],
    )
    .await;
    act(
        stage,
        "update run_heads set state = 'ready', waits = null, waits_for = null, step = 'test', step_no = 4, seq = 3
         where run_id = $1",
        &[run],
    )
    .await;
    let agent = Uuid::now_v7();
    act(
        stage,
        "insert into agent_runs (id, run_id, step_no, agent, model, state, started_at)
         select case when s = 1 then $2::uuid else gen_random_uuid() end, $1, s, 'coder', 'm', 'succeeded', '2026-01-01'
         from generate_series(1, 2) s",
        &[run, agent],
    )
    .await;
    act(
        stage,
        "insert into model_calls (id, agent_run_id, turn, try, provider, model, state, request)
         select gen_random_uuid(), $1, 1 + s / 2, 1 + s % 2, 'p', 'm', 'failed', '{}' from generate_series(0, 4) s",
        &[agent],
    )
    .await;
    agent
}

#[tokio::test]
async fn the_lists_of_a_run_put_together_are_the_whole() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(seed::waiting(&stage, task, "answered").await);
    }
    let of_task = format!("/api/v1/tasks/{}/runs", shown("task", task));
    assert_eq!(one_by_one(&stage, &ada, &of_task).await, 3);
    // Two of them have waited since the same moment.
    act(
        &stage,
        "update run_heads set since = '2026-01-01' where run_id in ($1, $2)",
        &runs[..2],
    )
    .await;
    assert_eq!(one_by_one(&stage, &ada, "/api/v1/approvals").await, 3);
    let first = get(&stage, &ada, "/api/v1/approvals?limit=1").await;
    assert_eq!(
        first["items"][0]["id"],
        shown("run", runs[0]),
        "the longest waiting"
    );
    // Others see the run of a shared repository, and have no word to say to it.
    act(
        &stage,
        "update repositories set visibility = 'team' where id = $1",
        &[repository],
    )
    .await;
    let (bob, mia) = (
        stage.person(Role::Member).await,
        stage.person(Role::Maintainer).await,
    );
    assert_eq!(one_by_one(&stage, &bob, "/api/v1/approvals").await, 0);
    assert_eq!(one_by_one(&stage, &mia, "/api/v1/approvals").await, 3);

    let run = runs[2];
    let agent = journal(&stage, run).await;
    let path = format!("/api/v1/runs/{}", shown("run", run));
    assert_eq!(one_by_one(&stage, &ada, &format!("{path}/steps")).await, 4);
    let steps = get(&stage, &ada, &format!("{path}/steps")).await;
    let agents = |at: usize| steps["items"][at]["agent_runs"].as_array().unwrap().len();
    assert_eq!([agents(0), agents(1), agents(2), agents(3)], [1, 1, 0, 0]);
    assert_eq!(steps["items"][3]["state"], "running");
    assert_eq!(
        one_by_one(&stage, &ada, &format!("{path}/agent-runs")).await,
        2
    );
    let calls = format!("/api/v1/agent-runs/{}/model-calls", shown("agent", agent));
    assert_eq!(one_by_one(&stage, &ada, &calls).await, 5);
    assert_eq!(one_by_one(&stage, &ada, &format!("{path}/plans")).await, 0);
    stage.db.forget().await;
}

#[tokio::test]
async fn jobs_that_died_at_the_same_moment_are_told_once_each() {
    let stage = Stage::new().await;
    let admin = stage.person(Role::Admin).await;
    act(
        &stage,
        "insert into apalis.jobs (id, job, job_type, status, attempts, max_attempts, run_at, done_at)
         select 'job ' || s, convert_to('{\"job\": \"tidy_up\"}', 'UTF8'), 'upkeep', 'Killed', 5, 5, now(),
                case s when 1 then null else now() end
         from generate_series(1, 4) s",
        &[],
    )
    .await;
    let path = "/api/v1/operations/dead-jobs";
    assert_eq!(one_by_one(&stage, &admin, path).await, 4);
    stage.db.forget().await;
}

/// A run whose step names a difference and whose tool has a long output; a third content is another's.
async fn keeping(stage: &Stage, by: &Person) -> (Uuid, [String; 3]) {
    let repository = seed::repository(stage, by, "inventory", false).await;
    let task = seed::task(stage, repository, by, "Bolts").await;
    let run = seed::waiting(stage, task, "answered").await;
    let records = codegraph::services::agent_records::AgentRecords::new(stage.db.pool.clone());
    seed::change(stage, run, json!([]), "--- a\n+++ b\n").await;
    let diff = records
        .keep("text/x-diff", b"--- a\n+++ b\n")
        .await
        .unwrap();
    let output = records.keep("text/plain", b"a long output").await.unwrap();
    let foreign = records.keep("text/plain", b"of another run").await.unwrap();
    let agent = Uuid::now_v7();
    act(
        stage,
        "insert into agent_runs (id, run_id, step_no, agent, model, state) values ($2, $1, 1, 'coder', 'm', 'running')",
        &[run, agent],
    )
    .await;
    sqlx::query(
        "insert into tool_calls (id, agent_run_id, turn, ordinal, tool, effect, state, arguments, output)
         values (gen_random_uuid(), $1, 1, 0, 'bash', 'workspace', 'finished', '{}', decode($2, 'hex'))",
    )
    .bind(agent)
    .bind(&output)
    .execute(&stage.db.pool)
    .await
    .unwrap();
    (run, [diff, output, foreign])
}

#[tokio::test]
async fn what_a_run_keeps_is_listed_and_each_of_it_can_be_fetched() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let (run, [diff, output, foreign]) = keeping(&stage, &ada).await;
    let path = format!("/api/v1/runs/{}/artifacts", shown("run", run));
    assert_eq!(one_by_one(&stage, &ada, &path).await, 2);
    let kept = get(&stage, &ada, &path).await;
    let named = |name: &str| {
        let items = kept["items"].as_array().unwrap().iter();
        items.clone().find(|item| item["name"] == name).cloned()
    };
    let diff = named(&diff).expect("the difference");
    assert_eq!(
        (&diff["media_type"], &diff["size_bytes"], &diff["step_no"]),
        (&json!("text/x-diff"), &json!(12), &json!(1))
    );
    assert!(diff.get("tool_call_id").is_none());
    let output = named(&output).expect("the output");
    assert!(
        output["tool_call_id"]
            .as_str()
            .unwrap()
            .starts_with("tool_")
    );
    assert_eq!(named(&foreign), None);
    for item in kept["items"].as_array().unwrap() {
        let one = format!("{path}/{}", item["name"].as_str().unwrap());
        let fetched = stage.get(&one).bearer(&ada.access).send().await;
        assert_eq!(fetched.status, 200);
    }
    let one = format!("{path}/{foreign}");
    stage.get(&one).bearer(&ada.access).send().await.expect(404);
    stage.db.forget().await;
}

#[tokio::test]
async fn events_are_found_by_words_in_what_is_shown_of_them() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    // More than are read at once.
    let run = seed::told(&stage, &ada, false, 1_200).await;
    for (seq, text) in [(3, "The Bolts were sold twice"), (1_150, "bolts, again")] {
        sqlx::query(
            "update events set kind = 'signal.received', data = jsonb_build_object('name', 'answered', 'payload', jsonb_build_object('text', $3::text))
             where run_id = $1 and seq = $2",
        )
        .bind(run)
        .bind(seq)
        .bind(text)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    }
    let events = format!("/api/v1/runs/{}/events", shown("run", run));
    let found = async |query: &str| {
        let page = get(&stage, &ada, &format!("{events}?{query}")).await;
        let items = page["items"].as_array().unwrap().clone();
        let seqs: Vec<i64> = items
            .iter()
            .map(|item| item["seq"].as_i64().unwrap())
            .collect();
        (seqs, page["has_more"].as_bool().unwrap())
    };
    assert_eq!(found("q=bolts").await, (vec![3, 1_150], false));
    assert_eq!(found("q=BOLTS&limit=1").await, (vec![3], true));
    assert_eq!(
        found("q=bolts&before=2000&limit=1").await,
        (vec![1_150], true)
    );
    assert_eq!(found("q=bolts&after=3").await, (vec![1_150], false));
    assert_eq!(found("q=sold&kind=decision").await, (vec![3], false));
    assert_eq!(found("q=sold&kind=step").await, (vec![], false));
    // The title is looked at as well, and nothing is a pattern.
    assert_eq!(found("q=person%20answered").await.0, [3, 1_150]);
    assert_eq!(found("q=b.lts").await.0, Vec::<i64>::new());
    stage.db.forget().await;
}

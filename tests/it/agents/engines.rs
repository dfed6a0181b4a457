//! Runs whose coder is an installed program.

use std::time::{Duration, Instant};

use chrono::Utc;
use codegraph::{
    providers::llm::{Catalogue, Usage},
    services::{agent_records::MESSAGE, steering},
};
use serde_json::{Value, json};
use workflows::definitions::coding::{ANSWERED, BUDGET_RAISED, Options, RoleLimits};

use super::{
    engine::{GOOD, KEY, Works, row},
    replay::{replaying, said},
    words::RIGHT,
};
use crate::support::eventually;

/// What the vendor bills for each call.
const BILLED: Usage = Usage {
    input: 25,
    output: 40,
    cache_read: 7,
    cache_write: 3,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_codes_and_the_rest_of_the_run_is_as_ever() {
    let Some(works) = Works::new(GOOD).await else {
        return;
    };
    let (run, output) = works.bed.run(Works::options()).await;
    assert_eq!(output["result"], "published");
    let branch = &output["evidence"]["branch"];
    let file = works.bed.on_branch(branch, "inventory/stock.py");
    assert!(file.contains(RIGHT), "{file}");
    let steps = works.bed.db.steps(run).await;
    let code = &steps[0].output;
    assert_eq!(
        (&code["result"], &code["engine"]),
        (&json!("done"), &json!("fake"))
    );
    assert_eq!(
        code["finish"]["pr_title"],
        "Refuse what is promised already"
    );

    // The vendor was asked in the run's name, and has billed what the ledger says.
    let asked = works.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(works.vendor.asked(&run.to_string()), 3);
    assert_eq!(asked[0]["metadata"]["user_id"], run.to_string());
    let prompt = asked[0]["messages"][0]["content"].as_str().unwrap();
    assert!(
        prompt.contains("Bolts are sold twice") && prompt.contains("Do not commit"),
        "{prompt}"
    );
    let catalogue = Catalogue::embedded();
    let bodies = works.vendor.bodies().into_iter();
    let billed = bodies.map(|body| {
        let body: Value = serde_json::from_str(&body).unwrap();
        let model = catalogue.find(body["model"].as_str().unwrap()).unwrap();
        model.price(Utc::now(), BILLED.prompt()).cost(&BILLED)
    });
    assert_eq!(works.bed.balance(run).await.spent, billed.sum::<i64>());
    let rows: Vec<(i32, String, i64)> = sqlx::query_as(
        "select c.turn, c.state, c.output_tokens from model_calls c join agent_runs a on a.id = c.agent_run_id
         where a.agent = 'coder' order by c.turn",
    )
    .fetch_all(&works.bed.db.pool)
    .await
    .unwrap();
    assert_eq!(
        rows,
        [
            (1, "finished".to_owned(), 40),
            (2, "finished".to_owned(), 40)
        ]
    );
    works.bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_seen_by_the_vendor_and_nobody_else() {
    let Some(works) = Works::new(GOOD).await else {
        return;
    };
    works.bed.run(Works::options()).await;
    let keys: Vec<_> = works.vendor.keys();
    assert!(keys.iter().all(|key| key == KEY), "{keys:?}");
    let told = works.told().await;
    let shown: Vec<_> = told
        .iter()
        .filter(|text| text.contains("HOME is"))
        .collect();
    assert!(!shown.is_empty(), "the environment is in the output");
    assert!(
        shown
            .iter()
            .all(|text| text.contains("DOOR_PASS") && text.contains("***")),
        "{shown:?}"
    );
    for text in told {
        assert!(!text.contains(KEY), "{text}");
    }
    works.bed.forget().await;
}

/// Tries every way but the one that there is, and tells what it was answered.
const CURIOUS: &str = r#"
body = {"model": os.environ["MODEL"], "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]}
through = urllib.request.build_opener(urllib.request.ProxyHandler({"http": os.environ["HTTP_PROXY"]}))
tool = {"type": "web_search_20250305", "name": "web_search"}
picture = {"type": "image", "source": {"type": "url", "url": "http://example.com/secret"}}
said = [
    post("/v1/messages", body, pass_="sk-ant-guess"),
    post("/v1/models", body),
    post("/v1/chat/completions", body),
    post("/v1/messages", body, method="GET"),
    post("/v1/messages/../../admin", body),
    post("/v1/messages", body | {"model": "claude-opus-5-5"}),
    post("/v1/messages", body | {"tools": [tool]}),
    post("/v1/messages", body | {"messages": [{"role": "user", "content": [picture]}]}),
    post("/v1/messages", b"not json"),
    post("/v1/messages", body | {"max_tokens": 10**9}),
    post("/v1/messages", b" " * (33 << 20)),
    post("/v1/messages", body, opener=through, door="http://api.anthropic.com"),
]
mend()
finish(json.dumps([status for status, _ in said]), risks=[text for _, text in said])
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_door_lets_through_its_one_model_and_nothing_else() {
    let Some(works) = Works::new(CURIOUS).await else {
        return;
    };
    let (run, _) = works.bed.run(Works::options()).await;
    let code = &works.bed.db.steps(run).await[0].output;
    let finish = &code["finish"];
    assert_eq!(
        finish["summary"], "[401, 404, 404, 404, 404, 404, 400, 400, 400, 400, 413, 403]",
        "{finish:#}"
    );
    let first: Value = serde_json::from_str(finish["risks"][0].as_str().unwrap()).unwrap();
    assert_eq!(
        (&first["type"], &first["error"]["type"]),
        (&json!("error"), &json!("authentication_error"))
    );
    assert_eq!(works.asked().len(), 0, "nothing of it came to the vendor");
    assert_eq!(code["cost_usd_micros"], 0);
    let told = works.told().await.join("\n");
    assert!(
        told.contains("network refused: POST /v1/messages: the model `claude-opus-5-5`"),
        "{told}"
    );
    works.bed.forget().await;
}

/// Asks until it is answered otherwise.
const GREEDY: &str = r#"
for turn in range(100):
    status, said = ask(said=turn % 9)
    if status != 200:
        print(status, said, file=sys.stderr)
        sys.exit(1)
    if "You have been here before" in prompt:
        break
mend()
finish()
"#;

#[tokio::test(flavor = "multi_thread")]
async fn without_money_the_door_says_so_and_the_run_asks() {
    let Some(works) = Works::new(GREEDY).await else {
        return;
    };
    let options = Options {
        budget_usd_micros: 40_000,
        ..Works::options()
    };
    let run = works.bed.start(options).await;
    works.bed.waits(run, BUDGET_RAISED).await;
    let code = &works.bed.db.steps(run).await[0].output;
    assert_eq!(code["result"], "out_of_budget");
    let spent = works.bed.balance(run).await.spent;
    assert!((1..=40_000).contains(&spent), "{spent}");
    assert_eq!(code["cost_usd_micros"], spent);
    let told = works.told().await.join("\n");
    assert!(
        told.contains("402 ") && told.contains("billing_error"),
        "{told}"
    );
    let raise = json!({"usd_micros": 10_000_000});
    works.bed.signal(run, BUDGET_RAISED, raise).await;
    assert_eq!(works.bed.db.succeeded(run).await["result"], "published");
    works.bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_ask_so_often_gives_up() {
    let Some(works) = Works::new(GREEDY).await else {
        return;
    };
    let mut options = Works::options();
    let limit = RoleLimits {
        turns: Some(3),
        usd_micros: None,
    };
    options.limits.insert("coder".to_owned(), limit);
    let run = works.bed.start(options).await;
    works.bed.waits(run, ANSWERED).await;
    let asked = works.bed.question(run).await;
    assert!(
        asked.contains("asked its model more than 3 times"),
        "{asked}"
    );
    assert_eq!(works.asked().len(), 3);
    works.leave(run).await;
}

/// Fails until somebody says something.
const FAILING: &str = r#"
if "take the other one" not in prompt:
    print("I cannot find the number", file=sys.stderr)
    sys.exit(3)
assert "files are as you left them" in prompt, prompt
mend()
finish()
"#;

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_asks_a_person_and_is_started_again() {
    let Some(works) = Works::new(FAILING).await else {
        return;
    };
    let run = works.bed.start(Works::options()).await;
    works.bed.waits(run, ANSWERED).await;
    let asked = works.bed.question(run).await;
    assert!(
        asked.contains("The engine `fake` ended with exit code 3"),
        "{asked}"
    );
    assert!(asked.contains("I cannot find the number"), "{asked}");
    let answer = json!({"text": "take the other one"});
    works.bed.signal(run, ANSWERED, answer).await;
    assert_eq!(works.bed.db.succeeded(run).await["result"], "published");
    works.bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_or_is_not_there_says_so() {
    let hangs = Works::with("time.sleep(1000)", "minutes = 0.03").await;
    let Some(works) = hangs else {
        return;
    };
    let run = works.bed.start(Works::options()).await;
    works.bed.waits(run, ANSWERED).await;
    let asked = works.bed.question(run).await;
    assert!(
        asked.contains("did not come to an end within 1 s"),
        "{asked}"
    );
    works.leave(run).await;

    let folder = tempfile::tempdir().unwrap();
    let models = row(folder.path(), r#"["no-such-program"]"#, "");
    let works = Works::of(folder, models).await.unwrap();
    let run = works.bed.start(Works::options()).await;
    works.bed.waits(run, ANSWERED).await;
    let asked = works.bed.question(run).await;
    assert!(
        asked.contains("there is no program `no-such-program` inside the sandbox"),
        "{asked}"
    );
    works.leave(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_say_is_in_the_next_prompt() {
    let script = "assert 'Be brief.' in prompt and 'Carry on then.' in prompt\nmend()\nfinish()";
    let Some(works) = Works::new(script).await else {
        return;
    };
    let run = works.bed.start(Works::options()).await;
    works.bed.waits(run, ANSWERED).await;
    works
        .bed
        .signal(run, MESSAGE, json!({"text": "Be brief."}))
        .await;
    works
        .bed
        .signal(run, ANSWERED, json!({"text": "Carry on then."}))
        .await;
    works.bed.db.succeeded(run).await;
    let steps = works.bed.db.steps(run).await;
    assert_eq!(steps[0].output["messages_seen"], 0);
    assert_eq!(steps[1].output["messages_seen"], 1);
    works.bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_one_is_gone_within_a_second() {
    let script = "ask()\nopen('begun', 'w').close()\ntime.sleep(1000)";
    let Some(works) = Works::new(script).await else {
        return;
    };
    let run = works.bed.start(Works::options()).await;
    let begun = works
        .bed
        .home
        .join("workspaces")
        .join(run.to_string())
        .join("begun");
    eventually("the engine is at work", async || {
        begun.exists().then_some(())
    })
    .await;
    let asked = Instant::now();
    steering::cancel(&works.bed.db.pool, run).await.unwrap();
    let cli = works.folder.path().join("cli.py");
    let cli = cli.to_str().unwrap();
    eventually("it is gone", async || {
        crate::walls::processes(cli).is_empty().then_some(())
    })
    .await;
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
    works.bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_takes_what_it_did_as_it_was_recorded() {
    let Some(works) = Works::new(GOOD).await else {
        return;
    };
    let (run, _) = works.bed.run(Works::options()).await;
    let asked = works.asked().len();
    let mut command = replaying(&works.bed, run, true);
    let output = command
        .env("CODEGRAPH_MODELS", &works.models)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["divergence"], Value::Null);
    assert_eq!(
        (&told["calls"], &told["same"]),
        (&json!(1), &json!(1)),
        "the reviewer's"
    );
    let taken = told["taken_as_recorded"][0].as_str().unwrap();
    assert!(taken.contains("step 1"), "{taken}");
    assert_eq!(works.asked().len(), asked, "no engine was started");
    works.bed.forget().await;
}

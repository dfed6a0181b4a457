//! Tasks that wait for other tasks, and runs that make several attempts, as callers see them. What agents do is said
//! beforehand: by the titles of tasks.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};
use workflows::StepError;

use super::{
    seed::{self, shown},
    stage::{Call, Person, Stage},
};
use crate::support::{Gate, TestWorker, eventually};

/// A worker that plans at once, fails what is to fail, and holds up what is to be held.
async fn worker(stage: &Stage, gate: &Gate) -> TestWorker {
    let gate = gate.clone();
    let db = stage.db.pool.clone();
    let plan = stage.db.worker().on("plan", move |cx| {
        let gate = gate.clone();
        async move {
            let title = cx.step.input["assignment"]["title"].to_string();
            if title.contains("held") {
                gate.pass().await;
            }
            if title.contains("fails") {
                return Err(StepError::fatal("as it was said"));
            }
            Ok(json!({"result": "planned", "plan": {"summary": "-", "items": []}}))
        }
    });
    let plan = plan.on("code", |cx| async move {
        let brief = &cx.step.input;
        let first = brief["assignment"]["given"]["number"] == 1;
        let asks = first && brief["answer"].is_null();
        let result = if asks { "needs_answer" } else { "done" };
        let finish = json!({"question": "Which number?", "summary": "-"});
        Ok(json!({"result": result, "finish": finish, "conversation": "c", "cost_usd_micros": 5}))
    });
    let plan = plan.on("test", |_| async {
        Ok(json!({"result": "green", "evidence": []}))
    });
    let plan = plan.on("review", |_| async {
        Ok(json!({"result": "approve", "verdict": {}}))
    });
    let plan = plan.on("choose", move |cx| {
        let db = db.clone();
        async move {
            let records = codegraph::services::agent_records::AgentRecords::new(db);
            let attempts = records.attempts(cx.run).await.unwrap();
            Ok(json!({"result": "chosen", "chosen": attempts[1].0}))
        }
    });
    let plan = plan.on("publish", |_| async { Ok(json!({"result": "published"})) });
    plan.start().await
}

/// Somebody with a repository.
struct Desk<'s> {
    stage: &'s Stage,
    who: Person,
    repository: String,
}

impl<'s> Desk<'s> {
    async fn new(stage: &'s Stage) -> Self {
        let who = stage.person(Role::Member).await;
        let repository = seed::repository(stage, &who, "inventory", false).await;
        let repository = shown("repo", repository);
        Self {
            stage,
            who,
            repository,
        }
    }

    fn ask(&self, title: &str, after: &[&str], more: &Value) -> Call<'_> {
        let mut body = json!({
            "repository_id": self.repository, "title": title, "depends_on": after,
            "options": {"mode": "plan_only", "approve_plan": false},
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.stage
            .post("/api/v1/tasks", body)
            .bearer(&self.who.access)
    }

    async fn task(&self, title: &str, after: &[&str]) -> String {
        let made = self.ask(title, after, &json!({})).send().await.expect(201);
        made["id"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Value {
        let call = self.stage.get(&format!("/api/v1/{path}"));
        call.bearer(&self.who.access).send().await.expect(200)
    }

    fn change(&self, task: &str, change: Value) -> Call<'_> {
        let call = self
            .stage
            .call(Method::PATCH, &format!("/api/v1/tasks/{task}"));
        call.json(change).bearer(&self.who.access)
    }

    /// The task, once it stands there.
    async fn stands(&self, task: &str, status: &str) -> Value {
        eventually(&format!("{task} is {status}"), async || {
            let row = self.get(&format!("tasks/{task}")).await;
            (row["status"] == status).then_some(row)
        })
        .await
    }

    async fn waiting(&self) -> Vec<Value> {
        let page = self.get("tasks?status=waiting_for_tasks").await;
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].clone()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_begins_when_all_that_it_waits_for_have_succeeded() {
    let stage = Stage::new().await;
    let gate = Gate::default();
    let worker = worker(&stage, &gate).await;
    let desk = Desk::new(&stage).await;
    let (one, two) = (
        desk.task("held 1", &[]).await,
        desk.task("held 2", &[]).await,
    );
    let last = desk.task("last", &[&one, &two]).await;
    let row = desk.stands(&last, "waiting_for_tasks").await;
    assert_eq!(row["depends_on"][0]["task_id"], one.as_str());
    assert_eq!(row["depends_on"][1]["succeeded"], false);
    assert_eq!(row["needs_me"], false);
    assert_eq!(desk.waiting().await, [json!(last)]);
    let run = row["latest_run"]["id"].as_str().unwrap();
    // Those that are held are in the hands of the worker, which has used their jobs up.
    eventually("it holds nothing", async || {
        (stage.db.jobs().await == 0).then_some(())
    })
    .await;
    assert_eq!(
        desk.get(&format!("runs/{run}")).await["status"],
        "waiting_for_tasks"
    );
    // Both end at the same moment.
    gate.open();
    let row = desk.stands(&last, "succeeded").await;
    assert_eq!(row["depends_on"][0]["succeeded"], true);
    assert_eq!(row["attempts"], 1);
    // Nothing is left to wait for.
    let next = desk.task("next", &[&one, &last]).await;
    desk.stands(&next, "succeeded").await;
    worker.stop().await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_one_of_them_fails_the_task_waits_and_the_person_is_told() {
    let stage = Stage::new().await;
    let gate = Gate::default();
    let worker = worker(&stage, &gate).await;
    let desk = Desk::new(&stage).await;
    let broken = desk.task("held fails", &[]).await;
    let second = desk.task("second", &[&broken]).await;
    let third = desk.task("third", &[&second]).await;
    gate.open();
    desk.stands(&broken, "failed").await;
    let row = desk.stands(&second, "waiting_for_tasks").await;
    assert_eq!(row["depends_on"][0]["status"], "failed");
    let told = desk.get("notifications").await;
    let told = told["items"].as_array().unwrap().iter();
    let told: Vec<&Value> = told.filter(|item| item["kind"] == "blocked").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["task"]["id"], second.as_str());
    assert!(told[0]["detail"].as_str().unwrap().contains("held fails"));
    // Canceled, it can be taken up again, and waits as before.
    let run = row["latest_run"]["id"].as_str().unwrap();
    for (what, status) in [("cancel", "canceled"), ("retry", "waiting_for_tasks")] {
        let call = stage.post(&format!("/api/v1/runs/{run}/{what}"), json!({}));
        let answer = call.bearer(&desk.who.access).send().await.expect(200);
        assert_eq!(answer["status"], status);
    }
    // The person decides that it need not wait any longer.
    let change = desk.change(&second, json!({"depends_on": []}));
    assert_eq!(change.send().await.expect(200)["depends_on"], json!([]));
    desk.stands(&second, "succeeded").await;
    desk.stands(&third, "succeeded").await;
    worker.stop().await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_itself_for_strangers_or_for_what_is_gone() {
    let stage = Stage::new().await;
    let desk = Desk::new(&stage).await;
    let not_started = json!({"start": false});
    let made = async |title: &str, after: &[&str]| {
        let made = desk.ask(title, after, &not_started).send().await;
        made.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let one = made("one", &[]).await;
    let two = made("two", &[&one]).await;
    let three = made("three", &[&two]).await;
    let theirs = Desk::new(&stage).await;
    let other = theirs.task("theirs", &[]).await;
    let gone = shown("task", uuid::Uuid::now_v7());
    for (needs, place) in [
        (vec![&one], "/depends_on"),
        (vec![&three], "/depends_on"),
        (vec![&other], "/depends_on/0"),
        (vec![&gone], "/depends_on/0"),
    ] {
        let answer = desk.change(&one, json!({"depends_on": needs})).send().await;
        assert_eq!(answer.expect(422)["errors"][0]["path"], place);
    }
    let many: Vec<String> = (0..21)
        .map(|_| shown("task", uuid::Uuid::now_v7()))
        .collect();
    let answer = desk.change(&one, json!({"depends_on": many})).send().await;
    assert!(
        [400, 422].contains(&answer.status.as_u16()),
        "{}",
        answer.body
    );
    let delete = async |task: &str| {
        let call = stage.call(Method::DELETE, &format!("/api/v1/tasks/{task}"));
        call.bearer(&desk.who.access).send().await.status.as_u16()
    };
    assert_eq!(delete(&two).await, 409);
    assert_eq!(delete(&three).await, 204);
    assert_eq!(delete(&two).await, 204);
    stage.db.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_seen_in_their_run_and_ask_as_it_would() {
    let stage = Stage::new().await;
    let worker = worker(&stage, &Gate::default()).await;
    let desk = Desk::new(&stage).await;
    let more = json!({"options": {"mode": "no_plan", "attempts": 3}});
    let task = desk.ask("several", &[], &more).send().await.expect(201);
    assert_eq!(task["options"]["attempts"], 3);
    let task = task["id"].as_str().unwrap();
    let asking = eventually("an attempt asks", async || {
        let waiting = desk.get("approvals").await;
        waiting["items"].as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!(asking["status"], "awaiting_answer");
    assert_eq!(asking["task"]["id"], task);
    let attempt = asking["id"].as_str().unwrap();
    let runs = desk.get(&format!("tasks/{task}/runs")).await;
    let runs = runs["items"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "attempts are no runs of their own in lists");
    let run = runs[0]["id"].as_str().unwrap();
    assert_eq!(asking["attempt_of"], run);
    assert_eq!(runs[0]["attempts"].as_array().unwrap().len(), 3);
    let listed = desk.get("runs").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let told = desk.get("notifications").await;
    assert_eq!(told["items"][0]["kind"], "question");
    assert_eq!(told["items"][0]["run_id"], attempt);
    // An attempt is no beginning of another run.
    let fork = stage.post(
        &format!("/api/v1/runs/{attempt}/fork"),
        json!({"from_seq": 0}),
    );
    fork.bearer(&desk.who.access).send().await.expect(409);
    let answer = stage.post(
        &format!("/api/v1/runs/{attempt}/answer"),
        json!({"text": "7"}),
    );
    answer.bearer(&desk.who.access).send().await.expect(200);
    desk.stands(task, "succeeded").await;
    let row = desk.get(&format!("runs/{run}")).await;
    let attempts = row["attempts"].as_array().unwrap();
    let chosen: Vec<&Value> = attempts.iter().map(|one| &one["chosen"]).collect();
    assert_eq!(chosen, [&json!(false), &json!(true), &json!(false)]);
    for (number, one) in (1..).zip(attempts) {
        assert_eq!(
            (&one["number"], &one["result"]),
            (&json!(number), &json!("candidate"))
        );
    }
    let told = desk.get("notifications").await;
    let kinds: Vec<&Value> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(
        kinds,
        ["succeeded", "question"],
        "the end of an attempt is nobody's news"
    );
    // Another run of the task makes as many as are asked for now.
    let again = stage.post(&format!("/api/v1/tasks/{task}/runs?attempts=1"), json!({}));
    again.bearer(&desk.who.access).send().await.expect(201);
    desk.stands(task, "succeeded").await;
    worker.stop().await;
    stage.db.forget().await;
}

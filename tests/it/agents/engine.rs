//! An engine for tests: a script that speaks HTTP to the door, edits files and prints its last word.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use codegraph::{
    providers::llm::{Anthropic, Catalogue, Providers},
    services::steering,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use workflows::{RunId, definitions::coding::Options};

use super::{
    bed::{Bed, no_plan},
    vendor::Vendor,
    words::{self, RIGHT, WRONG, approve, conversation, scenario, text},
};
use crate::support::bubblewrap;

/// The vendor's key; it must be seen by the vendor only.
pub(super) const KEY: &str = "sk-test-hunter22-hunter22";

/// What every script begins with.
const BEGINNING: &str = r#"
import json, os, pathlib, sys, time, urllib.error, urllib.request

prompt = sys.stdin.read()
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

def post(path, body, pass_=os.environ["DOOR_PASS"], method="POST", opener=direct, door=os.environ["DOOR"]):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(door + path, body, {"x-api-key": pass_, "content-type": "application/json"}, method=method)
    try:
        with opener.open(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()

def ask(said=0, **more):
    messages = [{"role": "user", "content": prompt}]
    for turn in range(said):
        messages += [{"role": "assistant", "content": "so"}, {"role": "user", "content": "go on"}]
    body = {"model": os.environ["MODEL"], "max_tokens": 1000, "stream": True, "messages": messages}
    return post("/v1/messages?beta=true", body | more)

def mend():
    file = pathlib.Path("inventory/stock.py")
    file.write_text(file.read_text().replace(os.environ["WRONG"], os.environ["RIGHT"]))

def finish(summary="It compares with what is available.", **more):
    said = {"status": "done", "summary": summary, "pr_title": "Refuse what is promised already", "pr_body": "One comparison."}
    print(json.dumps({"type": "result", "result": "Done.\n```json\n" + json.dumps(said | more) + "\n```"}))
"#;

/// Does what is asked for, with two questions to its model.
pub(super) const GOOD: &str = r#"
print("HOME is", os.environ["HOME"], "and", json.dumps(dict(os.environ)), file=sys.stderr)
status, said = ask()
assert status == 200 and said.endswith("\n\n") and "message_stop" in said, (status, said)
with open("deeds.txt", "a") as deeds:
    deeds.write("done\n")
status, said = ask(said=1)
assert status == 200, (status, said)
mend()
finish()
"#;

/// The catalogue with this engine in it, as a file: `extra` is added to its row.
pub(super) fn catalogue(folder: &Path, script: &str, extra: &str) -> PathBuf {
    fs::write(folder.join("cli.py"), format!("{BEGINNING}\n{script}")).unwrap();
    let file = folder.join("cli.py");
    let command = format!(r#"["python3", {:?}]"#, file.to_str().unwrap());
    row(folder, &command, extra)
}

/// The same with this command.
pub(super) fn row(folder: &Path, command: &str, extra: &str) -> PathBuf {
    let row = format!(
        r#"
[[engines]]
id = "fake"
command = {command}
model = "claude-sonnet-5-5"
last_word = {{ json = "result" }}
readable = [{:?}]
{extra}
[engines.env]
DOOR = "{{door}}"
DOOR_PASS = "{{pass}}"
MODEL = "{{model}}"
WRONG = {}
RIGHT = {}
"#,
        folder.to_str().unwrap(),
        json!(WRONG),
        json!(RIGHT),
    );
    let file = folder.join("models.toml");
    fs::write(&file, row).unwrap();
    file
}

/// The vendor that answers an engine and the reviewer.
pub(super) fn vendor() -> Vendor {
    let replies: Vec<Value> = (0..9).map(|_| text("so")).collect();
    Vendor::start(scenario(&[
        conversation("planner", &[words::plan()]),
        conversation("coder", &replies),
        conversation("reviewer", &[approve()]),
    ]))
}

/// Whoever codes is the engine.
pub(super) fn engine(options: Options) -> Options {
    let mut options = options;
    options.models.insert("coder".to_owned(), "fake".to_owned());
    options
}

/// A worker with an engine, and its vendor.
pub(super) struct Works {
    pub(super) bed: Bed,
    pub(super) vendor: Vendor,
    pub(super) models: PathBuf,
    pub(super) folder: TempDir,
}

impl Works {
    pub(super) async fn new(script: &str) -> Option<Self> {
        Self::with(script, "").await
    }

    /// With more in the engine's row.
    pub(super) async fn with(script: &str, extra: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let models = catalogue(folder.path(), script, extra);
        Self::of(folder, models).await
    }

    pub(super) async fn of(folder: TempDir, models: PathBuf) -> Option<Self> {
        bubblewrap().await?;
        let vendor = vendor();
        let bed = Bed::with(&words::good()).await?;
        let catalogue = Arc::new(Catalogue::with_file(&models).unwrap());
        let url = vendor.url().parse().unwrap();
        let anthropic = Anthropic::new(&url, Some(KEY.into()), catalogue.clone());
        let mut providers = Providers::none();
        providers.insert(Arc::new(anthropic.unwrap()));
        let bed = bed
            .having(|env| {
                env.catalogue = catalogue;
                env.providers = Arc::new(providers);
            })
            .await;
        Some(Self {
            bed,
            vendor,
            models,
            folder,
        })
    }

    /// The usual task, straight to the engine.
    pub(super) fn options() -> Options {
        engine(no_plan())
    }

    /// What the engine has asked its model.
    pub(super) fn asked(&self) -> Vec<Value> {
        let bodies = self.vendor.bodies().into_iter();
        let bodies = bodies.map(|body| serde_json::from_str::<Value>(&body).unwrap());
        bodies
            .filter(|body| body["model"] == "claude-sonnet-5-5")
            .collect()
    }

    /// Ends a run that waits, and everything with it.
    pub(super) async fn leave(self, run: RunId) {
        steering::cancel(&self.bed.db.pool, run).await.unwrap();
        self.bed.forget().await;
    }

    /// Everything that is written about runs.
    pub(super) async fn told(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select to_jsonb(t)::text from runs t union all select to_jsonb(t)::text from steps t
             union all select to_jsonb(t)::text from events t union all select to_jsonb(t)::text from agent_runs t
             union all select to_jsonb(t)::text from model_calls t union all select to_jsonb(t)::text from tool_calls t
             union all select convert_from(content, 'UTF8') from artifacts where media_type <> 'application/x-git-pack'",
        )
        .fetch_all(&self.bed.db.pool)
        .await
        .unwrap()
    }
}

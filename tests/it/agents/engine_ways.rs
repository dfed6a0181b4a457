//! The other ways of speaking that an engine's door understands, and vendors that refuse or break off.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use codegraph::providers::llm::{Catalogue, OpenAi, Providers};
use serde_json::json;

use super::{
    bed::Bed,
    engine::{KEY, Works, catalogue},
    words,
};
use crate::llm::server::{Answer, Server};
use crate::support::bubblewrap;

/// With spaces that no program of ours would write.
const CHAT: &str = r#"{ "model":"gpt-x",  "choices":[ {"finish_reason":"stop","message":{"content":"hi"}} ],
 "usage":{"prompt_tokens":30,"completion_tokens":12,"prompt_tokens_details":{"cached_tokens":10}} }"#;

const RESPONSES: &str = concat!(
    "event: response.created\ndata: {\"type\":\"response.created\"}\n\n",
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"gpt-x\",\"output\":[],",
    "\"usage\":{\"input_tokens\":30,\"output_tokens\":12,\"input_tokens_details\":{\"cached_tokens\":10}}}}\n\n",
);

/// Asks in all ways, and tells what it heard.
const SCRIPT: &str = r#"
import http.client
chat = {"model": os.environ["MODEL"], "messages": [{"role": "user", "content": "hi"}]}
heard = [post("/v1/chat/completions", chat), post("/v1/chat/completions", chat)]
heard.append(post("/v1/responses", {"model": os.environ["MODEL"], "stream": True, "input": "hi"}))
try:
    heard.append(post("/v1/responses", {"model": os.environ["MODEL"], "stream": True, "input": "hi"}))
except (http.client.IncompleteRead, OSError):
    heard.append((0, "broke off"))
mend()
finish(json.dumps([status for status, _ in heard]), risks=[text for _, text in heard])
"#;

fn server() -> Server {
    let asked = AtomicUsize::new(0);
    Server::start(move |seen| {
        let kind = ("content-type", "application/json");
        match (seen.path.as_str(), asked.fetch_add(1, Ordering::Relaxed)) {
            ("/v1/chat/completions", 0) => {
                let body = format!(r#"{{"error": {{"message": "{KEY} is too fast"}}}}"#);
                Answer::status(429, &body).header("retry-after", "0")
            }
            ("/v1/chat/completions", _) => Answer::status(200, CHAT).header(kind.0, kind.1),
            ("/v1/responses", 2) => Answer::stream(RESPONSES).cut_at(70),
            _ => Answer::stream(&RESPONSES[..60]).cut_off(),
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_and_responses_go_through_and_are_counted() {
    if bubblewrap().await.is_none() {
        return;
    }
    let Some(bed) = Bed::with(&words::good()).await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let models = catalogue(folder.path(), SCRIPT, "");
    let row = fs::read_to_string(&models).unwrap();
    let row = row.replace("claude-sonnet-5-5", "openai/gpt-x");
    let models = Arc::new(Catalogue::with_text(&row, "here").unwrap());
    let server = server();
    let url = format!("{}/v1", server.url()).parse().unwrap();
    let openai = OpenAi::new(&url, Some(KEY.into()), models.clone()).unwrap();
    let mut providers = Providers::none();
    providers.insert(bed.model.clone());
    providers.insert(Arc::new(openai));
    let mask = codegraph::telemetry::Redactor::new([KEY.into()]);
    let bed = bed
        .having(|env| {
            env.catalogue = models;
            env.providers = Arc::new(providers);
            env.mask = Arc::new(move |text| mask.mask(text).into_owned());
        })
        .await;
    let (run, _) = bed.run(Works::options()).await;
    let code = &bed.db.steps(run).await[0].output;
    let finish = &code["finish"];
    assert_eq!(finish["summary"], "[429, 200, 200, 0]", "{finish:#}");
    let refused = finish["risks"][0].as_str().unwrap();
    assert!(
        refused.contains("is too fast") && !refused.contains(KEY),
        "{refused}"
    );
    assert_eq!(finish["risks"][1], CHAT, "byte for byte");
    assert_eq!(finish["risks"][2], RESPONSES);

    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    let key = format!("Bearer {KEY}");
    for call in &seen {
        assert_eq!(call.header("authorization"), Some(key.as_str()));
        assert_eq!(call.header("x-codegraph-role"), Some("coder"));
        assert_eq!(call.json()["model"], "gpt-x");
    }
    assert_eq!(seen[2].json()["store"], json!(false));
    let rows: Vec<String> = sqlx::query_scalar(
        "select concat_ws(' ', c.state, c.input_tokens, c.cache_read_tokens, c.output_tokens)
         from model_calls c where c.provider = 'openai' order by c.turn",
    )
    .fetch_all(&bed.db.pool)
    .await
    .unwrap();
    let answered = "finished 20 10 12";
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert_eq!((rows[1].as_str(), rows[2].as_str()), (answered, answered));
    let states = (rows[0].as_str(), rows[3].as_str());
    assert!(
        states.0.starts_with("failed") && states.1.starts_with("abandoned"),
        "{rows:?}"
    );
    bed.forget().await;
}

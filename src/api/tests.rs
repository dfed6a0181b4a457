//! The outer manners of the server: documents, health, and the one shape of errors.

use poem::Response;
use poem::test::{TestClient, TestResponse};
use serde_json::Value;
use sqlx::PgPool;

use super::*;

/// The server with a database that refuses every connection.
fn client(worker: Option<WorkerHealth>) -> TestClient<impl Endpoint> {
    let db = PgPool::connect_lazy("postgresql://nobody@127.0.0.1:1/nothing").unwrap();
    let worker = worker.map(|state| watch::channel(state).1);
    let health = Health::new(db.clone(), 5, worker);
    let config = Config::read([], std::path::Path::new("/")).unwrap();
    let state = ApiState::new(db, health, &config, |_| ()).unwrap();
    TestClient::new(routes(state))
}

async fn problem(response: TestResponse, status: StatusCode) -> Value {
    response.assert_status(status);
    response.assert_content_type("application/problem+json");
    let id = response.0.header("x-request-id").unwrap().to_owned();
    let problem: Value = response.json().await.value().deserialize();
    assert_eq!(problem["status"], status.as_u16());
    assert_eq!(problem["title"], status.canonical_reason().unwrap());
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["request_id"], Value::from(id));
    problem
}

#[tokio::test]
async fn a_live_process_says_so_without_its_database() {
    let response = client(None).get("/healthz").send().await;
    response.assert_status_is_ok();
    response
        .assert_json(serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
        .await;
}

#[tokio::test]
async fn without_its_database_the_process_is_not_ready_and_says_why() {
    let response = client(Some(WorkerHealth::Draining))
        .get("/readyz")
        .send()
        .await;
    let problem = problem(response, StatusCode::SERVICE_UNAVAILABLE).await;
    let expected = serde_json::json!([
        { "path": "database", "message": "no answer within 1 s" },
        { "path": "worker", "message": "draining" },
    ]);
    assert_eq!(problem["errors"], expected);
}

#[tokio::test]
async fn the_frameworks_refusals_are_problems_too() {
    let client = client(None);
    let nowhere = client.get("/api/v1/nowhere").send().await;
    problem(nowhere, StatusCode::NOT_FOUND).await;
    for (path, methods) in [
        ("/api/v1/version", "GET"),
        ("/openapi.json", "GET"),
        ("/api/v1/tasks/task_1/runs", "GET, POST"),
    ] {
        let wrong_method = client.put(path).send().await;
        wrong_method.assert_header("allow", methods);
        problem(wrong_method, StatusCode::METHOD_NOT_ALLOWED).await;
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    let panics = poem::endpoint::make_sync(|_| -> Response { panic!("the secret reason") });
    let app = panics
        .with(CatchPanic::new().with_handler(problem::of_panic))
        .around(problem::for_every_error)
        .with(RequestId::new());
    let response = TestClient::new(app).get("/").send().await;
    let problem = problem(response, StatusCode::INTERNAL_SERVER_ERROR).await;
    assert!(!problem.to_string().contains("secret"));
}

#[tokio::test]
async fn an_error_of_ours_hides_its_cause_and_one_of_the_caller_shows_it() {
    for (status, shown) in [
        (StatusCode::BAD_GATEWAY, false),
        (StatusCode::BAD_REQUEST, true),
    ] {
        let fails = make(move |_| async move {
            Err::<Response, _>(poem::Error::from_string("the reason", status))
        });
        let app = fails
            .around(problem::for_every_error)
            .with(RequestId::new());
        let response = TestClient::new(app).get("/").send().await;
        let problem = problem(response, status).await;
        assert_eq!(problem["detail"] == "the reason", shown, "{problem}");
    }
}

#[tokio::test]
async fn the_document_is_served_as_json_as_yaml_and_as_a_page() {
    let client = client(None);
    let json = client.get("/openapi.json").send().await;
    json.assert_content_type("application/json");
    json.assert_text(spec()).await;

    let yaml = client.get("/openapi.yaml").send().await;
    yaml.assert_content_type("application/yaml");
    let yaml = yaml.0.into_body().into_string().await.unwrap();
    assert!(
        yaml.contains("\nopenapi: \"3.0.0\"\n") && yaml.contains("\"/healthz\":\n"),
        "{yaml}"
    );

    let page = client.get("/docs").send().await;
    page.assert_header_exist("content-security-policy");
    let page = page.0.into_body().into_string().await.unwrap();
    assert!(
        page.contains(&spec()),
        "the page shows the document as we serve it"
    );
    assert!(
        !page.contains("src=\"http"),
        "and loads nothing from elsewhere"
    );
}

#[tokio::test]
async fn the_version_is_open_to_all() {
    let response = client(None).get("/api/v1/version").send().await;
    response
        .assert_json(serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "api": "v1",
            "sandbox": "unknown",
        }))
        .await;
}

#[tokio::test]
async fn a_worker_alone_says_whether_it_works() {
    let (tell, health) = watch::channel(WorkerHealth::Starting);
    let client = TestClient::new(worker(health));
    for (state, status) in [
        (WorkerHealth::Starting, 503),
        (WorkerHealth::Working, 200),
        (WorkerHealth::Away, 503),
        (WorkerHealth::Draining, 200),
        (WorkerHealth::Stopped, 503),
    ] {
        tell.send_replace(state);
        let said = client.get("/healthz").send().await;
        assert_eq!(said.0.status().as_u16(), status, "{state:?}");
    }
}

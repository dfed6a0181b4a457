//! Starting: the same request twice is one run; the same migration twice is one schema.

use codegraph::{
    Error, database,
    services::runs::{self, Start},
};
use futures::future::join_all;
use sqlx::{Connection as _, PgConnection, postgres::PgPoolOptions};

use crate::support::{Act, SCRIPT, TestDb, script, step};

fn request(acts: &[Act]) -> Start {
    Start {
        input: script(acts),
        request_key: Some("the same".into()),
        ..Start::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_of_many_callers_at_once_is_one_run() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let pool = PgPoolOptions::new()
        .max_connections(32)
        .connect_lazy_with(db.options.clone());
    for round in 0..10 {
        let start = || Start {
            request_key: Some(format!("request {round}")),
            ..request(&[])
        };
        let callers = (0..32).map(|_| runs::start(&pool, &SCRIPT, start()));
        let answers = join_all(callers).await;
        let first = *answers[0].as_ref().expect("it starts");
        for answer in answers {
            assert_eq!(answer.expect("it starts"), first);
        }
        db.succeeded(first).await;
        // And again when it has long ended.
        assert_eq!(db.start(&SCRIPT, start()).await, first);
    }
    let count: i64 = sqlx::query_scalar("select count(*) from runs")
        .fetch_one(&db.pool)
        .await
        .expect("runs are counted");
    assert_eq!(count, 10);
    pool.close().await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_key_is_not_used_for_something_else() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.start(&SCRIPT, request(&[])).await;
    let other = request(&[Act::Do(step("say", "other".into()))]);
    let refused = runs::start(&db.pool, &SCRIPT, other).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_nodes_may_migrate_an_empty_database_at_once() {
    let db = TestDb::empty().await;
    let pools: Vec<_> = (0..4)
        .map(|_| PgPoolOptions::new().connect_lazy_with(db.options.clone()))
        .collect();
    for result in join_all(pools.iter().map(database::migrate)).await {
        result.expect("they take turns");
    }
    database::migrate(&db.pool)
        .await
        .expect("once more changes nothing");
    for pool in pools {
        pool.close().await;
    }
    let worker = db.worker().start().await;
    let run = db.script(&[]).await;
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lacks_what_we_need_is_refused_with_the_remedy() {
    let db = TestDb::empty().await;
    let weak = format!("weak_{}", std::process::id());
    let name = db.options.get_database().expect("it has one").to_owned();
    let admin = |sql: String| {
        let pool = db.pool.clone();
        async move {
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::raw_sql(sql).execute(&pool).await.expect("we may");
        }
    };
    admin(format!("create role {weak} login password 'weak'")).await;
    let options = db.options.clone().username(&weak).password("weak");
    let checked = async |allow| {
        let mut conn = PgConnection::connect_with(&options)
            .await
            .expect("it may come in");
        let checked = database::check(&mut conn, allow).await;
        conn.close().await.expect("it goes");
        checked
    };
    let refused = checked(false).await.expect_err("no hstore").to_string();
    assert!(refused.contains("CREATE EXTENSION hstore"), "{refused}");
    // Its owner may switch on what is trusted, and pgvector is not.
    admin(format!("grant create on database {name} to {weak}")).await;
    let refused = checked(false).await.expect_err("no vector").to_string();
    assert!(
        refused.contains("CREATE EXTENSION vector")
            && refused.contains("CODEGRAPH_ALLOW_NO_VECTOR"),
        "{refused}"
    );
    assert_eq!(
        checked(true).await.expect("that is allowed"),
        database::Search::Lexical
    );
    let mut ours = db.pool.acquire().await.expect("the database answers");
    let found = database::check(&mut ours, false).await.expect("we may");
    assert_eq!(found, database::Search::Semantic);
    drop(ours);
    // What somebody else has switched on will do.
    assert_eq!(
        checked(false).await.expect("it is there"),
        database::Search::Semantic
    );
    admin(format!(
        "revoke create on database {name} from {weak}; drop role {weak}"
    ))
    .await;
    db.forget().await;
}

//! A database of its own for every test, copied from a template that is migrated once.

use std::{
    env,
    hash::{DefaultHasher, Hash, Hasher},
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::UNIX_EPOCH,
};

use sqlx::{
    Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{eventually, server};

/// Serialises what concerns all databases: the template, and clearing away.
const TURN: i64 = 0x0043_4754;

/// A migrated database. End a test with [`TestDb::finish`].
#[derive(Debug)]
pub(crate) struct TestDb {
    pub(crate) pool: PgPool,
    pub(crate) options: PgConnectOptions,
    name: String,
    finished: bool,
}

impl TestDb {
    /// A migrated database.
    pub(crate) async fn new() -> Self {
        let template = template().await;
        Self::create(&format!("template {template}")).await
    }

    /// A database without anything in it.
    pub(crate) async fn empty() -> Self {
        Self::create("").await
    }

    async fn create(how: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("t_{}_{}_{count}", program().0, process::id());
        let mut admin = admin().await;
        execute(&mut admin, &format!("create database {name} {how}")).await;
        let options = server::options().await.database(&name);
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .connect_lazy_with(options.clone());
        Self {
            pool,
            options,
            name,
            finished: false,
        }
    }

    /// Checks that nothing is left over, then drops the database.
    pub(crate) async fn finish(self) {
        self.nothing_left().await;
        self.forget().await;
    }

    /// Drops the database, whatever is in it.
    pub(crate) async fn forget(mut self) {
        journals_are_whole(&self.pool).await;
        self.pool.close().await;
        let drop = format!("drop database {} with (force)", self.name);
        execute(&mut admin().await, &drop).await;
        self.finished = true;
    }

    /// No run lives, no job waits but the chore of tomorrow, no place is taken, nobody stands in line.
    async fn nothing_left(&self) {
        let left = async || {
            let left: (i64, i64, i64, i64) = sqlx::query_as(
                "select (select count(*) from run_heads), (select count(*) from apalis.jobs where coalesce(idempotency_key, '') !~ '^(tidy_up|look_at_pulls):'),
                        (select coalesce(sum(holding), 0) from run_limits), (select count(*) from run_queue)",
            )
            .fetch_one(&self.pool)
            .await
            .expect("the tables are there");
            left
        };
        // What ended a moment ago may not have been settled yet.
        eventually("no head, job, place or line is left over", async || {
            (left().await == (0, 0, 0, 0)).then_some(())
        })
        .await;
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        // A test that fails leaves its database for the curious; the next build clears it away.
        assert!(
            self.finished || std::thread::panicking(),
            "a test ends with TestDb::finish"
        );
    }
}

/// Every journal has its rows in one unbroken numbering.
pub(crate) async fn journals_are_whole(db: &PgPool) {
    let migrated: bool = sqlx::query_scalar("select to_regclass('steps') is not null")
        .fetch_one(db)
        .await
        .expect("the database answers");
    if !migrated {
        return;
    }
    let broken: Vec<(uuid::Uuid, i64, i64)> = sqlx::query_as(
        "select run_id, count(*), max(seq) - coalesce(r.fork_seq, 0)::bigint
         from (select run_id, seq from steps union all select run_id, seq from events) j join runs r on r.id = run_id
         group by run_id, r.fork_seq
         having count(*) <> max(seq) - coalesce(r.fork_seq, 0) or count(*) <> count(distinct seq)",
    )
    .fetch_all(db)
    .await
    .expect("the journals are read");
    assert!(
        broken.is_empty(),
        "journals with gaps or doubles (run, rows, newest row): {broken:?}"
    );
}

async fn admin() -> PgConnection {
    PgConnection::connect_with(&server::options().await)
        .await
        .expect("the test server answers")
}

async fn execute(conn: &mut PgConnection, sql: &str) {
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(conn)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// What names this program's databases (several checkouts may share a server), and this build of it.
fn program() -> (String, String) {
    let exe = env::current_exe().expect("we run");
    let built = std::fs::metadata(&exe)
        .and_then(|found| found.modified())
        .expect("the program has a date")
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let mut hasher = DefaultHasher::new();
    exe.hash(&mut hasher);
    let path = format!("{:08x}", hasher.finish() >> 32);
    (path, format!("{:x}", built.as_millis()))
}

/// The migrated template of this build. Whoever comes first makes it, and clears away what earlier builds
/// and failed tests left.
async fn template() -> String {
    let (path, build) = program();
    let name = format!("template_{path}_{build}");
    let mut admin = admin().await;
    execute(&mut admin, &format!("select pg_advisory_lock({TURN})")).await;
    // Marked as a template only when it is complete.
    let complete: Option<bool> =
        sqlx::query_scalar("select datistemplate from pg_database where datname = $1")
            .bind(&name)
            .fetch_optional(&mut admin)
            .await
            .expect("the catalogue is read");
    if complete != Some(true) {
        clear(&mut admin, &path).await;
        execute(&mut admin, &format!("create database {name}")).await;
        let options = server::options().await.database(&name);
        let pool = PgPoolOptions::new().connect_lazy_with(options);
        codegraph::database::migrate(&pool)
            .await
            .expect("the migrations apply");
        pool.close().await;
        execute(
            &mut admin,
            &format!("alter database {name} is_template true"),
        )
        .await;
    }
    execute(&mut admin, &format!("select pg_advisory_unlock({TURN})")).await;
    name
}

async fn clear(admin: &mut PgConnection, path: &str) {
    let old: Vec<(String, bool)> = sqlx::query_as(
        "select datname, datistemplate from pg_database d
         where (datname like 'template_' || $1 || '_%' or datname like 't_' || $1 || '_%')
           and not exists (select from pg_stat_activity a where a.datid = d.oid)",
    )
    .bind(path)
    .fetch_all(&mut *admin)
    .await
    .expect("the catalogue is read");
    for (name, template) in old {
        if template {
            execute(admin, &format!("alter database {name} is_template false")).await;
        }
        execute(admin, &format!("drop database if exists {name}")).await;
    }
}

//! One life of a worker, from the moment it becomes known to the moment it is given up or told to stop.

use std::{sync::Arc, time::Duration};

use jobs::{DeliverWebhook, Handlers, InHand, JobError, Lanes, LookAtPulls, TidyUp, wake::Bells};
use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Health, Worker,
    alarm::Alarm,
    claims::{Claims, Taker},
    commit::GroupCommit,
    company::Company,
    ears,
    held::Held,
    journal::{PgJournal, Records},
    news::News,
    pools::Pools,
    pulse::Vitals,
};
use crate::{
    error::{Fault, Result, classify},
    models::worker::{self, NewWorker},
    services::{
        pull_watch,
        recovery::{self, Cause},
        retention,
        webhooks::Deliverer,
    },
};

/// After a life that ended badly, or a start that failed.
const AGAIN: Duration = Duration::from_millis(500);
/// What is told to let go gets so long to do it.
const LETTING_GO: Duration = Duration::from_secs(5);

/// Lives, again and again, until told to stop.
pub(super) async fn live(worker: Worker, stop: CancellationToken) -> Result<()> {
    let mut first = true;
    while !stop.is_cancelled() {
        // Each life has its own: a connection that died without a word would be silent in the next one, too.
        let pools = Pools::new(&worker.database, worker.settings.connections);
        let begun = match ears::open(&pools.db).await {
            Ok(session) => life(&worker, &pools, session, &stop).await,
            // The first try of all must tell its caller what is wrong with the database. One that is only away is
            // waited for, or a supervisor would start us again and again until it is back.
            Err(error) if first && classify(&error) != Fault::Passing => return Err(error.into()),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = begun {
            tracing::warn!(%error, "the worker could not start, trying again");
        }
        first = false;
        if stop.is_cancelled() {
            // A server that does not answer is not told good-bye.
            drop(tokio::time::timeout(LETTING_GO, pools.close()).await);
            break;
        }
        worker.health.send_replace(Health::Starting);
        stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await;
    }
    worker.health.send_replace(Health::Stopped);
    Ok(())
}

async fn life(
    worker: &Worker,
    pools: &Pools,
    mut session: PgListener,
    stop: &CancellationToken,
) -> Result<()> {
    let settings = &worker.settings;
    let new = introduction(worker).await;
    let id = ears::answered(worker::register(&mut session, &new)).await?;
    let mut conn = pools.db.acquire().await?;
    ears::answered(jobs::store::register(&mut conn, id)).await?;
    drop(conn);

    let mut tasks = JoinSet::new();
    let held = Held::default();
    let alarm = Arc::<Alarm>::default();
    let news = Arc::<News>::default();
    let bells = Bells::default();
    let in_hand = InHand::default();
    let lost = CancellationToken::new();
    let vitals = Vitals {
        id,
        lease: settings.lease,
        db: pools.db.clone(),
        own: pools.lease.clone(),
        held: held.clone(),
        alarm: Arc::clone(&alarm),
        bells: bells.clone(),
        in_hand: in_hand.clone(),
        watch: Arc::<Notify>::default(),
        amnesty: Arc::default(),
        lost: lost.clone(),
        health: worker.health.clone(),
    };
    let records = GroupCommit::new(pools.hot.clone(), Records);
    let journal = Arc::new(PgJournal {
        db: pools.db.clone(),
        records,
        held: held.clone(),
        alarm,
        news: Arc::clone(&news),
    });
    let handlers = chores(worker, pools, runs(worker, pools, id, journal, &held));
    let lanes = Lanes::start(&pools.queue, id, &settings.lanes, &bells, in_hand, handlers);
    tasks.spawn(ask_for_chores(
        worker.keeps,
        worker.pulls.is_some(),
        pools.db.clone(),
    ));
    tasks.spawn(vitals.clone().listen(session));
    tasks.spawn(vitals.clone().pulse());
    tasks.spawn(vitals.watch());
    let db = pools.db.clone();
    tasks.spawn(async move { news.tell(&db).await });
    worker.health.send_replace(Health::Working);
    tracing::info!(worker = id, lanes = ?new.lanes, "working");

    tokio::select! {
        () = lost.cancelled() => {}
        // Without its pulse it would go on under a lease that nobody renews.
        () = a_panic(&mut tasks) => tracing::error!(worker = id, "a part of the worker panicked; it begins again"),
        () = stop.cancelled() => {
            worker.health.send_replace(Health::Draining);
            held.drain();
        }
        never = recovery::find_stranded_for_ever(&pools.db) => match never {},
    }
    finish(worker, pools, id, lanes, &held, stop.is_cancelled()).await;
    // The tasks end only now: until here the journal must be writable and the lease good.
    tasks.shutdown().await;
    Ok(())
}

/// The job that takes up a run.
fn runs(worker: &Worker, pools: &Pools, id: i64, journal: Arc<PgJournal>, held: &Held) -> Handlers {
    let taker = Arc::new(Taker {
        db: pools.db.clone(),
        claims: GroupCommit::new(pools.hot.clone(), Claims { worker: id }),
        journal,
        held: held.clone(),
        company: Company::default(),
        definitions: Arc::clone(&worker.definitions),
        steps: Arc::clone(&worker.steps),
    });
    Handlers::default().on_self_taken(move |job, id| {
        let taker = Arc::clone(&taker);
        async move { taker.advance(job, id).await }
    })
}

/// Resolves when one of these tasks has panicked.
async fn a_panic(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if ended.is_err_and(|error| error.is_panic()) {
            return;
        }
    }
    std::future::pending::<()>().await;
}

/// The jobs that are no runs.
fn chores(worker: &Worker, pools: &Pools, handlers: Handlers) -> Handlers {
    let deliverer = Deliverer {
        db: pools.db.clone(),
        private: worker.webhook_hosts.clone(),
        seal: worker.seal.clone(),
    };
    let (db, keeps) = (pools.db.clone(), worker.keeps);
    let pulls = worker.pulls.clone();
    handlers
        .on(move |_: LookAtPulls| {
            let pulls = pulls.clone();
            async move {
                match pulls {
                    Some(pulls) => pull_watch::pass(&pulls).await,
                    // One that looks at them will be asked when it starts.
                    None => Ok(()),
                }
            }
        })
        .on(move |job: DeliverWebhook| {
            let deliverer = deliverer.clone();
            async move { deliverer.deliver(job).await }
        })
        .on(move |_: TidyUp| {
            let db = db.clone();
            async move { tidy_up(&db, keeps).await }
        })
}

async fn ask_for_chores(keeps: Option<u32>, looks: bool, db: PgPool) {
    if keeps.is_some()
        && let Err(error) = retention::schedule(&db).await
    {
        tracing::warn!(%error, "nobody asked for the daily tidying up; the next worker that starts does");
    }
    if looks && let Err(error) = pull_watch::schedule(&db).await {
        tracing::warn!(%error, "nobody asked for looks at pull requests; the next worker that starts does");
    }
}

/// A worker that keeps everything leaves it at that, and the chore is not done again.
async fn tidy_up(db: &PgPool, keeps: Option<u32>) -> Result<(), JobError> {
    let Some(days) = keeps else { return Ok(()) };
    let tidied = async {
        retention::again_tomorrow(db).await?;
        retention::tidy_up(db, days).await
    };
    match tidied.await {
        Ok(_) => Ok(()),
        Err(error) => Err(JobError::Retry(error.to_string())),
    }
}

/// What others are told of a worker.
async fn introduction(worker: &Worker) -> NewWorker {
    let settings = &worker.settings;
    let sandbox = match &worker.agents {
        Some((agents, _)) => agents.wall_name().await,
        None => "unknown",
    };
    NewWorker {
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        pid: i32::try_from(std::process::id()).unwrap_or_default(),
        lanes: settings
            .lanes
            .iter()
            .map(|width| width.lane.to_string())
            .collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        lease: settings.lease.max(Duration::from_secs(40)),
        sandbox,
    }
}

/// Ends a life: graceful when told to stop, at once when given up.
async fn finish(
    worker: &Worker,
    pools: &Pools,
    id: i64,
    lanes: Lanes,
    held: &Held,
    graceful: bool,
) {
    lanes.stop();
    let grace = if graceful {
        worker.settings.grace
    } else {
        Duration::ZERO
    };
    let mut finished = std::pin::pin!(lanes.finished());
    if tokio::time::timeout(grace, &mut finished).await.is_err() {
        held.let_go_of_all();
        if tokio::time::timeout(LETTING_GO, finished).await.is_err() {
            tracing::warn!(worker = id, "some work did not let go in time");
        }
    }
    if graceful
        && tokio::time::timeout(LETTING_GO, hand_back(pools, id))
            .await
            .is_err()
    {
        tracing::warn!(
            worker = id,
            "the database does not answer; others will take over"
        );
    }
}

async fn hand_back(pools: &Pools, id: i64) {
    // The timers this worker kept an eye on are for others now.
    if let Err(error) = jobs::wake::announce_later(&pools.db).await {
        tracing::warn!(%error, "could not tell the others of the timers");
    }
    match recovery::take_over(&pools.db, &[id], Cause::HandedBack).await {
        Ok(runs) => tracing::info!(worker = id, runs, "stopped, and handed back what was left"),
        Err(error) => {
            tracing::warn!(worker = id, %error, "could not hand back; others will take over");
        }
    }
}

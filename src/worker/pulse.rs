//! The pulse of a worker: shows that it lives, and looks after what time alone moves — timers, deadlines,
//! delayed jobs — and after workers that do not live any more. Idle, it costs two statements in ten
//! seconds; a run that waits costs nothing between its beginning and its end.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use workflows::{Fence, RunId};

use super::{Health, alarm::Alarm, held::Held};
use crate::{
    error::Result,
    models::{head, worker},
    services::recovery::{self, Cause, Release},
};

/// The pulse of a worker that holds nothing, and its lease: nobody waits for it.
const IDLE: Duration = Duration::from_secs(10);
const IDLE_LEASE: Duration = Duration::from_secs(40);
/// A worker that holds something for so long shows it at once.
const SETTLED: Duration = Duration::from_millis(500);
/// Pause between looks at other workers' sessions while they hold runs. One is given up when two looks in
/// a row, and for long enough, find its session gone.
const WATCH: Duration = Duration::from_millis(100);
/// A worker whose session broke off needs some trips to the server for another one: across a network it gets as long as
/// so many of ours take, and no longer than the second.
const TRIPS: u32 = 12;
const PATIENCE: Duration = Duration::from_millis(500);
/// After our own session was lost, as in a restart of the server, others get so long to return as well.
const AMNESTY: Duration = Duration::from_millis(1500);
const AWAY: Duration = Duration::from_millis(250);

/// When a worker that last renewed its lease then must have let go of everything: a little before the lease is
/// over, which the database counts from when it heard of it, not from when it was asked.
fn fence_at(renewed: Instant, lease: Duration) -> Instant {
    renewed + lease - lease / 10
}

/// What a worker holds by the tables' word without knowing of it, as of the last look.
#[derive(Debug, Default)]
struct Strange {
    runs: Vec<Fence>,
    jobs: Vec<String>,
}

/// What the pulse and the watch share.
#[derive(Debug, Clone)]
pub(super) struct Vitals {
    pub(super) id: i64,
    pub(super) lease: Duration,
    pub(super) db: PgPool,
    /// For the lease alone: nothing else can keep it waiting.
    pub(super) own: PgPool,
    pub(super) held: Held,
    pub(super) alarm: Arc<Alarm>,
    pub(super) bells: jobs::wake::Bells,
    pub(super) in_hand: jobs::InHand,
    /// Rung when others may have come to hold runs.
    pub(super) watch: Arc<Notify>,
    /// When our own session was last lost.
    pub(super) amnesty: Arc<Mutex<Option<Instant>>>,
    /// Cancelled when this worker has been given up.
    pub(super) lost: CancellationToken,
    pub(super) health: tokio::sync::watch::Sender<Health>,
}

impl Vitals {
    /// Beats until the worker is given up. What it held then belongs to others.
    pub(super) async fn pulse(self) {
        let mut renewed = Instant::now();
        let mut lease = IDLE_LEASE;
        let mut fence = fence_at(renewed, lease);
        let mut strange = Strange::default();
        // Whatever became due while nobody looked.
        self.alarm.set(Duration::ZERO);
        let mut settles: Option<Instant> = None;
        loop {
            let idle = self.held.is_empty() && lease == IDLE_LEASE;
            let rhythm = renewed + if idle { IDLE } else { lease / 3 };
            let next = [Some(rhythm), self.alarm.next(), settles]
                .into_iter()
                .flatten()
                .min()
                .unwrap_or(rhythm);
            tokio::select! {
                // In this order: what is due must not lose against what keeps happening.
                biased;
                () = tokio::time::sleep_until(next.into()) => {}
                () = self.alarm.moved() => continue,
                () = self.held.became_busy() => {
                    settles.get_or_insert_with(|| Instant::now() + SETTLED);
                    continue;
                }
            }
            let settled = settles.take_if(|at| *at <= Instant::now()).is_some();
            let holding = settled && !self.held.is_empty() && lease != self.lease;
            let timers = self.alarm.take_due();
            if !holding && !timers && Instant::now() < rhythm {
                continue;
            }
            if holding {
                self.ask_to_watch().await;
            }
            // By our own clock, before asking: a process that was frozen must not believe it still holds anything.
            if fence <= Instant::now() {
                return self.give_up(
                    "its lease ran out unnoticed: the process or its machine stood still",
                );
            }
            let wanted = if self.held.is_empty() {
                IDLE_LEASE
            } else {
                self.lease
            };
            let asked = Instant::now();
            // A shorter lease holds from when the database has heard of it, whether its answer arrives or not.
            fence = fence.min(fence_at(asked, wanted));
            // And while asking: a wire that was cut without a word does not answer, and the others take over
            // what this worker holds when its lease is over.
            let renewing = worker::pulse(&self.own, self.id, wanted);
            let Ok(renewing) = tokio::time::timeout_at(fence.into(), renewing).await else {
                return self.give_up("the database did not answer for as long as its lease lasts");
            };
            match renewing {
                Ok(pulse) if pulse.alive => {
                    renewed = asked;
                    lease = wanted;
                    fence = fence_at(renewed, lease);
                    self.health.send_if_modified(|health| {
                        std::mem::replace(health, Health::Working) != Health::Working
                    });
                    let looking = self.look_after(pulse, timers, &mut strange);
                    self.in_time(lease, looking).await;
                }
                // It has just handed everything back by itself.
                Ok(_) if self.held.draining() => return,
                Ok(_) => return self.give_up("others took over what it held"),
                Err(error) => {
                    tracing::warn!(%error, "could not renew the lease");
                    self.away().await;
                }
            }
        }
    }

    /// However long that would take, the lease must be renewed in time.
    async fn in_time(&self, lease: Duration, looking: impl Future<Output = Result<()>>) {
        match tokio::time::timeout(lease / 2, looking).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "could not look after what time moves");
                self.away().await;
            }
            Err(_) => self.alarm.set(Duration::ZERO),
        }
    }

    /// Not for long: there is a lease to renew.
    async fn ask_to_watch(&self) {
        let asking = jobs::wake::announce_holding(&self.db);
        match tokio::time::timeout(self.lease / 4, asking).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "could not ask the others to watch"),
            Err(_) => tracing::warn!("could not ask the others to watch in time"),
        }
    }

    async fn away(&self) {
        self.health.send_replace(Health::Away);
        self.alarm.set(AWAY);
        tokio::time::sleep(AWAY).await;
    }

    fn give_up(&self, reason: &str) {
        tracing::warn!(worker = self.id, reason, "this worker was given up");
        self.lost.cancel();
    }

    /// Looks after what a pulse has found.
    async fn look_after(
        &self,
        pulse: worker::Pulse,
        timers: bool,
        strange: &mut Strange,
    ) -> Result<()> {
        if pulse.others_hold {
            self.watch.notify_one();
        }
        if !pulse.gone.is_empty() {
            self.take_over(&pulse.gone, "their leases are over").await;
        }
        let mut next_timer = pulse.next_timer;
        if timers || next_timer.is_some_and(|seconds| seconds <= 0.0) {
            recovery::fire_timers(&self.db, self.lease / 4).await?;
            next_timer = worker::next_timer(&self.db).await?;
        }
        if pulse.next_deadline.is_some_and(|seconds| seconds <= 0.0) {
            recovery::end_overdue(&self.db).await?;
        }
        let look = recovery::look_at_jobs(&self.db, self.id, &self.in_hand.all()).await?;
        for lane in look.due {
            self.bells.of(lane).notify_one();
        }
        for seconds in [next_timer, pulse.next_deadline, look.next_due]
            .into_iter()
            .flatten()
        {
            // Far alarms are found by a later pulse.
            if seconds < IDLE.as_secs_f64() {
                self.alarm.set(Duration::from_secs_f64(seconds.max(0.001)));
            }
        }
        self.check_jobs(look.strange, strange).await?;
        if pulse.holds || !self.held.is_empty() {
            self.check_holds(strange).await?;
        }
        Ok(())
    }

    /// Jobs this worker holds without having them in hand: the queue's bookkeeping does not wait for the
    /// disk, so a crash of the server may forget that one was settled.
    async fn check_jobs(&self, now: Vec<String>, strange: &mut Strange) -> Result<()> {
        let twice: Vec<String> = now
            .iter()
            .filter(|job| strange.jobs.contains(job))
            .cloned()
            .collect();
        if !twice.is_empty() {
            recovery::disown_jobs(&self.db, self.id, &twice).await?;
        }
        self.look_again(!now.is_empty() && twice.is_empty());
        strange.jobs = now;
        Ok(())
    }

    /// Compares what this worker holds with what it holds by the journal's word. A cancel or a takeover whose
    /// announcement went unheard is found here, and so is a claim whose answer was lost.
    async fn check_holds(&self, strange: &mut Strange) -> Result<()> {
        let believed = self.held.all();
        let written = head::held_by(&self.db, self.id).await?;
        let written: Vec<Fence> = written
            .into_iter()
            .map(|(run, epoch)| Fence {
                run: RunId(run),
                epoch,
            })
            .collect();
        let gone = believed
            .iter()
            .filter(|fence| !written.contains(fence))
            .copied();
        self.held.let_go(&gone.collect::<Vec<_>>());
        // What came or went while we looked is not strange; what is strange twice in a row is.
        let held = self.held.all();
        let now: Vec<Fence> = written
            .into_iter()
            .filter(|fence| !held.contains(fence))
            .collect();
        let twice: Vec<&Fence> = now
            .iter()
            .filter(|fence| strange.runs.contains(fence))
            .collect();
        for fence in &twice {
            let reason = "the answer to its claim was lost";
            recovery::release(&self.db, **fence, reason, Release::Unharmed).await?;
        }
        self.look_again(!now.is_empty() && twice.is_empty());
        strange.runs = now;
        Ok(())
    }

    fn look_again(&self, soon: bool) {
        if soon {
            self.alarm.set(SETTLED);
        }
    }

    /// While others hold runs, looks whether they live.
    pub(super) async fn watch(self) {
        let mut suspects: HashMap<i64, Instant> = HashMap::new();
        let mut trip = PATIENCE / TRIPS;
        loop {
            tokio::time::sleep(WATCH).await;
            let asked = Instant::now();
            let Ok((gone, others_hold)) = worker::unlocked(&self.db, self.id).await else {
                suspects.clear();
                tokio::time::sleep(AWAY).await;
                continue;
            };
            // The shortest of late: what a busy machine adds says nothing about the way.
            trip = asked.elapsed().min(trip + trip / 8);
            let patience = (trip * TRIPS).clamp(WATCH, PATIENCE);
            let amnesty = *self.amnesty.lock().unwrap_or_else(PoisonError::into_inner);
            if amnesty.is_some_and(|since| since.elapsed() < AMNESTY) {
                suspects.clear();
                continue;
            }
            let dead: Vec<i64> = gone
                .iter()
                .copied()
                .filter(|id| {
                    suspects
                        .get(id)
                        .is_some_and(|since| since.elapsed() >= patience)
                })
                .collect();
            if !dead.is_empty() {
                self.take_over(&dead, "their sessions or leases are gone")
                    .await;
            }
            suspects = gone
                .into_iter()
                .map(|id| (id, suspects.get(&id).copied().unwrap_or(asked)))
                .collect();
            if !others_hold && suspects.is_empty() {
                self.share_timers().await;
                self.watch.notified().await;
            }
        }
    }

    /// What the others held is over or parked. Only they know of its timers so far, and nobody would notice
    /// their deaths now that they hold nothing.
    async fn share_timers(&self) {
        match worker::next_timer(&self.db).await {
            // Far alarms are found by a later pulse.
            Ok(Some(seconds)) if seconds < IDLE.as_secs_f64() => {
                self.alarm.set(Duration::from_secs_f64(seconds.max(0.001)));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "could not look for the next timer"),
        }
    }

    async fn take_over(&self, workers: &[i64], why: &str) {
        match recovery::take_over(&self.db, workers, Cause::Died).await {
            Ok(runs) => {
                tracing::info!(?workers, runs, why, "took over from workers that are gone");
                // Their timers are ours to keep now.
                self.alarm.set(Duration::ZERO);
            }
            Err(error) => tracing::warn!(?workers, %error, "could not take over"),
        }
    }
}

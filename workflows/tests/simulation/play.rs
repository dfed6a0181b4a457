//! One seed: who does what when, and the judgement in the end.

use std::{
    collections::BTreeMap,
    ops::AddAssign,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use futures::{FutureExt, future::BoxFuture};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use workflows::{
    Definitions, End, Fence, Outcome, RunId,
    definitions::{drill, step},
    drive,
};

use super::{
    outside::{Hands, Outside},
    wire::Wire,
};

/// How many blows a play may deal; after them everything must come to its end by itself.
const BLOWS: usize = 12;
/// No play takes longer, or something stands still.
const LONGEST: usize = 60_000;

/// A run in a worker's hands.
struct Hold {
    fence: Fence,
    drive: BoxFuture<'static, End>,
}

#[derive(Default)]
struct Worker {
    holds: Vec<Hold>,
    /// It stands still; others will take it for dead.
    frozen: bool,
}

/// What happened in all plays.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Befell {
    kills: usize,
    freezes: usize,
    zombies_fenced: usize,
    answers_lost: usize,
    cancels: usize,
    retries: usize,
    pauses: usize,
    ends: usize,
}

impl Befell {
    pub(crate) fn all_happened(self) -> bool {
        [
            self.kills,
            self.freezes,
            self.zombies_fenced,
            self.answers_lost,
            self.cancels,
            self.retries,
            self.pauses,
            self.ends,
        ]
        .iter()
        .all(|times| *times > 0)
    }
}

impl AddAssign for Befell {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.freezes += other.freezes;
        self.zombies_fenced += other.zombies_fenced;
        self.answers_lost += other.answers_lost;
        self.cancels += other.cancels;
        self.retries += other.retries;
        self.pauses += other.pauses;
        self.ends += other.ends;
    }
}

pub(crate) struct Play {
    chance: StdRng,
    wire: Arc<Wire>,
    outside: Arc<Outside>,
    definitions: Definitions,
    workers: Vec<Worker>,
    /// What dead or frozen workers hold by the journal's word, until somebody notices.
    unnoticed: Vec<Fence>,
    /// How often a holder of a run was cut off.
    cuts: BTreeMap<RunId, usize>,
    /// How often one went on for a moment without knowing that.
    zombies: BTreeMap<RunId, usize>,
    runs: Vec<(RunId, usize)>,
    blows: usize,
    befell: Befell,
}

impl Play {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let wire = Wire::new(chance.random());
        let mut play = Self {
            wire,
            outside: Arc::default(),
            definitions: Definitions::of(&[drill::V1, step::V1]),
            workers: (0..chance.random_range(2..=3))
                .map(|_| Worker::default())
                .collect(),
            unnoticed: Vec::new(),
            cuts: BTreeMap::new(),
            zombies: BTreeMap::new(),
            runs: Vec::new(),
            blows: BLOWS,
            befell: Befell::default(),
            chance,
        };
        for _ in 0..play.chance.random_range(1..=3) {
            let acts: Vec<Value> = (0..play.chance.random_range(1..=4))
                .map(|_| play.act())
                .collect();
            let steps = acts.iter().filter(|act| act["act"] == "append").count();
            let input = json!({"ledger": "unused", "acts": acts});
            let run = play
                .wire
                .journal
                .start(drill::V1.name, drill::V1.version, input);
            play.runs.push((run, steps));
        }
        play
    }

    fn act(&mut self) -> Value {
        let lane = ["agents", "checks"][self.chance.random_range(0..2)];
        match self.chance.random_range(0..8) {
            0 => json!({"act": "sleep", "ms": 1}),
            1 => json!({"act": "await", "signal": "go"}),
            2 => {
                json!({"act": "fan_out", "branches": self.chance.random_range(1..=3), "work_ms": 0})
            }
            3 => json!({"act": "append", "lane": lane, "work_ms": 0, "failures": 1}),
            _ => json!({"act": "append", "lane": lane, "work_ms": 0}),
        }
    }

    /// Plays until every run has ended, and judges.
    pub(crate) fn play(mut self) -> Befell {
        for _ in 0..LONGEST {
            if self.is_over() {
                self.judge();
                self.befell.answers_lost = self.wire.lost();
                return self.befell;
            }
            self.something_happens();
        }
        panic!("a run neither moves nor ends");
    }

    fn is_over(&self) -> bool {
        let ended = |(run, _): &(RunId, usize)| {
            // Whoever was canceled is taken up again before the end.
            matches!(
                self.wire.journal.outcome(*run),
                Some(Outcome::Succeeded { .. })
            )
        };
        self.runs.iter().all(ended) && self.workers.iter().all(|one| one.holds.is_empty())
    }

    fn something_happens(&mut self) {
        let worker = self.chance.random_range(0..self.workers.len());
        match self.chance.random_range(0..100) {
            0..=69 => self.goes_on(worker),
            70..=84 => self.claims(worker),
            85..=89 => drop(self.wire.journal.stir(|_| json!({}))),
            90..=93 => self.somebody_notices(),
            94 => self.thaws(worker),
            95 if self.may_strike() => self.dies(worker),
            96 if self.may_strike() => self.freezes(worker),
            97 if self.may_strike() => self.is_canceled(),
            98 if self.may_strike() => self.is_paused(),
            _ => self.is_put_right(),
        }
    }

    /// Few blows a play, so that it comes to its end.
    fn may_strike(&mut self) -> bool {
        let may = self.blows > 0 && self.chance.random_ratio(1, 3);
        self.blows -= usize::from(may);
        may
    }

    /// A worker goes on with one of its runs as far as the next place where anything may happen.
    fn goes_on(&mut self, worker: usize) {
        let one = &mut self.workers[worker];
        if one.frozen || one.holds.is_empty() {
            return;
        }
        let which = self.chance.random_range(0..one.holds.len());
        let hold = &mut one.holds[which];
        let Poll::Ready(end) = hold
            .drive
            .poll_unpin(&mut Context::from_waker(Waker::noop()))
        else {
            return;
        };
        let fence = one.holds.swap_remove(which).fence;
        match end {
            End::Released => {}
            End::Fenced => {
                assert!(
                    !self.wire.journal.holds(fence),
                    "fenced without cause: {fence:?}"
                );
                self.befell.zombies_fenced += 1;
            }
            End::Unknown(step) => panic!("{step} is known"),
        }
    }

    fn claims(&mut self, worker: usize) {
        let skip = self.chance.random_range(0..3);
        if self.workers[worker].frozen {
            return;
        }
        let Some(claimed) = self.wire.journal.claim_after(skip) else {
            return;
        };
        let fence = claimed.fence;
        let definition = *self
            .definitions
            .find(&claimed.workflow, claimed.version)
            .expect("a known workflow");
        let (wire, hands) = (Arc::clone(&self.wire), Hands(Arc::clone(&self.outside)));
        let drive = async move { drive(wire, &hands, &definition, claimed).await }.boxed();
        self.workers[worker].holds.push(Hold { fence, drive });
    }

    /// SIGKILL: what it did so far is done, and nothing more. Another starts in its place.
    fn dies(&mut self, worker: usize) {
        let dead = std::mem::take(&mut self.workers[worker]);
        self.cut_off(dead.holds.iter().map(|hold| hold.fence).collect());
        self.befell.kills += 1;
    }

    /// SIGSTOP: it stands still for longer than its lease.
    fn freezes(&mut self, worker: usize) {
        self.workers[worker].frozen = true;
        let fences: Vec<Fence> = self.workers[worker]
            .holds
            .iter()
            .map(|hold| hold.fence)
            .collect();
        for fence in &fences {
            *self.zombies.entry(fence.run).or_default() += 1;
        }
        self.cut_off(fences);
        self.befell.freezes += 1;
    }

    fn cut_off(&mut self, fences: Vec<Fence>) {
        for fence in &fences {
            *self.cuts.entry(fence.run).or_default() += 1;
        }
        self.unnoticed.extend(fences);
    }

    /// SIGCONT: it goes on with what is no longer its own.
    fn thaws(&mut self, worker: usize) {
        // What it held is taken from it first: it would have given itself up before its lease was over.
        if self.workers[worker].frozen && self.unnoticed.is_empty() {
            self.workers[worker].frozen = false;
        }
    }

    /// A death or the end of a lease is seen: the runs are for others.
    fn somebody_notices(&mut self) {
        if !self.unnoticed.is_empty() {
            let which = self.chance.random_range(0..self.unnoticed.len());
            let fence = self.unnoticed.swap_remove(which);
            self.wire.journal.take_from(fence);
        }
    }

    fn is_canceled(&mut self) {
        let (run, _) = self.runs[self.chance.random_range(0..self.runs.len())];
        if self.wire.journal.outcome(run).is_none() {
            *self.cuts.entry(run).or_default() += 1;
            *self.zombies.entry(run).or_default() += 1;
            self.wire.journal.cancel(run);
            self.befell.cancels += 1;
        }
    }

    fn is_paused(&mut self) {
        self.wire.journal.set_pausing(true);
        self.befell.pauses += 1;
    }

    /// People take up what was canceled, and let go on what they had paused.
    fn is_put_right(&mut self) {
        self.wire.journal.set_pausing(false);
        for (run, _) in &self.runs {
            self.befell.retries += usize::from(self.wire.journal.retry(*run));
        }
    }

    fn judge(&mut self) {
        let world = self.outside.world.all();
        for run in self.wire.journal.runs() {
            let steps = self.wire.journal.recorded_steps(run);
            let numbers: Vec<i32> = steps.iter().map(|(number, _)| *number).collect();
            let wanted: Vec<i32> = (1..).take(steps.len()).collect();
            assert_eq!(numbers, wanted, "{run}: recorded once, in order");
            let cuts = self.cuts.get(&run).copied().unwrap_or(0);
            let zombies = self.zombies.get(&run).copied().unwrap_or(0);
            for number in numbers {
                let times = |what| {
                    let key = format!("{what} {run}/{number}");
                    world.get(&key).copied().unwrap_or(0)
                };
                let place = format!("{run}/{number}, cut off {cuts} times");
                assert_eq!(times("sent"), 1, "{place}: done outside exactly once");
                // A killed holder's successor looks first. Only one that did not know could try once more.
                assert!(
                    (1..=1 + zombies).contains(&times("tried")),
                    "{place}: tried {}",
                    times("tried")
                );
                assert!(
                    (1..=1 + cuts).contains(&times("paid")),
                    "{place}: paid {}",
                    times("paid")
                );
            }
            self.befell.ends += 1;
        }
        for (run, steps) in &self.runs {
            assert_eq!(
                self.wire.journal.recorded_steps(*run).len(),
                *steps,
                "{run}: as many as were asked for"
            );
        }
    }
}

//! The judgement at the end of every fault test.

use std::{collections::BTreeMap, fs};

use uuid::Uuid;
use workflows::definitions::drill::{Act, Drill};

use super::{process::Process, stage::Stage};

/// Lines of the ledger that a drill writes, and steps that it records itself.
fn deeds(drill: &Drill) -> (usize, usize) {
    drill
        .acts
        .iter()
        .fold((0, 0), |(lines, steps), act| match act {
            Act::Append { .. } => (lines + 1, steps + 1),
            Act::FanOut { branches, .. } => (lines + usize::from(*branches), steps),
            Act::Sleep { .. } | Act::Await { .. } => (lines, steps),
        })
}

impl Stage {
    /// Waits until everything has ended, then looks at what there is. The workers live to the end: what they
    /// forgot about is not tidied up by their going.
    pub(super) async fn judge(mut self) {
        self.eventually("every run ends", async |stage| stage.idle().await)
            .await;
        assert!(
            self.workers.iter_mut().all(Process::lives),
            "{}",
            self.log()
        );
        self.runs_succeeded().await;
        self.steps_are_recorded_once().await;
        self.ledger_is_exact();
        self.eventually("no job is left over", async |stage| {
            // The watch over pull requests is asked for again as long as there is a worker.
            let left: i64 = sqlx::query_scalar("select count(*) from apalis.jobs where convert_from(job, 'UTF8') not like '%\"look_at_pulls\"%'")
                .fetch_one(&stage.pool)
                .await
                .ok()?;
            (left == 0).then_some(())
        })
        .await;
        for worker in self.workers.drain(..) {
            worker.stop();
        }
        self.pool.close().await;
        let server = self.server;
        tokio::task::block_in_place(|| server.stop()).expect("the server stops");
    }

    /// No run lives any more.
    async fn idle(&self) -> Option<()> {
        let living: i64 = sqlx::query_scalar("select count(*) from run_heads")
            .fetch_one(&self.pool)
            .await
            .ok()?;
        (living == 0).then_some(())
    }

    async fn runs_succeeded(&self) {
        let others: Vec<(Uuid, Option<String>, Option<serde_json::Value>)> = sqlx::query_as(
            "select id, outcome, failure from runs where outcome is distinct from 'succeeded'",
        )
        .fetch_all(&self.pool)
        .await
        .expect("runs are read");
        assert!(others.is_empty(), "{others:?}\n{}", self.log());
    }

    async fn steps_are_recorded_once(&self) {
        let found: Vec<(Uuid, i64, i64, i64)> = sqlx::query_as(
            "select r.id, count(s), count(distinct s.step_no), coalesce(max(s.step_no), 0)::bigint
             from runs r left join steps s on s.run_id = r.id group by r.id",
        )
        .fetch_all(&self.pool)
        .await
        .expect("steps are read");
        let wanted: BTreeMap<Uuid, usize> = self
            .drills
            .iter()
            .map(|(run, drill)| (run.0, deeds(drill).1))
            .collect();
        for (run, rows, numbers, newest) in found {
            // Who is not a drill is a branch: one step.
            let wanted = wanted.get(&run).copied().unwrap_or(1) as i64;
            assert_eq!(
                (rows, numbers, newest),
                (wanted, wanted, wanted),
                "{run}: steps, their numbers, the newest\n{}",
                self.log()
            );
        }
        crate::support::journals_are_whole(&self.pool).await;
    }

    fn ledger_is_exact(&self) {
        let text = fs::read_to_string(self.ledger()).unwrap_or_default();
        let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
        for line in text.lines() {
            *lines.entry(line).or_default() += 1;
        }
        let twice: Vec<_> = lines.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "written twice: {twice:?}\n{}", self.log());
        let wanted: usize = self.drills.iter().map(|(_, drill)| deeds(drill).0).sum();
        assert_eq!(lines.len(), wanted, "lines in the ledger");
    }
}

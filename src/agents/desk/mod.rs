//! The working tree of a run, as tools and tests find it: in the state in which the journal left it, on whatever
//! machine the run goes on.

mod beside;

use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};
use workflows::{
    Journal, RunId, StepContext, StepError,
    definitions::coding::{Brief, Commands, Origin},
};

use super::{Environment, environment::again};
use crate::evidence::{self, Outcome, Suite};
use crate::providers::{
    git::{self, Diff, Mirror, Source, Store, Workspace},
    sandbox::{self, Command, Job, Network, Ran},
};
use crate::services::recordings::Trees;

/// A recorded state of the working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) tree: String,
    pub(super) commit: String,
    /// Names in the working tree that are not in it, for what they are or for their size: they are not delivered.
    pub(super) left_out: Vec<String>,
}

impl Head {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let left_out = value["left_out"].as_array();
        let left_out = left_out.into_iter().flatten().filter_map(Value::as_str);
        Some(Self {
            tree: value["tree"].as_str()?.to_owned(),
            commit: value["commit"].as_str()?.to_owned(),
            left_out: left_out.map(str::to_owned).collect(),
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let mut said = json!({"tree": self.tree, "commit": self.commit});
        if !self.left_out.is_empty() {
            said["left_out"] = json!(self.left_out);
        }
        said
    }
}

/// The working tree of one run.
pub(super) struct Desk<'a> {
    env: &'a Environment,
    run: RunId,
    /// Mirrors, with what the server of the source is to be shown.
    store: Store,
    source: Source,
    /// The commit that the work began at.
    pub(super) base: String,
    /// Of tools and instructions, as the run began with it.
    pub(super) edition: u16,
    network: Network,
    commands: Commands,
    mirror: OnceCell<Mirror>,
    state: Mutex<State>,
    /// When the run has worked for as long as it may.
    deadline: Instant,
    /// What suites said on the base tree: it does not change.
    bases: Mutex<HashMap<String, Outcome>>,
}

struct State {
    head: Head,
    /// Brought into the state of `head` by this process.
    ready: Option<Workspace>,
}

impl<'a> Desk<'a> {
    /// The desk of a run. Where the work begins is found out once and then stands in the journal.
    pub(super) async fn open<J: Journal>(
        env: &'a Environment,
        cx: &StepContext<J>,
        brief: &Brief,
    ) -> Result<Self, StepError> {
        let source = match &brief.assignment.repository {
            Origin::Path(path) => Source::Path(path.into()),
            Origin::Url(url) => Source::Url(url.clone()),
        };
        // Whatever is there: what is opened here is masked in all that this run writes.
        let url = match &source {
            Source::Url(url) => url.as_str(),
            Source::Path(_) => "",
        };
        let shown = env.pulls.forges.credential_of(cx.run, url).await;
        let store = env.store.clone().showing(shown.map_err(again)?);
        let wanted = brief.base.clone();
        let base = cx
            .pure("base", async || {
                let mirror = store.mirror(&source).await.map_err(trouble)?;
                let revision = match (wanted, &brief.assignment.base) {
                    (Some(base), _) => base,
                    (None, Some(base)) => base.clone(),
                    (None, None) => mirror.default_branch().await.map_err(trouble)?,
                };
                let commit = mirror.resolve(&revision).await.map_err(trouble)?;
                let tree = mirror.tree_of(&commit).await.map_err(trouble)?;
                Ok(json!({"commit": commit, "tree": tree}))
            })
            .await?;
        let base = Head::of(&base).ok_or_else(|| StepError::fatal("the journal has no base"))?;
        let head = brief.head.as_ref().and_then(Head::of);
        let worked = env.records.worked_ms(cx.run).await.map_err(again)?;
        let worked = Duration::from_millis(u64::try_from(worked).unwrap_or_default());
        let may = Duration::from_secs(u64::from(brief.minutes) * 60);
        Ok(Self {
            env,
            run: cx.run,
            store,
            source,
            base: base.commit.clone(),
            edition: brief.edition,
            network: match brief.assignment.options.network {
                true => env.egress.to(&brief.assignment.hosts),
                false => Network::None,
            },
            commands: brief.assignment.commands.clone(),
            mirror: OnceCell::new(),
            state: Mutex::new(State {
                head: head.unwrap_or(base),
                ready: None,
            }),
            deadline: Instant::now() + may.saturating_sub(worked),
            bases: Mutex::default(),
        })
    }

    /// How long the run may still work.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    pub(super) fn env(&self) -> &'a Environment {
        self.env
    }

    /// The state that the journal knows of.
    pub(super) async fn head(&self) -> Head {
        self.state.lock().await.head.clone()
    }

    /// The journal says that the tree came into this state; nothing is done about it before it is needed.
    pub(super) async fn replayed(&self, result: &Value) {
        if let Some(head) = Head::of(result) {
            let mut state = self.state.lock().await;
            if state.head != head {
                state.head = head;
                // What was brought into an earlier state is behind.
                state.ready = None;
            }
        }
    }

    /// The whole output of a tool that this run used.
    pub(super) async fn output(&self, name: &str) -> Result<Option<String>, StepError> {
        let bytes = self.env.records.output(self.run, name).await;
        let bytes = bytes.map_err(again)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The working tree, in the state of the journal.
    pub(super) async fn ready(&self) -> Result<Workspace, StepError> {
        let mut state = self.state.lock().await;
        if let Some(workspace) = &state.ready {
            return Ok(workspace.clone());
        }
        let mirror = self.mirror(&state.head).await?;
        let path = self.env.workspace_of(self.run);
        let workspace = if path.join(".git").exists() {
            Workspace::open(path, mirror)
        } else {
            let branch = format!("codegraph/{}", self.run);
            let made = mirror.checkout(&self.base, &branch, &path).await;
            made.map_err(trouble)?
        };
        workspace.restore(&state.head.tree).await.map_err(trouble)?;
        state.ready = Some(workspace.clone());
        Ok(workspace)
    }

    /// Puts back what the journal knows of, after a tool was cut off in the middle.
    pub(super) async fn restore(&self) -> Result<(), StepError> {
        self.state.lock().await.ready = None;
        self.ready().await.map(drop)
    }

    /// The mirror with everything that the run has recorded in it.
    pub(super) async fn mirror(&self, head: &Head) -> Result<Mirror, StepError> {
        self.mirror_of(self.run, head).await
    }

    /// The mirror with everything in it that this run, one of our attempts, has recorded.
    async fn mirror_of(&self, run: RunId, head: &Head) -> Result<Mirror, StepError> {
        let mirror = self.stored().await?;
        let has = async |id| mirror.has(id).await.map_err(trouble);
        // The tree alone may be there from elsewhere: two states of the work can be the same.
        if has(&head.tree).await? && has(&head.commit).await? {
            return Ok(mirror.clone());
        }
        // Another machine recorded it.
        for (row, pack) in self.env.records.snapshots(run).await.map_err(again)? {
            let name = name_of(RunId(row.run_id), row.seq);
            let unpacked = mirror.unpack(&pack, &name, &row.commit_id).await;
            unpacked.map_err(trouble)?;
        }
        Ok(mirror.clone())
    }

    /// The mirror, fetched once: from then on the work needs nothing of its source until it is delivered.
    async fn stored(&self) -> Result<&Mirror, StepError> {
        let find = async || {
            let known = self.store.known(&self.source).map_err(trouble)?;
            if let Some(known) = known
                && known.has(&self.base).await.map_err(trouble)?
            {
                return Ok(known);
            }
            self.store.mirror(&self.source).await.map_err(trouble)
        };
        self.mirror.get_or_try_init(find).await
    }

    /// A file as it was where the work began; nothing when it is not there, is no text or is too large.
    pub(super) async fn at_base(&self, path: &str) -> Result<Option<String>, StepError> {
        match self.stored().await?.file(&self.base, path).await {
            Err(git::Error::NotFound(_)) => Ok(None),
            found => found.map_err(trouble),
        }
    }

    /// Records the state of the tree as number `seq` of the run.
    pub(super) async fn record(&self, seq: i32) -> Result<Head, StepError> {
        let workspace = self.ready().await?;
        let taken = workspace
            .snapshot(&name_of(self.run, seq))
            .await
            .map_err(trouble)?;
        let mut state = self.state.lock().await;
        let head = Head {
            tree: taken.tree,
            commit: taken.commit,
            left_out: taken.left_out,
        };
        if head.tree != state.head.tree {
            let mirror = self.stored().await?;
            let known = [state.head.commit.clone()];
            let pack = mirror.pack(&head.commit, &known).await.map_err(trouble)?;
            let kept = self
                .env
                .records
                .snapshot(self.run, seq, &head.tree, &head.commit, &pack);
            kept.await.map_err(again)?;
            state.head = head;
        } else {
            state.head.left_out = head.left_out;
        }
        Ok(state.head.clone())
    }

    /// A command in the run's working tree.
    pub(super) async fn job(&self, command: Command) -> Result<Job, StepError> {
        let workspace = self.ready().await?;
        self.job_in(workspace.path(), command).await
    }

    /// A command in one of the run's trees. It sees nothing of ours but the tree's repository and the objects that this
    /// one borrows: what was fetched, and not what other runs have recorded.
    pub(super) async fn job_in(&self, tree: &Path, command: Command) -> Result<Job, StepError> {
        let mirror = self.stored().await?;
        let mut job = Job::new(command, tree);
        job.network = self.network.clone();
        job.env
            .insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        job.hidden.push(self.env.home.clone());
        let workspace = Workspace::open(tree.to_owned(), mirror.clone());
        workspace.mend().map_err(trouble)?;
        job.readable.extend(workspace.borrowed());
        Ok(job)
    }

    /// Runs a command behind the wall, for no longer than the run may work.
    pub(super) async fn run(&self, job: &Job) -> Result<Ran, StepError> {
        let sandbox = self.env.sandbox().await?;
        let mut job = job.clone();
        job.limits.wall = job.limits.wall.min(self.left()).max(LEAST);
        let ran = sandbox.run(&job).await;
        ran.map_err(|error| {
            let said = format!("the sandbox: {error}");
            match error {
                // Another try meets the same wall.
                sandbox::Error::Network { .. } => StepError::fatal(said),
                _ => StepError::retry(said),
            }
        })
    }

    /// What the run has changed so far.
    pub(super) async fn diff(&self) -> Result<Diff, StepError> {
        let workspace = self.ready().await?;
        let head = self.head().await;
        workspace
            .diff(&self.base, &head.tree)
            .await
            .map_err(trouble)
    }

    /// What one of the run's attempts has changed.
    pub(super) async fn diff_of(&self, attempt: RunId, head: &Head) -> Result<Diff, StepError> {
        self.mirror_of(attempt, head).await?;
        let workspace = self.ready().await?;
        let diff = workspace.diff(&self.base, &head.tree).await;
        diff.map_err(trouble)
    }

    /// Takes over what one of the run's attempts has done, and records it as number `seq` of the run.
    pub(super) async fn adopt(
        &self,
        attempt: RunId,
        head: &Head,
        seq: i32,
    ) -> Result<Head, StepError> {
        self.mirror_of(attempt, head).await?;
        let workspace = self.ready().await?;
        workspace.restore(&head.tree).await.map_err(trouble)?;
        let taken = self.record(seq).await?;
        if taken.tree == head.tree {
            return Ok(taken);
        }
        Err(StepError::fatal(format!(
            "the work of {attempt} could not be taken over: its tree is {}, ours came out as {}",
            head.tree, taken.tree
        )))
    }

    /// Goes back to an earlier state, and records it as number `seq` of the run.
    pub(super) async fn go_back(&self, head: &Head, seq: i32) -> Result<Head, StepError> {
        self.mirror(head).await?;
        let workspace = self.ready().await?;
        workspace.restore(&head.tree).await.map_err(trouble)?;
        self.record(seq).await
    }

    /// Takes over a state that the same run came to when it was done before, and records it as number `seq` of this one.
    pub(super) async fn come_to(
        &self,
        head: &Head,
        trees: &Trees,
        seq: i32,
    ) -> Result<Head, StepError> {
        let mirror = self.stored().await?;
        for (row, pack) in trees {
            let name = name_of(RunId(row.run_id), row.seq);
            let unpacked = mirror.unpack(pack, &name, &row.commit_id).await;
            unpacked.map_err(trouble)?;
        }
        self.go_back(head, seq).await
    }

    /// The suites of a working tree: what the repository's people gave, or what is found in it.
    pub(super) fn suites(&self, tree: &Path) -> Vec<Suite> {
        let suites = match &self.commands.test {
            Some(command) => vec![evidence::given(command)],
            None => evidence::discover(tree),
        };
        match &self.commands.setup {
            Some(setup) => suites.into_iter().map(|suite| suite.after(setup)).collect(),
            None => suites,
        }
    }

    /// Where the delivered branch goes.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }
}

/// Shorter than this no command is stopped: it could not even say that it began.
const LEAST: Duration = Duration::from_secs(1);

/// Under which a recorded state is kept in the mirror.
fn name_of(run: RunId, seq: i32) -> String {
    format!("refs/codegraph/{run}/{seq}")
}

/// Trouble with a repository: mostly the disk's or the network's.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what errors are mapped with"
)]
pub(super) fn trouble(error: git::Error) -> StepError {
    StepError::retry(error.to_string())
}

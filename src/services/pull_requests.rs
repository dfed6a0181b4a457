//! Pull requests: offered once however often it is tried, looked at, shown. What one says is made of recorded facts, by
//! the step that delivers.

use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::{RunId, definitions::coding::Assignment};

use super::{
    Db, access::Caller, announce::Announcement, attempts, audit, forges::Forges, pull_watch,
    repositories::viewer, tasks,
};
pub use crate::models::pull_request::{Filter, PullRequestRow};
use crate::{
    config::{Config, HttpUrl},
    error::{Error, Result},
    failpoint,
    models::pull_request::{self, Known, Looked},
    providers::forge::{self, Look as Seen, NewPull, Pull, Slug},
};

/// What offers, and where it is written down.
#[derive(Debug, Clone)]
pub struct PullRequests {
    pub(super) db: Db,
    /// Who knows the tokens.
    pub forges: Forges,
    public_url: Option<String>,
}

/// A repository on its server, with a token for it.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its name there.
    pub slug: Slug,
    token: SecretString,
}

/// Why there is no place to offer anything.
#[derive(Debug)]
pub enum NoPlace {
    /// The server knows no pull requests.
    Unknown,
    /// The server's answer, before it was asked.
    Forge(forge::Error),
    /// A fault of ours.
    Own(Error),
}

impl PullRequests {
    /// As configured.
    #[must_use]
    pub fn new(db: Db, config: &Config, forges: Forges) -> Self {
        let url = config.accounts.public_url.as_ref();
        Self {
            db,
            forges,
            public_url: url.map(HttpUrl::as_str).map(str::to_owned),
        }
    }

    /// Where people look at a run, when it is one of a task and this installation has an address.
    pub async fn link(&self, run: RunId) -> Result<Option<String>> {
        let Some(url) = &self.public_url else {
            return Ok(None);
        };
        let row = super::runs::get(&self.db, run).await?;
        let task = row.task_id.map(audit::task);
        Ok(task.map(|task| format!("{url}/tasks/{task}?run={run}")))
    }

    /// The repository of a run on its server.
    pub async fn place(&self, run: RunId, url: &str) -> Result<Place, NoPlace> {
        let repository = self.forges.repository_of(run).await;
        let repository = repository.map_err(NoPlace::Own)?;
        self.place_of(repository, url).await
    }

    async fn place_of(&self, repository: Option<Uuid>, url: &str) -> Result<Place, NoPlace> {
        let slug = self.forges.slug(url).ok_or(NoPlace::Unknown)?;
        let token = self.forges.token(repository).await;
        let token = token.map_err(NoPlace::Own)?;
        let token = token.ok_or(NoPlace::Forge(forge::Error::NoToken))?;
        Ok(Place { slug, token })
    }

    /// The pull request that is there already, made to say what it should.
    pub async fn adopt(
        &self,
        place: &Place,
        new: &NewPull<'_>,
    ) -> Result<Option<Pull>, forge::Error> {
        let github = &self.forges.github;
        github.adopt(&place.token, &place.slug, new).await
    }

    /// Opens a pull request, or takes the one that somebody was faster to open.
    pub async fn open(&self, place: &Place, new: &NewPull<'_>) -> Result<Pull, forge::Error> {
        let github = &self.forges.github;
        github.open(&place.token, &place.slug, new).await
    }

    /// Writes down what a run has opened, once.
    pub async fn record(&self, run: RunId, pull: &Pull) -> Result<()> {
        failpoint::pass("before", "pull request recorded");
        let mut tx = self.db.begin().await?;
        let known_before = pull_request::is_known(&mut tx, run.0, pull.number).await?;
        let opened = pull_request::upsert(&mut tx, run.0, None, &known(pull)).await?;
        if opened.is_some() && !known_before {
            let detail = json!({"number": pull.number, "draft": pull.draft});
            let (action, subject) = ("pull_request.opened", audit::run(run.0));
            audit::note_as(&mut tx, None, "the run", action, &subject, &detail).await?;
        }
        tx.commit().await?;
        failpoint::pass("after", "pull request recorded");
        Ok(())
    }

    /// Opens a pull request for the branch that a run has delivered, or takes the one that is there.
    pub async fn open_for(&self, caller: &Caller, id: Uuid) -> Result<PullRequestRow> {
        let run = attempts::get(&self.db, caller, id).await?;
        tasks::may_change(caller, run.created_by, run.repository_owner)?;
        let output = run.output.unwrap_or_default();
        let delivered = &output["evidence"];
        let Some(branch) = delivered["branch"].as_str() else {
            return Err(Error::Conflict(
                "the run has delivered no branch".to_owned(),
            ));
        };
        let input: Assignment = serde_json::from_value(run.input)
            .map_err(|error| Error::Internal(format!("the input of a run: {error}")))?;
        let repository = super::repositories::find(&self.db, caller, run.repository_id).await?;
        let place = self.place_of(Some(repository.id), &repository.url).await?;
        let said = Said::of(&delivered["report"], &input, RunId(id));
        let new = NewPull {
            head: branch,
            base: input.base.as_deref().unwrap_or(&repository.default_branch),
            title: &said.title,
            body: &said.body,
            draft: said.draft,
            mark: &mark(RunId(id)),
        };
        let pull = match self.adopt(&place, &new).await? {
            Some(pull) => pull,
            None => self.open(&place, &new).await?,
        };
        let mut tx = self.db.begin().await?;
        let opened = pull_request::upsert(&mut tx, id, Some(caller.user), &known(&pull)).await?;
        let opened = opened.ok_or_else(|| Error::not_found("run"))?;
        let detail = json!({"number": pull.number, "draft": pull.draft});
        audit::note(
            &mut tx,
            caller,
            "pull_request.opened",
            &audit::run(id),
            &detail,
        )
        .await?;
        tx.commit().await?;
        self.get(caller, opened).await
    }

    /// A pull request that the caller may see.
    pub async fn get(&self, caller: &Caller, id: Uuid) -> Result<PullRequestRow> {
        pull_request::find(&self.db, id, viewer(caller))
            .await?
            .ok_or_else(|| Error::not_found("pull request"))
    }

    /// The pull requests that the caller may see, newest first.
    pub async fn list(&self, caller: &Caller, filter: &Filter) -> Result<Vec<PullRequestRow>> {
        Ok(pull_request::list(&self.db, viewer(caller), filter).await?)
    }

    /// Looks how a pull request stands.
    pub async fn sync(&self, caller: &Caller, id: Uuid) -> Result<PullRequestRow> {
        let row = self.get(caller, id).await?;
        tasks::may_change(caller, row.created_by, row.repository_owner)?;
        let place = self
            .place_of(Some(row.repository_id), &row.repository_url)
            .await?;
        let seen = self.ask(&place, row.number).await?;
        let mut after = Announcement::default();
        let mut tx = self.db.begin().await?;
        // A look changes nothing there; what it found is worth an entry when the end has come.
        if let Some(from) = self.write(&mut tx, &row, &seen, &mut after).await? {
            let to = seen.pull.state.as_str();
            let detail = json!({"number": row.number, "from": from, "to": to});
            let subject = audit::run(row.run_id);
            audit::note(&mut tx, caller, "pull_request.changed", &subject, &detail).await?;
        }
        tx.commit().await?;
        after.tell(&self.db).await;
        self.get(caller, id).await
    }

    /// Looks at a pull request for nobody in particular, with the rights of its repository.
    pub(super) async fn look(&self, row: &PullRequestRow) -> Result<Seen, NoPlace> {
        let place = self
            .place_of(Some(row.repository_id), &row.repository_url)
            .await?;
        let seen = self.ask(&place, row.number).await;
        seen.map_err(NoPlace::Forge)
    }

    async fn ask(&self, place: &Place, number: i64) -> Result<Seen, forge::Error> {
        let github = &self.forges.github;
        github.look(&place.token, &place.slug, number).await
    }

    /// Writes what was seen; answers with where it stood before, when that is elsewhere, and then tells people.
    pub(super) async fn write(
        &self,
        conn: &mut PgConnection,
        row: &PullRequestRow,
        seen: &Seen,
        after: &mut Announcement,
    ) -> Result<Option<String>> {
        let looked = Looked {
            checks: seen.checks.as_str(),
            checks_total: seen.checks.total,
            checks_failed: seen.checks.failed,
            review: seen.review,
        };
        // Of two who look at the same moment one sees it change.
        let before = pull_request::lock(&mut *conn, row.id).await?;
        pull_request::looked(&mut *conn, row.id, &known(&seen.pull), &looked).await?;
        let state = seen.pull.state.as_str();
        let before = before.filter(|before| before != state);
        if before.is_some() {
            pull_watch::tell(conn, row, state, after).await?;
            after.changed(RunId(row.run_id));
        }
        Ok(before)
    }
}

/// What stands in the body of a run's pull request and of no other.
#[must_use]
pub fn mark(run: RunId) -> String {
    format!("<!-- codegraph-run: {run} -->")
}

/// What a pull request says, as the step that delivered wrote it down.
struct Said {
    title: String,
    body: String,
    draft: bool,
}

impl Said {
    /// Runs that delivered before anything was written down have their title to say, and are not vouched for.
    fn of(report: &Value, input: &Assignment, run: RunId) -> Self {
        let text = |key: &str| report[key].as_str().map(str::to_owned);
        Self {
            title: text("title").unwrap_or_else(|| input.title.clone()),
            body: text("body").unwrap_or_else(|| mark(run)),
            draft: report["draft"].as_bool().unwrap_or(true),
        }
    }
}

fn known(pull: &Pull) -> Known<'_> {
    Known {
        number: pull.number,
        url: &pull.url,
        title: &pull.title,
        state: pull.state.as_str(),
        draft: pull.draft,
        head_branch: &pull.head,
        base_branch: &pull.base,
        head_commit: &pull.commit,
        mergeable: pull.mergeable,
        merged_at: pull.merged_at,
        closed_at: pull.closed_at,
    }
}

impl From<NoPlace> for Error {
    fn from(none: NoPlace) -> Self {
        match none {
            NoPlace::Unknown => Self::Invalid(
                "the repository is on no server that knows pull requests here (CODEGRAPH_GITHUB_API_URL)"
                    .to_owned(),
            ),
            NoPlace::Forge(error) => error.into(),
            NoPlace::Own(error) => error,
        }
    }
}

//! The first page in one answer.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Query, payload::Json};

use super::{ApiState, Problem, Tag, auth::Auth, runs::Run};
use crate::services::{
    attempts::AttemptRow,
    overview::{self, Overview as Page},
    standing::Status,
};

#[derive(Default)]
pub(super) struct OverviewApi;

/// Runs that wait that are shown; `listApprovals` has the others.
const SHOWN: usize = 10;

/// How many runs wait for what.
#[derive(Debug, Default, Object)]
struct NeedsMeCounts {
    /// All of them, failed ones included.
    total: u32,
    /// For a decision on a plan.
    plans: u32,
    /// For an answer.
    questions: u32,
    /// For money or time.
    budgets: u32,
    /// For a decision on what was done.
    deliveries: u32,
    /// Failed within a week, and not taken up again.
    failed: u32,
}

/// What has been set up.
#[derive(Debug, Object)]
struct Onboarding {
    /// There is a repository.
    repository: bool,
    /// The models that tasks use by themselves can be reached.
    model_key: bool,
    /// The caller has asked for something.
    task: bool,
    /// Somebody else is here, or was invited.
    invite: bool,
}

/// The first page.
#[derive(Object)]
struct Overview {
    /// How many runs need the caller.
    needs_me: NeedsMeCounts,
    /// Runs that wait for a word which the caller may say, longest waiting first; 10 at most.
    waiting: Vec<Run>,
    /// The newest runs of the caller's tasks that failed within a week and were not taken up again; 10 at most.
    failed: Vec<Run>,
    /// Runs at work, newest first; 10 at most.
    running: Vec<Run>,
    /// How many runs are at work.
    running_total: i64,
    /// What the work that one may see has cost today, in millionths of a US dollar.
    spent_today_usd_micros: i64,
    /// The same since Monday.
    spent_week_usd_micros: i64,
    /// What has been set up.
    onboarding: Onboarding,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Home")]
impl OverviewApi {
    /// Get the first page
    ///
    /// What needs the caller, what is under way, what it costs and what is still to be set up.
    #[oai(path = "/overview", method = "get", operation_id = "getOverview")]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The time zone in which today begins, such as `Europe/Berlin` (`UTC`).
        #[oai(validator(
            min_length = 1,
            max_length = 60,
            pattern = "^[A-Za-z][A-Za-z0-9_+/-]*$"
        ))]
        time_zone: Query<Option<String>>,
    ) -> Result<Json<Overview>, Problem> {
        let caller = auth.may("getOverview")?;
        let zone = time_zone.0.as_deref().unwrap_or("UTC");
        let page = overview::of(&state.db, caller, zone).await?;
        Ok(Json(Overview {
            needs_me: counts(&page)?,
            waiting: shown(page.waiting)?,
            failed: shown(page.failed)?,
            running: shown(page.at_work)?,
            running_total: page.steps.at_work,
            spent_today_usd_micros: page.spent_today,
            spent_week_usd_micros: page.spent_week,
            onboarding: Onboarding {
                repository: page.steps.repository,
                model_key: state.work.models.ready(),
                task: page.steps.task,
                invite: page.steps.invite,
            },
        }))
    }
}

fn counts(page: &Page) -> Result<NeedsMeCounts, Problem> {
    let mut counts = NeedsMeCounts {
        failed: u32::try_from(page.failed.len()).unwrap_or(u32::MAX),
        ..NeedsMeCounts::default()
    };
    for status in &page.waits {
        match status {
            Status::AwaitingPlan => counts.plans += 1,
            Status::AwaitingAnswer => counts.questions += 1,
            Status::AwaitingBudget => counts.budgets += 1,
            Status::AwaitingDelivery => counts.deliveries += 1,
            _ => continue,
        }
        counts.total += 1;
    }
    counts.total += counts.failed;
    Ok(counts)
}

fn shown(rows: Vec<AttemptRow>) -> Result<Vec<Run>, Problem> {
    rows.into_iter().take(SHOWN).map(Run::of).collect()
}

//! Plans of a run, and what people decide on them.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Run, answer, steering::Decision};
use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        views::Person,
        wire::{Cursor, Id, Limit, Text, kind},
    },
    error::Error,
    services::{attempts, timeline},
};

#[derive(Default)]
pub(in crate::api) struct PlansApi;

/// Whether something can be done.
#[derive(Debug, Clone, Copy, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum Feasibility {
    /// Yes.
    Feasible,
    /// After its questions are answered.
    NeedsAnswer,
    /// No.
    Infeasible,
}

/// A part of a plan.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
struct PlanItem {
    /// Its name within the plan.
    #[oai(validator(min_length = 1, max_length = 100))]
    id: Text,
    /// One line.
    #[oai(validator(min_length = 1, max_length = 500))]
    title: Text,
    /// Files it is about.
    #[serde(default)]
    #[oai(validator(max_items = 200))]
    files: Vec<Text>,
    /// What is true when it is done.
    #[serde(default)]
    #[oai(validator(max_items = 100))]
    acceptance: Vec<Text>,
    /// Tests that show it.
    #[serde(default)]
    #[oai(validator(max_items = 100))]
    tests: Vec<Text>,
}

/// What is to be done, and how one would see that it is.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
struct Plan {
    /// What is wrong or missing, and how it will be mended.
    #[oai(validator(min_length = 1, max_length = 20_000))]
    summary: Text,
    /// The parts.
    #[serde(default)]
    #[oai(validator(max_items = 100))]
    items: Vec<PlanItem>,
    /// What could go wrong.
    #[serde(default)]
    #[oai(validator(max_items = 100))]
    risks: Vec<Text>,
    /// What a person must answer first.
    #[serde(default)]
    #[oai(validator(max_items = 100))]
    questions: Vec<Text>,
    /// Whether it can be done.
    feasibility: Feasibility,
}

/// What a person decided on a plan.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct PlanDecision {
    /// The decision.
    decision: Decision,
    /// Who decided.
    by: Option<Person>,
    /// When.
    at: DateTime<Utc>,
    /// What they said.
    text: Option<String>,
    /// The plan as they changed it.
    plan: Option<Plan>,
}

/// A plan of a run.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct PlanVersion {
    /// From 1; a later one takes the place of an earlier one.
    version: u32,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// As the planner wrote it.
    plan: Plan,
    /// What a person decided; absent while nobody has, and where nobody has to.
    decision: Option<PlanDecision>,
}

/// A page of the plans of a run.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct PlanPage {
    /// Oldest first.
    items: Vec<PlanVersion>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

/// A decision on a plan.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewPlanDecision {
    /// The decision.
    decision: Decision,
    /// What is to be done otherwise.
    #[oai(validator(max_length = 20_000))]
    text: Option<Text>,
    /// With an approval: the plan as it is to be followed.
    plan: Option<Plan>,
}

#[OpenApi(prefix_path = "/api/v1/runs", tag = "Tag::Runs")]
impl PlansApi {
    /// List the plans of a run
    ///
    /// Every version, each with what was decided on it.
    #[oai(path = "/:id/plans", method = "get", operation_id = "listPlans")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<PlanPage>, Problem> {
        let caller = auth.may("listPlans")?;
        let after: usize = Cursor::one(cursor.0)?.unwrap_or_default();
        let mut versions = timeline::plans(&state.db, caller, id.0.0).await?;
        versions.retain(|row| row.version > after);
        let (versions, next_cursor) = Cursor::page(versions, Limit::of(limit.0), |row| row.version);
        Ok(Json(PlanPage {
            items: versions
                .into_iter()
                .map(version)
                .collect::<Result<_, _>>()?,
            next_cursor,
        }))
    }

    /// Decide on a plan
    ///
    /// Names the version that was read: 409 when there is a newer one, or when the run does not wait for a decision.
    #[oai(
        path = "/:id/plans/:version/decision",
        method = "post",
        operation_id = "decidePlan"
    )]
    async fn decide(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// The version that was read.
        #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
        version: Path<u32>,
        body: Json<NewPlanDecision>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("decidePlan")?;
        let body = body.0;
        if body.plan.is_some() && body.decision != Decision::Approve {
            let message =
                "only an approval can carry a plan; say in `text` what is to be done otherwise";
            return Err(Error::field("/plan", message).into());
        }
        let version = usize::try_from(version.0).unwrap_or(usize::MAX);
        let plan = body.plan.map(|plan| json!(plan));
        let decision = body.decision.into();
        let row = attempts::decide_plan(
            &state.db,
            caller,
            id.0.0,
            version,
            decision,
            body.text.map(Into::into),
            plan,
        );
        answer(&state, row.await?).await
    }
}

fn version(row: timeline::PlanVersion) -> Result<PlanVersion, Error> {
    let decision = match row.decision {
        None => None,
        Some(decision) => Some(PlanDecision {
            decision: match decision.decision.as_str() {
                "approve" => Decision::Approve,
                "reject" => Decision::Reject,
                _ => Decision::RequestChanges,
            },
            by: decision.by.map(|(id, name)| Person::new(id, name)),
            at: decision.at,
            text: decision.text,
            plan: decision.plan.map(plan).transpose()?,
        }),
    };
    Ok(PlanVersion {
        version: u32::try_from(row.version).unwrap_or(u32::MAX),
        created_at: row.at,
        plan: plan(row.plan)?,
        decision,
    })
}

fn plan(value: serde_json::Value) -> Result<Plan, Error> {
    serde_json::from_value(value)
        .map_err(|error| Error::Internal(format!("a stored plan: {error}")))
}

//! Steering a run: each operation answers with the run as it stands afterwards.

use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Header, Path},
    payload::Json,
};

use super::{Run, Started, answer};
use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        wire::{Id, Text, kind},
    },
    services::attempts::{self, Otherwise},
};

#[derive(Default)]
pub(in crate::api) struct SteeringApi;

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Decision", rename_all = "snake_case")]
pub(super) enum Decision {
    /// It goes on.
    Approve,
    /// It is done again, with what the person says.
    RequestChanges,
    /// It ends.
    Reject,
}

impl From<Decision> for attempts::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Approve => Self::Approve,
            Decision::RequestChanges => Self::RequestChanges,
            Decision::Reject => Self::Reject,
        }
    }
}

/// From where a run is taken up again.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Retry {
    /// The event after which it begins again; where it stopped when nothing is said.
    #[oai(validator(minimum(value = "0")))]
    from_seq: Option<i32>,
}

/// From where a run is forked, and what it does otherwise.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Fork {
    /// The last event that both share.
    #[oai(validator(minimum(value = "0")))]
    from_seq: i32,
    /// Another title.
    #[oai(validator(min_length = 1, max_length = 300))]
    title: Option<Text>,
    /// Another description.
    #[oai(validator(max_length = 100_000))]
    description: Option<Text>,
    /// Another model, for every role.
    #[oai(validator(min_length = 1, max_length = 100))]
    model: Option<Text>,
    /// Another budget, in millionths of a US dollar.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000000")))]
    budget_usd_micros: Option<i64>,
}

/// Something to say.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Words {
    /// What is said.
    #[oai(validator(min_length = 1, max_length = 20_000))]
    text: Text,
}

/// More money, more time, or both; at least one must be said.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Raise {
    /// What the run may cost more, in millionths of a US dollar.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000000")))]
    usd_micros: Option<i64>,
    /// So many minutes more its agents may work. A run that is out of time and is given only money gets as many as it
    /// had.
    #[oai(validator(minimum(value = "1"), maximum(value = "100000")))]
    minutes: Option<u32>,
}

/// A decision on what a run has done.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct DeliveryDecision {
    /// The decision.
    decision: Decision,
    /// What is to be done otherwise.
    #[oai(validator(max_length = 20_000))]
    text: Option<Text>,
}

#[OpenApi(prefix_path = "/api/v1/runs", tag = "Tag::Runs")]
impl SteeringApi {
    /// Cancel a run
    ///
    /// It ends now; a command under way is killed within a second. What was recorded stays.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancelRun")]
    async fn cancel(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("cancelRun")?;
        answer(&state, attempts::cancel(&state.db, caller, id.0.0).await?).await
    }

    /// Pause a run
    ///
    /// It stops at the next good moment: after the call or tool under way, losing nothing.
    #[oai(path = "/:id/pause", method = "post", operation_id = "pauseRun")]
    async fn pause(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("pauseRun")?;
        answer(&state, attempts::pause(&state.db, caller, id.0.0).await?).await
    }

    /// Resume a paused run
    ///
    /// It goes on exactly where it stopped.
    #[oai(path = "/:id/resume", method = "post", operation_id = "resumeRun")]
    async fn resume(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("resumeRun")?;
        answer(&state, attempts::resume(&state.db, caller, id.0.0).await?).await
    }

    /// Retry a run
    ///
    /// Takes up a run that failed or was canceled from where it stopped, or any ended run again from after one of its
    /// events. Finished calls are not paid again, unless the retry begins before them.
    #[oai(path = "/:id/retry", method = "post", operation_id = "retryRun")]
    async fn retry(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        body: Json<Retry>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("retryRun")?;
        let row = attempts::retry(&state.db, caller, id.0.0, body.0.from_seq).await?;
        answer(&state, row).await
    }

    /// Fork a run
    ///
    /// Starts another run of the same task that shares this one's journal and workspace up to an event, and pays only
    /// for what it does itself.
    #[oai(path = "/:id/fork", method = "post", operation_id = "forkRun")]
    async fn fork(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        body: Json<Fork>,
    ) -> Result<Started, Problem> {
        let caller = auth.may("forkRun")?;
        let otherwise = Otherwise {
            title: body.0.title.map(Into::into),
            description: body.0.description.map(Into::into),
            model: body.0.model.map(Into::into),
            budget_usd_micros: body.0.budget_usd_micros,
        };
        let (models, from) = (&state.work.models, body.0.from_seq);
        let row = attempts::fork(&state.db, models, caller, id.0.0, from, otherwise).await?;
        Ok(Started::Created(Json(Run::of(row)?)))
    }

    /// Say something to the agent at work
    ///
    /// It hears it before its next turn.
    #[oai(path = "/:id/messages", method = "post", operation_id = "sendMessage")]
    async fn message(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// A key of the caller's choice: the same request again is said once.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 200))]
        key: Header<Option<String>>,
        body: Json<Words>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("sendMessage")?;
        let row = attempts::message(&state.db, caller, id.0.0, &body.0.text, key.0.as_deref());
        answer(&state, row.await?).await
    }

    /// Answer the question of a run
    ///
    /// 409 when it does not ask anything.
    #[oai(path = "/:id/answer", method = "post", operation_id = "answerRun")]
    async fn answer(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        body: Json<Words>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("answerRun")?;
        let row = attempts::answer(&state.db, caller, id.0.0, &body.0.text).await?;
        answer(&state, row).await
    }

    /// Raise the budget of a run
    ///
    /// Of one that has used up its money or its time; it goes on with the call it could not make.
    #[oai(path = "/:id/budget", method = "post", operation_id = "raiseBudget")]
    async fn budget(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        body: Json<Raise>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("raiseBudget")?;
        let raise = attempts::Raise {
            usd_micros: body.0.usd_micros,
            minutes: body.0.minutes,
        };
        let row = attempts::raise_budget(&state.db, caller, id.0.0, raise).await?;
        answer(&state, row).await
    }

    /// Decide on what a run has done
    ///
    /// Before its branch is delivered, where the task wants that.
    #[oai(
        path = "/:id/delivery",
        method = "post",
        operation_id = "decideDelivery"
    )]
    async fn delivery(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        body: Json<DeliveryDecision>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("decideDelivery")?;
        let decision = body.0.decision.into();
        let row = attempts::decide_delivery(
            &state.db,
            caller,
            id.0.0,
            decision,
            body.0.text.map(Into::into),
        );
        answer(&state, row.await?).await
    }
}

//! The conversations of agents, as they were held.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::Any,
};
use serde_json::{Value, json};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    runs::AgentRun,
    views::Usage,
    wire::{Cursor, Id, Limit, kind},
};
use crate::services::conversations::{self, AgentRow, CallRow, ToolRow, TurnRow};

#[derive(Default)]
pub(super) struct AgentRunsApi;

/// A page of conversations.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct AgentRunPage {
    /// In the order in which they began.
    items: Vec<AgentRun>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

/// A conversation and the run it belongs to.
#[derive(Object)]
struct AgentRunDetail {
    /// The run.
    run_id: Id<kind::Run>,
    /// Ordinal of the step in which it was held.
    step_no: i32,
    /// The conversation.
    agent_run: AgentRun,
}

/// Something that was said.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct TranscriptMessage {
    /// The turn in which it was said, from 1.
    turn: i32,
    /// `system`, `user` (the program: tasks, results of tools, words of people) or `assistant` (the model).
    role: String,
    /// Its blocks, as they were sent or came: `{type: text, text}`, `{type: tool_use, name, input}`,
    /// `{type: tool_result, …}` and others.
    content: Vec<Any<Value>>,
    /// When.
    at: Option<DateTime<Utc>>,
}

/// A part of a conversation.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct Transcript {
    /// In order.
    items: Vec<TranscriptMessage>,
    /// Where the next part begins; absent in the last.
    next_cursor: Option<String>,
}

/// A call of a model.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct ModelCall {
    /// Its id.
    id: Id<kind::ModelCall>,
    /// The turn, from 1.
    turn: i32,
    /// Which try of the turn, from 1.
    attempt: i32,
    /// Who serves the model.
    provider: String,
    /// The model.
    model: String,
    /// `prepared`, `sent`, `finished`, `failed` or `abandoned`.
    state: String,
    /// Why nothing came back.
    error: Option<String>,
    /// What it used, or may have cost when its answer was lost; nothing before that.
    usage: Option<Usage>,
    /// When it was sent.
    sent_at: Option<DateTime<Utc>>,
    /// When it was over.
    ended_at: Option<DateTime<Utc>>,
}

/// A page of calls of models.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct ModelCallPage {
    /// In order.
    items: Vec<ModelCall>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

/// A use of a tool.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct ToolCall {
    /// Its id; events name it as `call_id`.
    id: Id<kind::ToolCall>,
    /// The turn, from 1.
    turn: i32,
    /// Its place in the turn, from 0.
    ordinal: i32,
    /// The tool.
    tool: String,
    /// What it may change: `pure`, `workspace` or `external`.
    effect: String,
    /// `running`, `finished` or `interrupted`.
    state: String,
    /// What it was asked for.
    arguments: Any<Value>,
    /// What came of it, as the model was told.
    result: Option<Any<Value>>,
    /// Whether it went wrong.
    is_error: Option<bool>,
    /// The name of its whole output, when the model saw a part of it: for `getArtifact`.
    artifact: Option<String>,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it was over.
    ended_at: Option<DateTime<Utc>>,
}

/// A page of uses of tools.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct ToolCallPage {
    /// In order.
    items: Vec<ToolCall>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Runs")]
impl AgentRunsApi {
    /// List the conversations of a run
    ///
    /// Each agent's in each step, with what it used and cost.
    #[oai(
        path = "/runs/:id/agent-runs",
        method = "get",
        operation_id = "listAgentRuns"
    )]
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
    ) -> Result<Json<AgentRunPage>, Problem> {
        let caller = auth.may("listAgentRuns")?;
        let most = Limit::of(limit.0);
        let after = Cursor::two(cursor.0)?;
        let rows = conversations::list(&state.db, caller, id.0.0, after, most + 1).await?;
        let (rows, next_cursor) =
            Cursor::page(rows, most, |row| Cursor::moment(row.started_at, row.id));
        let items = rows.into_iter().map(AgentRun::from).collect();
        Ok(Json(AgentRunPage { items, next_cursor }))
    }

    /// Get a conversation
    ///
    /// Who held it, in which step, and what it used and cost.
    #[oai(path = "/agent-runs/:id", method = "get", operation_id = "getAgentRun")]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The conversation.
        id: Path<Id<kind::AgentRun>>,
    ) -> Result<Json<AgentRunDetail>, Problem> {
        let caller = auth.may("getAgentRun")?;
        let row = conversations::get(&state.db, caller, id.0.0).await?;
        Ok(Json(detail(row)))
    }

    /// Get what was said in a conversation
    ///
    /// The messages as they were sent to the model and as it answered, instructions first. A page holds whole turns:
    /// `limit` of them.
    #[oai(
        path = "/agent-runs/:id/transcript",
        method = "get",
        operation_id = "getTranscript"
    )]
    async fn transcript(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The conversation.
        id: Path<Id<kind::AgentRun>>,
        /// How many turns at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the part before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<Transcript>, Problem> {
        let caller = auth.may("getTranscript")?;
        let most = Limit::of(limit.0);
        let after = Cursor::one(cursor.0)?.unwrap_or_default();
        let rows = conversations::turns(&state.db, caller, id.0.0, after, most + 1).await?;
        let (rows, next_cursor) = Cursor::page(rows, most, |row| row.turn);
        Ok(Json(Transcript {
            items: rows.iter().flat_map(messages).collect(),
            next_cursor,
        }))
    }

    /// List the calls of models in a conversation
    ///
    /// Every try, with what it used and cost. What was said is the transcript's.
    #[oai(
        path = "/agent-runs/:id/model-calls",
        method = "get",
        operation_id = "listModelCalls"
    )]
    async fn model_calls(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The conversation.
        id: Path<Id<kind::AgentRun>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<ModelCallPage>, Problem> {
        let caller = auth.may("listModelCalls")?;
        let most = Limit::of(limit.0);
        let after = Cursor::two(cursor.0)?.unwrap_or_default();
        let rows = conversations::calls(&state.db, caller, id.0.0, after, most + 1).await?;
        let (rows, next_cursor) =
            Cursor::page(rows, most, |row| format!("{}/{}", row.turn, row.attempt));
        let items = rows.into_iter().map(ModelCall::from).collect();
        Ok(Json(ModelCallPage { items, next_cursor }))
    }

    /// List the uses of tools in a conversation
    ///
    /// What each was asked for and what came of it, in order.
    #[oai(
        path = "/agent-runs/:id/tool-calls",
        method = "get",
        operation_id = "listToolCalls"
    )]
    async fn tool_calls(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The conversation.
        id: Path<Id<kind::AgentRun>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<ToolCallPage>, Problem> {
        let caller = auth.may("listToolCalls")?;
        let most = Limit::of(limit.0);
        let after = Cursor::two(cursor.0)?.unwrap_or((0, -1));
        let rows = conversations::tools(&state.db, caller, id.0.0, after, most + 1).await?;
        let (rows, next_cursor) =
            Cursor::page(rows, most, |row| format!("{}/{}", row.turn, row.ordinal));
        let items = rows.into_iter().map(ToolCall::from).collect();
        Ok(Json(ToolCallPage { items, next_cursor }))
    }
}

fn detail(row: AgentRow) -> AgentRunDetail {
    AgentRunDetail {
        run_id: row.run_id.into(),
        step_no: row.step_no,
        agent_run: row.into(),
    }
}

/// What was said in a turn: what the program added, then the answer.
fn messages(row: &TurnRow) -> Vec<TranscriptMessage> {
    let message = |role: &str, content: &Value, at| TranscriptMessage {
        turn: row.turn,
        role: role.to_owned(),
        content: content
            .as_array()
            .into_iter()
            .flatten()
            .cloned()
            .map(Any)
            .collect(),
        at,
    };
    let mut said = Vec::new();
    if let Some(system) = row.request["system"].as_str() {
        let block = json!([{"type": "text", "text": system}]);
        said.push(message("system", &block, row.sent_at));
    }
    for added in row.request["appended"].as_array().into_iter().flatten() {
        let role = added["role"].as_str().unwrap_or("user");
        said.push(message(role, &added["content"], row.sent_at));
    }
    if let Some(response) = &row.response {
        let content = &response["answered"]["reply"]["content"];
        said.push(message("assistant", content, row.ended_at));
    }
    said
}

impl From<CallRow> for ModelCall {
    fn from(row: CallRow) -> Self {
        let counts = row.input_tokens.is_some() || row.possible_usd_micros.is_some();
        let usage = counts.then(|| Usage {
            input_tokens: row.input_tokens.unwrap_or_default(),
            output_tokens: row.output_tokens.unwrap_or_default(),
            cache_read_tokens: row.cache_read_tokens.unwrap_or_default(),
            cache_write_tokens: row.cache_write_tokens.unwrap_or_default(),
            cost_usd_micros: row.cost_usd_micros.unwrap_or_default(),
            possible_usd_micros: row.possible_usd_micros.unwrap_or_default(),
        });
        Self {
            id: row.id.into(),
            turn: row.turn,
            attempt: i32::from(row.attempt),
            provider: row.provider,
            model: row.model,
            state: row.state,
            error: row.error,
            usage,
            sent_at: row.sent_at,
            ended_at: row.ended_at,
        }
    }
}

impl From<ToolRow> for ToolCall {
    fn from(row: ToolRow) -> Self {
        Self {
            id: row.id.into(),
            turn: row.turn,
            ordinal: i32::from(row.ordinal),
            tool: row.tool,
            effect: row.effect,
            state: row.state,
            arguments: Any(row.arguments),
            result: row.result.map(Any),
            is_error: row.is_error,
            artifact: row.artifact,
            started_at: row.started_at,
            ended_at: row.ended_at,
        }
    }
}

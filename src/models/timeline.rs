//! The conversations of a run with what they cost, and the calls and tools in one of them.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// A conversation and what it cost.
#[derive(Debug, Clone)]
pub struct AgentRow {
    /// Its id.
    pub id: Uuid,
    /// The run it belongs to.
    pub run_id: Uuid,
    /// Ordinal of the step.
    pub step_no: i32,
    /// The role.
    pub agent: String,
    /// The model.
    pub model: String,
    /// `running`, `succeeded`, `failed` or `canceled`.
    pub state: String,
    /// Turns taken.
    pub turns: i32,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Tokens that went in.
    pub input_tokens: i64,
    /// Tokens that came out.
    pub output_tokens: i64,
    /// Tokens read from a cache.
    pub cache_read_tokens: i64,
    /// Tokens written to a cache.
    pub cache_write_tokens: i64,
    /// Millionths of a dollar.
    pub cost_usd_micros: i64,
    /// What calls may have cost whose answers were lost; not in the cost.
    pub possible_usd_micros: i64,
}

macro_rules! agents {
    ($which:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            AgentRow,
            r#"select a.id, a.run_id, a.step_no, a.agent, a.model, a.state,
                      greatest(a.turns, coalesce(c.turns, 0)) as "turns!", a.started_at, a.ended_at,
                      c.input_tokens as "input_tokens!", c.output_tokens as "output_tokens!",
                      c.cache_read_tokens as "cache_read_tokens!", c.cache_write_tokens as "cache_write_tokens!",
                      c.cost_usd_micros as "cost_usd_micros!", c.possible as "possible_usd_micros!"
               from agent_runs a cross join lateral (
                   select max(turn) as turns, coalesce(sum(input_tokens), 0)::bigint as input_tokens,
                          coalesce(sum(output_tokens), 0)::bigint as output_tokens,
                          coalesce(sum(cache_read_tokens), 0)::bigint as cache_read_tokens,
                          coalesce(sum(cache_write_tokens), 0)::bigint as cache_write_tokens,
                          coalesce(sum(cost_usd_micros), 0)::bigint as cost_usd_micros,
                          coalesce(sum(l.usd_micros), 0)::bigint as possible
                   from model_calls m left join ledger_entries l on l.model_call_id = m.id and l.kind = 'possible_charge'
                   where agent_run_id = a.id) c "# + $which
            $(, $value)*
        )
    };
}

/// The conversations of a run in their order, those after this one, which began then.
pub async fn agents(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> sqlx::Result<Vec<AgentRow>> {
    let (at, id) = after.unzip();
    agents!(
        "where a.run_id = $1 and ($2::timestamptz is null or (a.started_at, a.id) > ($2, $3::uuid))
         order by a.started_at, a.id limit $4",
        run,
        at,
        id,
        most
    )
    .fetch_all(db)
    .await
}

/// The conversations in these steps of these runs, in their order.
pub async fn agents_of(
    db: impl PgExecutor<'_>,
    runs: &[Uuid],
    steps: &[i32],
) -> sqlx::Result<Vec<AgentRow>> {
    agents!(
        "where (a.run_id, a.step_no) in (select * from unnest($1::uuid[], $2::int[])) order by a.started_at, a.id",
        runs,
        steps
    )
    .fetch_all(db)
    .await
}

/// One conversation.
pub async fn agent(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<AgentRow>> {
    agents!("where a.id = $1", id).fetch_optional(db).await
}

/// A call of a model, without what was said.
#[derive(Debug, Clone)]
pub struct CallRow {
    /// Its id.
    pub id: Uuid,
    /// The turn.
    pub turn: i32,
    /// Which try of the turn.
    pub attempt: i16,
    /// Who serves the model.
    pub provider: String,
    /// The model.
    pub model: String,
    /// `prepared`, `sent`, `finished`, `failed` or `abandoned`.
    pub state: String,
    /// Why nothing came back.
    pub error: Option<String>,
    /// Tokens that went in.
    pub input_tokens: Option<i64>,
    /// Tokens that came out.
    pub output_tokens: Option<i64>,
    /// Tokens read from a cache.
    pub cache_read_tokens: Option<i64>,
    /// Tokens written to a cache.
    pub cache_write_tokens: Option<i64>,
    /// Millionths of a dollar.
    pub cost_usd_micros: Option<i64>,
    /// What it may have cost, when its answer was lost.
    pub possible_usd_micros: Option<i64>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
}

/// The calls of a conversation after this try of this turn, in their order.
pub async fn calls(
    db: impl PgExecutor<'_>,
    agent_run: Uuid,
    after: (i32, i16),
    most: i64,
) -> sqlx::Result<Vec<CallRow>> {
    sqlx::query_as!(
        CallRow,
        r#"select id, turn, try as attempt, provider, model, state, error, input_tokens, output_tokens,
                  cache_read_tokens, cache_write_tokens, cost_usd_micros,
                  (select usd_micros from ledger_entries l where l.model_call_id = c.id and l.kind = 'possible_charge')
                  as "possible_usd_micros?", sent_at, ended_at
           from model_calls c where agent_run_id = $1 and (turn, try) > ($2, $3) order by turn, try limit $4"#,
        agent_run,
        after.0,
        after.1,
        most
    )
    .fetch_all(db)
    .await
}

/// What was said in a turn of a conversation.
#[derive(Debug, Clone)]
pub struct TurnRow {
    /// The turn.
    pub turn: i32,
    /// What was sent: the first turn has everything, later ones what they add.
    pub request: Value,
    /// What came back.
    pub response: Option<Value>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was answered.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What was said after this turn: of each turn the try that was answered, or the last.
pub async fn turns(
    db: impl PgExecutor<'_>,
    agent_run: Uuid,
    after: i32,
    most: i64,
) -> sqlx::Result<Vec<TurnRow>> {
    sqlx::query_as!(
        TurnRow,
        "select distinct on (turn) turn, request, response, sent_at, ended_at
         from model_calls where agent_run_id = $1 and turn > $2
         order by turn, (state = 'finished') desc, try desc limit $3",
        agent_run,
        after,
        most
    )
    .fetch_all(db)
    .await
}

/// A use of a tool.
#[derive(Debug, Clone)]
pub struct ToolRow {
    /// Its id.
    pub id: Uuid,
    /// The turn.
    pub turn: i32,
    /// Its place in the turn.
    pub ordinal: i16,
    /// The tool.
    pub tool: String,
    /// `pure`, `workspace` or `external`.
    pub effect: String,
    /// `running`, `finished` or `interrupted`.
    pub state: String,
    /// What it was asked for.
    pub arguments: Value,
    /// What came of it.
    pub result: Option<Value>,
    /// Whether it went wrong.
    pub is_error: Option<bool>,
    /// The name of its whole output, when the model saw a part of it.
    pub artifact: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
}

/// The uses of tools in a conversation after this place in this turn, in their order.
pub async fn tools(
    db: impl PgExecutor<'_>,
    agent_run: Uuid,
    after: (i32, i16),
    most: i64,
) -> sqlx::Result<Vec<ToolRow>> {
    sqlx::query_as!(
        ToolRow,
        "select id, turn, ordinal, tool, effect, state, arguments, result, is_error, encode(output, 'hex') as artifact,
                started_at, ended_at
         from tool_calls where agent_run_id = $1 and (turn, ordinal) > ($2, $3) order by turn, ordinal limit $4",
        agent_run,
        after.0,
        after.1,
        most
    )
    .fetch_all(db)
    .await
}

/// A recorded step, with the run that recorded it.
#[derive(Debug, Clone)]
pub struct StepRow {
    /// The run that recorded it.
    pub run_id: Uuid,
    /// Its position in the journal.
    pub seq: i32,
    /// Its ordinal.
    pub step_no: i32,
    /// The try that succeeded.
    pub attempt: i16,
    /// How long that try took.
    pub duration_ms: i32,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Its name.
    pub name: String,
    /// What it returned.
    pub output: Value,
    /// Whether a later rewind has put it aside.
    pub superseded: bool,
}

/// The ordinal of the step in which a run failed, and when.
pub async fn failed_step(
    db: impl PgExecutor<'_>,
    run: Uuid,
) -> sqlx::Result<Option<(i32, DateTime<Utc>)>> {
    sqlx::query!(
        "select step_no, at from events where run_id = $1 and kind = 'run.failed' order by seq desc limit 1",
        run
    )
    .map(|row| (row.step_no, row.at))
    .fetch_optional(db)
    .await
}

/// The recorded steps of a run after this position, in order, with those it shares with the run it was forked from; all
/// of them when no number is said.
pub async fn steps(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: i32,
    most: Option<i64>,
) -> sqlx::Result<Vec<StepRow>> {
    sqlx::query_as!(
        StepRow,
        r#"with recursive chain(id, low, high) as (
               select id, coalesce(fork_seq, 0), 2147483647 from runs where id = $1
               union all
               select o.id, coalesce(o.fork_seq, 0), c.low
               from chain c join runs r on r.id = c.id join runs o on o.id = r.fork_of
           )
           select s.run_id as "run_id!", s.seq as "seq!", s.step_no as "step_no!", s.attempt as "attempt!",
                  s.duration_ms as "duration_ms!", s.at as "at!", s.name as "name!", s.output as "output!",
                  exists (select from events e
                          where e.run_id = s.run_id and e.seq > s.seq and e.seq <= c.high and e.kind = 'run.rewound'
                            and (e.data ->> 'to_seq')::int < s.seq) as "superseded!"
           from chain c join steps s on s.run_id = c.id and s.seq > c.low and s.seq <= c.high and s.seq > $2
           order by s.seq limit $3"#,
        run,
        after,
        most
    )
    .fetch_all(db)
    .await
}

-- What agents did, said, changed and cost. Detail behind the journal: each row names the run and step it
-- belongs to, and what must survive a crash is also a row of the journal.

-- One agent's conversation inside a step.
create table agent_runs (
    id         uuid constraint agent_runs_pkey primary key,
    run_id     uuid not null constraint agent_runs_run_id_fkey references runs on delete cascade,
    step_no    int not null,
    agent      text not null,
    model      text not null,
    state      text not null,
    turns      int not null default 0,
    result     jsonb,
    started_at timestamptz not null default now(),
    ended_at   timestamptz,
    constraint agent_runs_step_key unique (run_id, step_no, agent),
    constraint agent_runs_state_check check (state in ('running', 'succeeded', 'failed', 'canceled'))
);

-- Large contents by what they are: the same bytes are stored once.
create table artifacts (
    sha256     bytea constraint artifacts_pkey primary key,
    media_type text not null,
    size_bytes bigint not null,
    -- inline below a few megabytes, else in the object store named by `location`
    content    bytea,
    location   text,
    created_at timestamptz not null default now(),
    constraint artifacts_sha256_check check (length(sha256) = 32),
    constraint artifacts_place_check check ((content is null) <> (location is null))
);

-- Every call of a model, before it is sent and after. A finished one is never made again.
create table model_calls (
    id            uuid constraint model_calls_pkey primary key,
    agent_run_id  uuid not null constraint model_calls_agent_run_id_fkey references agent_runs on delete cascade,
    turn          int not null,
    try           smallint not null,
    provider      text not null,
    model         text not null,
    state         text not null,
    -- what this call adds to the conversation, and the hash of the whole: the rest is in the calls before it
    request       jsonb not null,
    response      jsonb,
    error         text,
    input_tokens  bigint,
    output_tokens bigint,
    cache_read_tokens  bigint,
    cache_write_tokens bigint,
    cost_usd_micros    bigint,
    prepared_at   timestamptz not null default clock_timestamp(),
    sent_at       timestamptz,
    ended_at      timestamptz,
    constraint model_calls_turn_key unique (agent_run_id, turn, try),
    constraint model_calls_state_check check (state in ('prepared', 'sent', 'finished', 'failed', 'abandoned'))
);

-- Every use of a tool.
create table tool_calls (
    id           uuid constraint tool_calls_pkey primary key,
    agent_run_id uuid not null constraint tool_calls_agent_run_id_fkey references agent_runs on delete cascade,
    turn         int not null,
    ordinal      smallint not null,
    tool         text not null,
    effect       text not null,
    state        text not null,
    arguments    jsonb not null,
    result       jsonb,
    is_error     boolean,
    output       bytea constraint tool_calls_output_fkey references artifacts,
    started_at   timestamptz not null default clock_timestamp(),
    ended_at     timestamptz,
    constraint tool_calls_place_key unique (agent_run_id, turn, ordinal),
    constraint tool_calls_effect_check check (effect in ('pure', 'workspace', 'external')),
    constraint tool_calls_state_check check (state in ('running', 'finished', 'interrupted'))
);

-- Recorded trees of a run's workspace; the pack lets another machine rebuild it.
create table snapshots (
    run_id     uuid not null constraint snapshots_run_id_fkey references runs on delete cascade,
    seq        int not null,
    tree       text not null,
    commit_id  text not null,
    pack       bytea constraint snapshots_pack_fkey references artifacts,
    created_at timestamptz not null default now(),
    constraint snapshots_pkey primary key (run_id, seq)
);

-- Money: reserved before a call, settled after it, released when it was not needed. Never updated.
create table ledger_entries (
    id            uuid constraint ledger_entries_pkey primary key,
    run_id        uuid not null constraint ledger_entries_run_id_fkey references runs on delete cascade,
    model_call_id uuid constraint ledger_entries_model_call_id_fkey references model_calls on delete set null,
    kind          text not null,
    usd_micros    bigint not null,
    created_at    timestamptz not null default clock_timestamp(),
    -- each word about a call is said once, however often its worker died in between
    constraint ledger_entries_call_kind_key unique (model_call_id, kind),
    constraint ledger_entries_kind_check check (kind in ('reserved', 'settled', 'released', 'possible_charge'))
);
create index ledger_entries_run_id_idx on ledger_entries (run_id, created_at);

-- Changes to the world outside, by what makes each of them one and the same: looked up before it is
-- attempted, so that twice is once.
create table effects (
    natural_key text constraint effects_pkey primary key,
    run_id      uuid not null,
    step_no     int not null,
    state       text not null,
    result      jsonb,
    started_at  timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    constraint effects_state_check check (state in ('started', 'done')),
    constraint effects_result_check check ((state = 'done') = (result is not null))
);
create index effects_run_id_idx on effects (run_id);

-- The journal and its head. A run is append-only rows (steps, events) in one numbering, plus one narrow
-- row that says where it stands; everything people see is a reading of these.

-- Who may hold runs. A worker proves that it lives twice over: by a session advisory lock that the
-- server drops the moment the process dies, and by a lease for the day its machine vanishes.
create table workers (
    id          bigint generated always as identity constraint workers_pkey primary key,
    host        text not null,
    pid         int not null,
    lanes       text[] not null,
    version     text not null,
    started_at  timestamptz not null default now(),
    lease_until timestamptz not null
);

-- One attempt at a task. Written at its start and at its end, and in between by nobody: the end is
-- `outcome`, and while that is null the run lives in `run_heads`.
create table runs (
    id         uuid constraint runs_pkey primary key,
    task_id    uuid constraint runs_task_id_fkey references tasks,
    workflow   text not null,
    version    smallint not null,
    -- what its head begins with, after a retry as well: its rank, its places, the longest time it may take
    priority   smallint not null default 0,
    limits     text[],
    time_limit interval,
    input      jsonb not null,
    -- a child: whose, and at which place among its siblings
    parent_run uuid constraint runs_parent_run_fkey references runs,
    parent_seq int,
    ordinal    int,
    -- a fork: it shares the journal of that run up to that row
    fork_of    uuid constraint runs_fork_of_fkey references runs,
    fork_seq   int,
    -- Idempotency key of whoever started it
    request_key text,
    created_at timestamptz not null default now(),
    ended_at   timestamptz,
    outcome    text,
    output     jsonb,
    failure    jsonb,
    -- how often it had changed hands when it ended; a retry goes on counting from here
    epoch      int,
    constraint runs_outcome_check check (outcome in ('succeeded', 'failed', 'canceled')),
    constraint runs_ended_check check ((outcome is null) = (ended_at is null))
) with (fillfactor = 85);
create index runs_task_id_idx on runs (task_id, id desc) where task_id is not null;
create index runs_parent_run_idx on runs (parent_run, ordinal) where parent_run is not null;
create index runs_fork_of_idx on runs (fork_of) where fork_of is not null;
create unique index runs_request_key on runs (request_key) where request_key is not null;
-- Dead runs are looked for by themselves, to be retried one by one or in bulk. On columns that a success
-- does not touch, so that ending a run is an update in place.
create index runs_failed_idx on runs (id desc) where failure is not null;

-- The one row that changes while a run lives; gone when it ends. Every write of a worker names the epoch
-- it was given, and an old epoch changes nothing. Narrow, half empty pages and no index on what a step
-- changes: an update in place leaves nothing behind for indexes or vacuum.
create table run_heads (
    run_id           uuid constraint run_heads_pkey primary key,
    state            text not null,
    paused           boolean not null default false,
    lane             text not null,
    priority         smallint not null default 0,
    owner            bigint,
    pending_children int not null default 0,
    due_at           timestamptz,
    deadline_at      timestamptz,
    limits           text[],
    -- while waiting: for a signal, a timer, children or the next try; and the signals that would do
    waits            text,
    waits_for        text[],
    epoch            int not null,
    seq              int not null,
    step_no          int not null,
    attempt          smallint not null,
    crashes          smallint not null default 0,
    since            timestamptz not null default now(),
    -- the current step, or the name of what is waited for
    step             text,
    constraint run_heads_run_id_fkey foreign key (run_id) references runs on delete cascade,
    -- queued: no free place yet · ready: a job will take it up · running: held by `owner` · waiting: parked
    constraint run_heads_state_check check (state in ('queued', 'ready', 'running', 'waiting')),
    constraint run_heads_owner_check check ((state = 'running') = (owner is not null)),
    constraint run_heads_waits_check check (waits in ('signal', 'timer', 'children', 'retry'))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index run_heads_owner_idx on run_heads (owner) where owner is not null;
create index run_heads_due_at_idx on run_heads (due_at) where due_at is not null;
create index run_heads_deadline_at_idx on run_heads (deadline_at) where deadline_at is not null;

-- The recorded acts of a run: exactly one row a step, never changed. No foreign key: the head's fence
-- already proves that the run exists, and a check of it would lock the run's row at every step.
create table steps (
    run_id      uuid not null,
    seq         int not null,
    step_no     int not null,
    attempt     smallint not null,
    epoch       int not null,
    duration_ms int not null,
    at          timestamptz not null default clock_timestamp(),
    name        text not null,
    output      jsonb not null,
    constraint steps_pkey primary key (run_id, seq)
);

-- Everything else that happened, in the same numbering as the steps.
create table events (
    run_id  uuid not null,
    seq     int not null,
    step_no int not null,
    epoch   int not null,
    at      timestamptz not null default clock_timestamp(),
    kind    text not null,
    data    jsonb not null,
    constraint events_pkey primary key (run_id, seq)
);

-- Words from outside, kept until the run asks for them.
create table signals (
    id          uuid constraint signals_pkey primary key,
    run_id      uuid not null constraint signals_run_id_fkey references runs on delete cascade,
    name        text not null,
    payload     jsonb not null,
    sent_by     uuid constraint signals_sent_by_fkey references users,
    -- the sender's key: the same word twice is one word
    request_key text,
    created_at  timestamptz not null default clock_timestamp(),
    consumed_at timestamptz,
    constraint signals_request_key unique (run_id, request_key)
);
create index signals_inbox_idx on signals (run_id, created_at) where consumed_at is null;

-- How many runs of one user, one repository or one task may hold a place at the same time. Counted
-- here, not by counting runs.
create table run_limits (
    key     text constraint run_limits_pkey primary key,
    most    int not null,
    holding int not null default 0,
    constraint run_limits_most_check check (most > 0),
    constraint run_limits_holding_check check (holding >= 0)
);

-- Runs that have no place yet, one row for each limit that concerns them.
create table run_queue (
    key       text not null,
    run_id    uuid not null constraint run_queue_run_id_fkey references runs on delete cascade,
    priority  smallint not null,
    queued_at timestamptz not null default clock_timestamp(),
    constraint run_queue_pkey primary key (run_id, key)
);
create index run_queue_next_idx on run_queue (key, priority desc, queued_at);

-- Words to other programs about the work here. A delivery is written with its cause and sent by a job until it is taken
-- or given up.

create table webhook_endpoints (
    id         uuid constraint webhook_endpoints_pkey primary key,
    owner_id   uuid not null constraint webhook_endpoints_owner_id_fkey references users on delete cascade,
    url        text not null,
    -- what it is told; in the words of `notifications.kind`
    kinds      text[] not null,
    -- of everybody's tasks, not of its owner's alone
    everyone   boolean not null default false,
    -- signs what is sent, so the hash alone would not do
    secret     bytea not null,
    -- tries in a row that failed; too many switch it off
    failures   int not null default 0,
    disabled_at timestamptz,
    disabled_reason text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint webhook_endpoints_failures_check check (failures >= 0)
);
create index webhook_endpoints_owner_id_idx on webhook_endpoints (owner_id, id desc);

create table webhook_deliveries (
    id          uuid constraint webhook_deliveries_pkey primary key,
    endpoint_id uuid not null constraint webhook_deliveries_endpoint_id_fkey references webhook_endpoints on delete cascade,
    -- the cause: a row of that run's journal; no foreign key, the log outlives runs
    run_id      uuid not null,
    seq         int not null,
    kind        text not null,
    -- the very text that is sent and signed
    body        text not null,
    state       text not null default 'pending',
    -- tries since it was written or asked for again
    tries       smallint not null default 0,
    status      smallint,
    error       text,
    created_at  timestamptz not null default clock_timestamp(),
    tried_at    timestamptz,
    delivered_at timestamptz,
    constraint webhook_deliveries_cause_key unique (endpoint_id, run_id, seq),
    constraint webhook_deliveries_state_check check (state in ('pending', 'delivered', 'failed'))
);
create index webhook_deliveries_endpoint_id_idx on webhook_deliveries (endpoint_id, id desc);

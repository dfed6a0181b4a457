-- What people work on and what they ask for.

create table repositories (
    id             uuid constraint repositories_pkey primary key,
    owner_id       uuid not null constraint repositories_owner_id_fkey references users,
    name           text not null,
    -- where it comes from: github, any git url, or a local path when the operator allows that
    forge          text not null,
    url            text not null,
    default_branch text not null,
    -- languages, commands, instructions; discovered, then editable
    profile        jsonb not null default '{}',
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    synced_at      timestamptz,
    deleted_at     timestamptz,
    constraint repositories_forge_check check (forge in ('github', 'git', 'local'))
);
create unique index repositories_owner_url_key on repositories (owner_id, url) where deleted_at is null;

create table tasks (
    id            uuid constraint tasks_pkey primary key,
    repository_id uuid not null constraint tasks_repository_id_fkey references repositories,
    created_by    uuid not null constraint tasks_created_by_fkey references users,
    title         text not null,
    description   text not null default '',
    base_branch   text not null,
    -- mode, models, limits, approval policy: what the run's definition is started with
    options       jsonb not null default '{}',
    -- most that all its runs together may cost
    budget_usd_micros bigint not null,
    -- the caller's Idempotency-Key: the same request twice is one task
    request_key   text,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    archived_at   timestamptz,
    constraint tasks_title_check check (length(title) between 1 and 300),
    constraint tasks_budget_check check (budget_usd_micros >= 0),
    constraint tasks_request_key unique (created_by, request_key)
);
-- The lists of the API: mine, and a repository's, newest first.
create index tasks_created_by_idx on tasks (created_by, id desc);
create index tasks_repository_id_idx on tasks (repository_id, id desc);

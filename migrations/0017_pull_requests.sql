-- Work that was offered on a server that knows pull requests: which one it is, and how it stood when it was looked at last.
-- A number belongs to a repository there; two people may have connected the same one here.

create table pull_requests (
    id            uuid constraint pull_requests_pkey primary key,
    repository_id uuid not null constraint pull_requests_repository_id_fkey references repositories on delete cascade,
    task_id       uuid not null constraint pull_requests_task_id_fkey references tasks on delete cascade,
    -- the run whose work it offers
    run_id        uuid not null constraint pull_requests_run_id_fkey references runs on delete cascade,
    number        bigint not null,
    url           text not null,
    title         text not null,
    state         text not null constraint pull_requests_state_check check (state in ('open', 'closed', 'merged')),
    draft         boolean not null,
    head_branch   text not null,
    base_branch   text not null,
    head_commit   text not null,
    -- the person who asked for it; a run that was told to deliver so has none
    opened_by     uuid constraint pull_requests_opened_by_fkey references users,
    checks        text constraint pull_requests_checks_check check (checks in ('none', 'pending', 'success', 'failure')),
    checks_total  int,
    checks_failed int,
    review        text constraint pull_requests_review_check check (review in ('approved', 'changes_requested', 'review_required')),
    mergeable     boolean,
    merged_at     timestamptz,
    closed_at     timestamptz,
    created_at    timestamptz not null default clock_timestamp(),
    updated_at    timestamptz not null default clock_timestamp(),
    -- when checks and reviews were looked at last
    synced_at     timestamptz,
    constraint pull_requests_number_key unique (repository_id, number)
);
create index pull_requests_run_id_idx on pull_requests (run_id, number desc);
create index pull_requests_task_id_idx on pull_requests (task_id, id desc);
create index pull_requests_repository_id_idx on pull_requests (repository_id, id desc);

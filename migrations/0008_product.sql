-- What the API shows of repositories and tasks beyond what a run is started with.

-- Who else sees a repository and the work on it, and what went wrong when it was looked at last.
alter table repositories
    add column visibility text not null default 'private',
    add column sync_error text,
    add column head_commit text,
    add constraint repositories_visibility_check check (visibility in ('private', 'team'));

-- The list of repositories, and the answer to "which may I see".
create index repositories_owner_id_idx on repositories (owner_id, id desc) where deleted_at is null;
create index repositories_team_idx on repositories (id desc) where deleted_at is null and visibility = 'team';

-- Lists ask for runs of tasks that ended one way; most end well, so the rare ends are found by themselves.
create index runs_outcome_idx on runs (outcome, id desc) where task_id is not null;

-- Comments on a difference, gathered into one review that the agents are sent.
create table review_comments (
    id         uuid constraint review_comments_pkey primary key,
    run_id     uuid not null constraint review_comments_run_id_fkey references runs on delete cascade,
    author_id  uuid not null constraint review_comments_author_id_fkey references users,
    path       text not null,
    -- lines of the new file, or of the old one where a line was removed
    side       text not null,
    start_line int not null,
    end_line   int not null,
    quoted     text not null,
    body       text not null,
    created_at timestamptz not null default clock_timestamp(),
    -- nothing while it is a draft of its author
    sent_at    timestamptz,
    constraint review_comments_side_check check (side in ('new', 'old')),
    constraint review_comments_lines_check check (start_line > 0 and end_line >= start_line)
);
create index review_comments_run_id_idx on review_comments (run_id, id);

-- The answers to writes that came with an Idempotency-Key: the same request again gets the same answer.
create table request_keys (
    user_id     uuid not null constraint request_keys_user_id_fkey references users on delete cascade,
    key         text not null,
    -- hash of method, path and body: another request under the same key is a mistake of the caller
    fingerprint bytea not null,
    -- nothing while the first request is being served
    status      smallint,
    body        bytea,
    created_at  timestamptz not null default clock_timestamp(),
    constraint request_keys_pkey primary key (user_id, key)
);
create index request_keys_created_at_idx on request_keys (created_at);

-- Where a run stands, in the one word that lists show and filter by. Here, because a list has to find by it.
create function run_status(outcome text, result text, state text, paused boolean, waits text, waits_for text[], step text)
returns text language sql immutable as $$
    select case
        when outcome = 'succeeded' and result in ('needs_human', 'infeasible', 'out_of_budget') then 'needs_human'
        when outcome = 'succeeded' and result = 'rejected' then 'rejected'
        when outcome is not null then outcome
        when state is null then 'new'
        when paused then 'paused'
        when state in ('queued', 'ready') then 'queued'
        when state = 'waiting' and waits = 'signal' then case waits_for[1]
            when 'plan_decided' then 'awaiting_plan'
            when 'answered' then 'awaiting_answer'
            when 'budget_raised' then 'awaiting_budget'
            when 'delivery_decided' then 'awaiting_delivery'
            else 'running' end
        when step = 'plan' then 'planning'
        else 'running' end
$$;

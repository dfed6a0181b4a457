-- What people are told when they are needed or when their work has ended. Written in the transaction that journals the
-- cause, so there is one of each, and none of what was rolled back.
create table notifications (
    id         uuid constraint notifications_pkey primary key,
    user_id    uuid not null constraint notifications_user_id_fkey references users on delete cascade,
    task_id    uuid not null constraint notifications_task_id_fkey references tasks on delete cascade,
    -- the cause: a row of that run's journal
    run_id     uuid not null constraint notifications_run_id_fkey references runs on delete cascade,
    seq        int not null,
    kind       text not null,
    detail     text,
    created_at timestamptz not null default clock_timestamp(),
    read_at    timestamptz,
    constraint notifications_cause_key unique (run_id, seq, user_id),
    constraint notifications_kind_check check (
        kind in ('plan', 'question', 'budget', 'delivery', 'succeeded', 'needs_human', 'failed'))
);
create index notifications_user_id_idx on notifications (user_id, id desc);
create index notifications_unread_idx on notifications (user_id, id desc) where read_at is null;

-- Who is not listed is told of everything.
create table notification_preferences (
    user_id uuid constraint notification_preferences_pkey primary key
            constraint notification_preferences_user_id_fkey references users on delete cascade,
    muted   text[] not null
);

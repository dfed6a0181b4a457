-- Lists of tasks in the order in which they were changed, and lists that people come back to.

create index tasks_updated_at_idx on tasks (updated_at desc, id desc);

create table saved_views (
    id         uuid constraint saved_views_pkey primary key,
    user_id    uuid not null constraint saved_views_user_id_fkey references users on delete cascade,
    name       text not null,
    -- the page it is of, and what stands behind the `?` there
    page       text not null,
    query      text not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint saved_views_name_key unique (user_id, page, name)
);

-- Tasks that begin only when others have succeeded. A run of such a task is started at once and parked: whoever cancels
-- it, lists it or follows it finds it where every other run is, and the end of the last one waited for wakes it in its
-- own transaction, so that none is forgotten and nobody polls.
create table task_needs (
    task_id  uuid not null constraint task_needs_task_id_fkey references tasks on delete cascade,
    -- without a cascade: a task that others wait for is not deleted under them
    needs_id uuid not null constraint task_needs_needs_id_fkey references tasks,
    ordinal  smallint not null,
    constraint task_needs_pkey primary key (task_id, needs_id),
    constraint task_needs_self_check check (task_id <> needs_id)
);
create index task_needs_needs_id_idx on task_needs (needs_id);

alter table run_heads
    drop constraint run_heads_waits_check,
    add constraint run_heads_waits_check check (waits in ('signal', 'timer', 'children', 'retry', 'tasks'));

-- Something that a task waits for has ended otherwise: nothing goes on without a person.
alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check check (
        kind in ('plan', 'question', 'budget', 'delivery', 'blocked', 'succeeded', 'needs_human', 'failed'));

-- As in migration 8, with the one word more.
create or replace function run_status(
    outcome text, result text, state text, paused boolean, waits text, waits_for text[], step text)
returns text language sql immutable as $$
    select case
        when outcome = 'succeeded' and result in ('needs_human', 'infeasible', 'out_of_budget') then 'needs_human'
        when outcome = 'succeeded' and result = 'rejected' then 'rejected'
        when outcome is not null then outcome
        when state is null then 'new'
        when paused then 'paused'
        when state in ('queued', 'ready') then 'queued'
        when state = 'waiting' and waits = 'tasks' then 'waiting_for_tasks'
        when state = 'waiting' and waits = 'signal' then case waits_for[1]
            when 'plan_decided' then 'awaiting_plan'
            when 'answered' then 'awaiting_answer'
            when 'budget_raised' then 'awaiting_budget'
            when 'delivery_decided' then 'awaiting_delivery'
            else 'running' end
        when step = 'plan' then 'planning'
        else 'running' end
$$;

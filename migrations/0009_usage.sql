-- What agents used, added up as it is used. The pages with figures are asked for often and cover weeks; adding up every
-- call of a month anew would take seconds on a busy installation.

-- A quarter of an hour, because days begin at a quarter of somebody's hour in every time zone there is. Written in the
-- transaction that settles a call; only calls of tasks are counted. No foreign keys: the run's task has both already.
create table usage_slots (
    slot          timestamptz not null,
    repository_id uuid not null,
    user_id       uuid not null,
    model         text not null,
    agent         text not null,
    calls         bigint not null,
    input_tokens  bigint not null,
    output_tokens bigint not null,
    cache_read_tokens  bigint not null,
    cache_write_tokens bigint not null,
    cost_usd_micros    bigint not null,
    constraint usage_slots_pkey primary key (slot, repository_id, user_id, model, agent)
    -- the newest rows are updated again and again, in place
) with (fillfactor = 70);

insert into usage_slots (slot, repository_id, user_id, model, agent, calls, input_tokens, output_tokens,
                         cache_read_tokens, cache_write_tokens, cost_usd_micros)
select date_bin('15 minutes', c.ended_at, 'epoch'), t.repository_id, t.created_by, c.model, a.agent, count(*),
       coalesce(sum(c.input_tokens), 0), coalesce(sum(c.output_tokens), 0), coalesce(sum(c.cache_read_tokens), 0),
       coalesce(sum(c.cache_write_tokens), 0), coalesce(sum(c.cost_usd_micros), 0)
from model_calls c
join agent_runs a on a.id = c.agent_run_id
join runs n on n.id = a.run_id
join tasks t on t.id = n.task_id
where c.state = 'finished'
group by 1, 2, 3, 4, 5;

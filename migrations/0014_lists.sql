-- Lists stay fast however much has been done. Most tasks end well; whoever looks for those that were turned down, or
-- that wait, should not read all that went well in between.

-- How a run ended, in the words of `run_status`: of a run that is over, that word does not depend on a head. Written out,
-- because an index is built without a search path, in which one function does not find another.
create function run_end(outcome text, result text) returns text language sql immutable as $$
    select case
        when outcome = 'succeeded' and result in ('needs_human', 'infeasible', 'out_of_budget') then 'needs_human'
        when outcome = 'succeeded' and result = 'rejected' then 'rejected'
        else outcome
    end
$$;

-- Runs that ended in one way, newest first, and their tasks, newest first. Both orders, because a task that is taken up
-- again years later has a new run and an old place in its list. In the place of the index on the outcome alone, which
-- tells a success from one that a person has to look at no better than the table.
create index runs_end_idx on runs (run_end(outcome, output ->> 'result'), id desc)
    where outcome is not null and task_id is not null;
create index runs_end_task_idx on runs (run_end(outcome, output ->> 'result'), task_id desc)
    where outcome is not null and task_id is not null;
drop index runs_outcome_idx;

-- What was put away is a part of its own.
create index tasks_archived_idx on tasks (id desc) where archived_at is not null;

-- Searching a list looks into descriptions as well (migration 10 has the titles).
do $$
begin
    if exists (select from pg_extension where extname = 'pg_trgm') then
        create index tasks_description_trgm_idx on tasks using gin (lower(description) gin_trgm_ops);
    end if;
end
$$;

-- A bill can be checked later only if it says by which price it was made: prices change, and a catalogue of one's own may
-- replace those that are built in. Calls from before this do not know theirs.
alter table model_calls add column price_version text;

-- What was used by runs that belong to no task (`codegraph run` on the database of an installation) stood in the ledger and
-- in no figure. It is counted under a repository and a person that do not exist, whose id is all zeros; only those who see
-- everything see it.
insert into usage_slots (slot, repository_id, user_id, model, agent, calls, input_tokens, output_tokens,
                         cache_read_tokens, cache_write_tokens, cost_usd_micros)
select date_bin('15 minutes', c.ended_at, 'epoch'), '00000000-0000-0000-0000-000000000000',
       '00000000-0000-0000-0000-000000000000', c.model, a.agent, count(*), coalesce(sum(c.input_tokens), 0),
       coalesce(sum(c.output_tokens), 0), coalesce(sum(c.cache_read_tokens), 0), coalesce(sum(c.cache_write_tokens), 0),
       coalesce(sum(c.cost_usd_micros), 0)
from model_calls c
join agent_runs a on a.id = c.agent_run_id
join runs n on n.id = a.run_id
left join runs p on p.id = n.parent_run
where c.state = 'finished' and c.ended_at is not null and coalesce(n.task_id, p.task_id) is null
group by 1, 4, 5;

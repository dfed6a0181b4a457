-- An installation that has worked for ninety days, for `make bench ARGS="--only http"`: 20 people, 50 repositories,
-- 100,000 tasks with a run each, 5 million events, 600,000 steps, 800,000 calls of models with their ledger, and some
-- hundred runs under way or waiting. Rare states lie anywhere, not only among the newest. psql -v tasks=100000.

-- Nothing here can be wrong in ways that keys and triggers would find, and without them it takes a third of the time.
set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '256MB';
select setseed(0.5);

create function pg_temp.id_at(at timestamptz) returns uuid language sql volatile as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
            || '8' || substr(md5(random()::text), 1, 15))::uuid
$$;

insert into users (id, email, name, role)
select pg_temp.id_at(now() - interval '100 days'), 'load-' || i || '@example.org', 'Person ' || i,
       case when i = 1 then 'admin' when i < 4 then 'maintainer' when i = 20 then 'viewer' else 'member' end
from generate_series(1, 20) i;

-- The tokens of an admin, who sees everything, and of a member, who sees a part; `load-admin` and `load-member` hashed.
insert into api_tokens (id, user_id, name, hint, token_sha256, scopes)
select pg_temp.id_at(now()), u.id, 'load', 'cg_load', sha256(t.token::bytea), '{admin}'
from (values (1, 'cg_load-admin'), (7, 'cg_load-member')) t(i, token)
join users u on u.email = 'load-' || t.i || '@example.org';

insert into repositories (id, owner_id, name, forge, url, default_branch, visibility)
select pg_temp.id_at(now() - interval '99 days'),
       (select id from users where email = 'load-' || 2 + i % 18 || '@example.org'), 'repository-' || i, 'git',
       'https://git.example.org/' || i, 'main', case when i % 3 = 0 then 'team' else 'private' end
from generate_series(1, 50) i;

create temp table people as select id, row_number() over (order by email) - 1 as k from users where role <> 'viewer';

-- Those who keep streams open: one person may have only so many of them.
with watchers as (
    insert into users (id, email, name, role)
    select pg_temp.id_at(now() - interval '100 days'), 'load-watcher-' || i || '@example.org', 'Watcher ' || i, 'admin'
    from generate_series(1, 5) i
    returning id, email
)
insert into api_tokens (id, user_id, name, hint, token_sha256, scopes)
select pg_temp.id_at(now()), id, 'load', 'cg_load', sha256(('cg_' || split_part(email, '@', 1))::bytea), '{admin}'
from watchers;

create temp table places as select id, row_number() over (order by name) - 1 as k from repositories;

-- What each task comes to. `way` is what decides: a permille.
create temp table plans as
select i, pg_temp.id_at(at) as task, pg_temp.id_at(at + interval '1 second') as run, at, (random() * 1000)::int as way,
       (random() * 100000)::int as rare, (random() * 18)::int as who, (random() * 49)::int as place
from (select i, now() - interval '90 days' * (1 - i / (:tasks)::float8) - interval '1 minute' as at
      from generate_series(1, :tasks) i) s;

insert into tasks (id, repository_id, created_by, title, description, base_branch, budget_usd_micros, created_at, updated_at)
select p.task, r.id, u.id,
       (array['Fix', 'Add', 'Remove', 'Describe', 'Test', 'Speed up', 'Rename'])[1 + p.i % 7] || ' the '
           || (array['parser', 'login', 'crash at start', 'index', 'cache', 'export', 'report', 'queue'])[1 + p.i % 8]
           || ' of ' || substr(md5(p.i::text), 1, 8),
       repeat('What is to be done is told here in some words about number ' || p.i || '. ', 6), 'main', 10000000, p.at, p.at
from plans p join places r on r.k = p.place join people u on u.k = p.who order by p.i;

-- Some tasks were never started, and 320 runs live.
insert into runs (id, task_id, workflow, version, input, created_at, ended_at, outcome, output, failure, epoch)
select p.run, p.task, 'coding', 1, jsonb_build_object('title', 'as above', 'description', repeat('words ', 30),
           'options', '{"budget_usd_micros": 10000000}'::jsonb), p.at,
       case when not lives then p.at + interval '20 minutes' * (0.2 + p.way / 1000.0) end,
       case when lives then null when p.way < 80 then 'failed' when p.way < 100 then 'canceled' else 'succeeded' end,
       case when not lives and p.way >= 100 then jsonb_build_object(
           'result', case when p.rare < 40 then 'rejected' when p.way < 130 then 'needs_human' else 'published' end,
           'evidence', jsonb_build_object('branch', 'codegraph/' || p.i), 'summary', repeat('It was done. ', 20)) end,
       case when not lives and p.way < 80 then '{"kind": "step", "reason": "the model did not answer"}'::jsonb end, 1
from (select *, i % greatest(:tasks / 320, 1) = 0 as lives from plans where way < 995) p order by p.i;

insert into run_heads (run_id, state, lane, waits, waits_for, paused, epoch, seq, step_no, attempt, step, since, due_at)
select n.id, s.state, 'agents', s.waits, s.waits_for, s.state = 'waiting' and k % 29 = 0, 1, 57, 6, 1, s.step, n.created_at, null
from (select id, created_at, row_number() over (order by id) as k from runs where outcome is null) n
join lateral (select * from (values
    (0, 'waiting', 'signal', '{plan_decided}'::text[], 'plan_decided'), (1, 'waiting', 'signal', '{answered}', 'answered'),
    (2, 'waiting', 'signal', '{budget_raised}', 'budget_raised'), (3, 'waiting', 'signal', '{delivery_decided}', 'delivery_decided'),
    (4, 'queued', null, null, 'plan'), (5, 'waiting', 'timer', null, 'code')) v(at, state, waits, waits_for, step)
    where v.at = case when n.k % 40 < 3 then n.k % 40 when n.k % 2 = 0 then 3 else 4 + n.k % 4 / 2 end) s on true;

insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, at, name, output)
select r.id, s.no * 9, s.no, 1, 1, 60000, r.created_at + interval '1 minute' * s.no,
       (array['prepare', 'plan', 'code', 'test', 'review', 'deliver'])[s.no],
       jsonb_build_object('result', 'done', 'cost_usd_micros', 1200, 'summary', repeat('said and done ', 20))
from runs r cross join generate_series(1, 6) s(no) order by r.id, 2;

insert into events (run_id, seq, step_no, epoch, at, kind, data)
select r.id, s.seq, 1 + s.seq / 9, 1, r.created_at + interval '6 seconds' * s.seq,
       case when s.seq % 2 = 0 then 'activity.finished' else 'activity.started' end,
       jsonb_build_object('key', 'turn ' || s.seq / 2 || case when s.seq % 4 < 2 then ' model' else ' tool 0' end, 'output',
           case when s.seq % 2 = 0 then jsonb_build_object('text', repeat('what came of it ', 8), 'is_error', false) end)
from runs r cross join (select seq from generate_series(1, 57) seq where seq % 9 <> 0) s order by r.id, s.seq;

insert into agent_runs (id, run_id, step_no, agent, model, state, turns, started_at, ended_at)
select pg_temp.id_at(r.created_at), r.id, a.no + 1, (array['planner', 'coder', 'tester', 'reviewer'])[a.no],
       case when a.no = 2 then 'claude-opus' else 'claude-sonnet' end, 'succeeded', 2, r.created_at,
       r.created_at + interval '5 minutes'
from runs r cross join generate_series(1, 4) a(no) order by r.id;

insert into model_calls (id, agent_run_id, turn, try, provider, model, state, request, response, input_tokens, output_tokens,
                         cache_read_tokens, cache_write_tokens, cost_usd_micros, prepared_at, sent_at, ended_at)
select pg_temp.id_at(a.started_at), a.id, t.no, 1, 'anthropic', a.model, 'finished',
       jsonb_build_object('add', repeat('said ', 30)), jsonb_build_object('text', repeat('answered ', 30)),
       9000, 700, 40000, 1000, 30000 + (random() * 20000)::int, a.started_at, a.started_at, a.ended_at
from agent_runs a cross join generate_series(1, 2) t(no) order by a.id, t.no;

insert into ledger_entries (id, run_id, model_call_id, kind, usd_micros, created_at)
select pg_temp.id_at(c.ended_at), a.run_id, c.id, l.kind, c.cost_usd_micros, c.ended_at
from model_calls c join agent_runs a on a.id = c.agent_run_id
cross join (values ('reserved'), ('settled'), ('released')) l(kind)
-- A run's entries lie together, as they are written.
order by a.run_id;

insert into usage_slots (slot, repository_id, user_id, model, agent, calls, input_tokens, output_tokens, cache_read_tokens,
                         cache_write_tokens, cost_usd_micros)
select date_bin('15 minutes', c.ended_at, 'epoch'), t.repository_id, t.created_by, c.model, a.agent, count(*),
       sum(c.input_tokens), sum(c.output_tokens), sum(c.cache_read_tokens), sum(c.cache_write_tokens), sum(c.cost_usd_micros)
from model_calls c join agent_runs a on a.id = c.agent_run_id join runs n on n.id = a.run_id join tasks t on t.id = n.task_id
group by 1, 2, 3, 4, 5;

insert into notifications (id, user_id, task_id, run_id, seq, kind, created_at, read_at)
select pg_temp.id_at(r.ended_at), t.created_by, t.id, r.id, 58, case r.outcome when 'failed' then 'failed' else 'succeeded' end,
       r.ended_at, case when r.ended_at < now() - interval '3 days' then r.ended_at end
from runs r join tasks t on t.id = r.task_id where r.outcome in ('failed', 'succeeded');

vacuum (analyze);

-- A run that is taken up again from one of its steps performs that step anew. Its conversations then are new ones:
-- before this, the answers of the earlier ones stood in their place and nothing new was ever asked.

-- how often the run had been rewound when the conversation began
alter table agent_runs add column generation int not null default 0;
alter table agent_runs drop constraint agent_runs_step_key;
alter table agent_runs add constraint agent_runs_step_key unique (run_id, step_no, agent, generation);

-- Which wall stands around what a worker runs. Whoever runs agents without one has chosen that by hand, and everybody
-- who uses the installation is to see it: not only who reads the worker's log.
alter table workers
    add column sandbox text not null default 'unknown',
    add constraint workers_sandbox_check check (sandbox in ('bubblewrap', 'landlock', 'none', 'unknown'));

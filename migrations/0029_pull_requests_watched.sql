-- A pull request that was merged or closed where it is was noticed only when somebody asked. Open ones are looked at by a
-- job now, those first that were not looked at for longest, and people are told of the end.

alter table pull_requests
    -- when a look at it failed last: its turn is over all the same
    add column tried_at timestamptz;
create index pull_requests_open_idx on pull_requests (id) where state = 'open';

alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check check (kind in (
        'plan', 'question', 'budget', 'delivery', 'blocked', 'succeeded', 'needs_human', 'failed', 'merged', 'closed'));

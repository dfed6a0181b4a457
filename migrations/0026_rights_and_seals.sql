-- A repository was connected, and its shared mirror shown, to somebody whose own rights had never been tried at its
-- source: when the first look took longer than people wait. Now nothing of it is shown while `pending_since` stands. And
-- what belongs to the installation (its token, the identity it speaks ssh with) is used only for repositories that
-- those who look after it have connected. Secrets that sign webhooks stood in the open; they are sealed when used next.

alter table repositories
    -- since when it waits for a first fetch with rights of its own
    add column pending_since timestamptz,
    -- connected by a maintainer or an admin: the installation answers for it with what is its own
    add column vouched boolean not null default false;

update repositories r set vouched = true
from users u where u.id = r.owner_id and u.role in ('admin', 'maintainer');

-- Whether the look of a member's repository succeeded with their own rights is not known any more: a sync finds out.
update repositories set pending_since = clock_timestamp()
where forge <> 'local' and (head_commit is null or not vouched);

alter table webhook_endpoints add column sealed boolean not null default false;

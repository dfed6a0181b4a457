-- A task asked for again with the same key was compared with the task as it is now, so a true repetition was refused once
-- the task had been changed. What was asked for is remembered as a hash.

alter table tasks add column request_sha256 bytea;

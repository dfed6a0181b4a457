-- Who did what, in a chain: each entry's hash covers the one before it, so a gap or a change shows.

create table audit_entries (
    seq       bigint constraint audit_entries_pkey primary key,
    at        timestamptz not null default clock_timestamp(),
    actor_id  uuid,
    actor     text not null,
    action    text not null,
    subject   text not null,
    detail    jsonb not null default '{}',
    previous  bytea not null,
    hash      bytea not null constraint audit_entries_hash_key unique,
    constraint audit_entries_seq_check check (seq > 0)
);
create index audit_entries_subject_idx on audit_entries (subject, seq desc);
create index audit_entries_actor_idx on audit_entries (actor_id, seq desc) where actor_id is not null;

-- What signing in needs besides people: keys that all nodes share, sessions that can be shown to their owner,
-- invitations, and an audit whose chain the database itself computes and keeps from being rewritten by accident.

-- Access tokens are signed with the newest; those before verify what they signed until it has expired.
create table signing_keys (
    kid        text constraint signing_keys_pkey primary key,
    secret     bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    constraint signing_keys_secret_check check (length(secret) >= 32)
);

-- Where a session came from: what its owner recognises it by.
alter table sessions add column address text;
-- What a page must send along with the cookies of this login; the same for its whole life, so that a request that
-- crosses a refresh still fits. Worth nothing without the cookies.
alter table sessions add column csrf text not null default '';
-- The newest use of a family is its newest row; the list of a person's sessions reads it from here.
create index sessions_family_created_idx on sessions (family, created_at desc);
drop index sessions_family_idx;

create table invitations (
    id           uuid constraint invitations_pkey primary key,
    email        text not null,
    role         text not null,
    token_sha256 bytea not null constraint invitations_token_key unique,
    -- null when who invited is gone; the invitation stays good until it expires
    invited_by   uuid constraint invitations_invited_by_fkey references users on delete set null,
    created_at   timestamptz not null default clock_timestamp(),
    expires_at   timestamptz not null,
    accepted_at  timestamptz,
    revoked_at   timestamptz,
    constraint invitations_role_check check (role in ('admin', 'maintainer', 'member', 'viewer')),
    constraint invitations_email_check check (email like '%_@_%' and length(email) <= 254)
);
-- One open invitation for an address: a second replaces it.
create unique index invitations_open_key on invitations (lower(email)) where accepted_at is null and revoked_at is null;

alter table api_tokens add constraint api_tokens_scopes_check check (scopes <@ '{read,write,admin}'::text[]);
-- A revoked token's name may be used again.
alter table api_tokens drop constraint api_tokens_name_key;
create unique index api_tokens_name_key on api_tokens (user_id, name) where revoked_at is null;

-- The hash of an audit entry. An array of JSON is written in one way only, so no two entries read the same.
create function audit_hash(
    previous bytea, seq bigint, at timestamptz, actor_id uuid, actor text, action text, subject text, detail jsonb
) returns bytea language sql stable as $$
    select sha256(previous || convert_to(jsonb_build_array(
        seq, (extract(epoch from at) * 1000000)::bigint, actor_id, actor, action, subject, detail)::text, 'UTF8'))
$$;

-- Entries are written once. Whoever owns the table can still take this away, and then the chain tells.
create function audit_entries_stay() returns trigger language plpgsql as $$
begin
    raise exception 'audit entries are not changed' using errcode = 'integrity_constraint_violation';
end
$$;
create trigger audit_entries_stay before update or delete or truncate on audit_entries
    for each statement execute function audit_entries_stay();
create index audit_entries_action_idx on audit_entries (action, seq desc);
create index audit_entries_at_idx on audit_entries (at);

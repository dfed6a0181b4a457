-- People, their sessions and their tokens. Everything else belongs to a user.

create table users (
    id            uuid constraint users_pkey primary key,
    email         text not null,
    name          text not null,
    -- argon2id, as a PHC string; null for a person who only ever came through GitHub
    password_hash text,
    github_id     bigint constraint users_github_id_key unique,
    role          text not null,
    created_at    timestamptz not null default now(),
    deactivated_at timestamptz,
    constraint users_role_check check (role in ('admin', 'maintainer', 'member', 'viewer')),
    constraint users_email_check check (email like '%_@_%' and length(email) <= 254)
);
-- An address is one person however it is written.
create unique index users_email_key on users (lower(email));

-- One row per refresh token. A family is one login; using a token twice revokes its family.
create table sessions (
    id           uuid constraint sessions_pkey primary key,
    user_id      uuid not null constraint sessions_user_id_fkey references users on delete cascade,
    family       uuid not null,
    token_sha256 bytea not null constraint sessions_token_key unique,
    user_agent   text,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    used_at      timestamptz,
    revoked_at   timestamptz
);
create index sessions_user_id_idx on sessions (user_id, created_at desc);
create index sessions_family_idx on sessions (family);

-- Tokens for programs. Only the hash is kept; `hint` is the start that people recognise.
create table api_tokens (
    id           uuid constraint api_tokens_pkey primary key,
    user_id      uuid not null constraint api_tokens_user_id_fkey references users on delete cascade,
    name         text not null,
    hint         text not null,
    token_sha256 bytea not null constraint api_tokens_token_key unique,
    scopes       text[] not null default '{}',
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    constraint api_tokens_name_key unique (user_id, name)
);

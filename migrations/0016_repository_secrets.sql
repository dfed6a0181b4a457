-- What a server that hosts a repository wants to be shown. Values are sealed by the program (XChaCha20-Poly1305, bound to
-- the repository and the name); nothing gives them out again, and a dump of these rows without the key is of no use.

create table repository_secrets (
    repository_id uuid not null constraint repository_secrets_repository_id_fkey references repositories on delete cascade,
    name          text not null constraint repository_secrets_name_check check (name ~ '^[A-Z][A-Z0-9_]{0,99}$'),
    -- version, fingerprint of the key, nonce, ciphertext with its tag
    sealed        bytea not null constraint repository_secrets_sealed_check check (octet_length(sealed) between 49 and 20000),
    created_by    uuid not null constraint repository_secrets_created_by_fkey references users,
    created_at    timestamptz not null default clock_timestamp(),
    updated_by    uuid not null constraint repository_secrets_updated_by_fkey references users,
    updated_at    timestamptz not null default clock_timestamp(),
    constraint repository_secrets_pkey primary key (repository_id, name)
);

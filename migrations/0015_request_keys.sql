-- Keys of requests name an answer for one operation: a program that numbers its requests may use a number for each of
-- several operations. Nothing used the table before.
alter table request_keys
    add column operation text not null,
    -- those of the answer that its body alone does not say: its type, its tag
    add column headers jsonb not null default '{}',
    drop constraint request_keys_pkey,
    add constraint request_keys_pkey primary key (user_id, operation, key),
    add constraint request_keys_answer_check check ((status is null) = (body is null));

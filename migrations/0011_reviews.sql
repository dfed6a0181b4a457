-- Comments on a difference reach the agents together, as one review; this is what holds them together and says how it
-- was sent.
create table reviews (
    id          uuid constraint reviews_pkey primary key,
    run_id      uuid not null constraint reviews_run_id_fkey references runs on delete cascade,
    author_id   uuid not null constraint reviews_author_id_fkey references users,
    body        text not null default '',
    -- as the decision a run waited for, or as words to the agent at work
    sent_as     text not null,
    -- the author's key: the same review twice is one
    request_key text,
    created_at  timestamptz not null default clock_timestamp(),
    constraint reviews_sent_as_check check (sent_as in ('decision', 'message')),
    constraint reviews_request_key unique (run_id, author_id, request_key)
);
create index reviews_run_id_idx on reviews (run_id, id);

-- Nothing while a comment is a draft.
alter table review_comments add column review_id uuid
    constraint review_comments_review_id_fkey references reviews on delete cascade;
create index review_comments_review_id_idx on review_comments (review_id, id) where review_id is not null;

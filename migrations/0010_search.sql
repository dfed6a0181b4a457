-- A palette finds tasks by any part of their title with every key that is pressed. Trigrams make that an index search;
-- where the extension is missing, or may not be created, the same statement reads all titles.
do $$
begin
    if exists (select from pg_available_extensions where name = 'pg_trgm') then
        create extension if not exists pg_trgm;
        create index tasks_title_trgm_idx on tasks using gin (lower(title) gin_trgm_ops);
    end if;
exception when insufficient_privilege then
    raise notice 'pg_trgm may not be created here: searching reads all titles';
end
$$;

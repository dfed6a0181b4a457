-- People, and what they want to be told, are changed by several hands: whoever changes them can say which state they saw.

alter table users add column updated_at timestamptz not null default clock_timestamp();

alter table notification_preferences add column updated_at timestamptz not null default clock_timestamp();

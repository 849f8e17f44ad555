-- What the house sets for the number line while it runs: help link, how long is waited, how long
-- codes are shown and kept. A change is a new row with everything in it; the newest is in force.
-- Locks: creates only.

create table number_setting (
  version    bigint primary key,
  settings   jsonb not null,
  changed_by text not null,
  reason     text not null check (reason <> ''),
  changed_at timestamptz not null default now()
);

create trigger number_setting_changed after insert or update or delete on number_setting
  for each row execute function laju_table_changed();

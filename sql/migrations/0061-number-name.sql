-- What staff says of suppliers' words for apps and countries: what they are, and what that is
-- called. A change is a new row and nothing is edited: the newest row of a word is in force.
-- Locks: creates only.

create table number_name (
  version    bigint generated always as identity primary key,
  kind       text not null check (kind in ('service', 'country')),
  word       text not null check (word <> ''),
  id         text,                        -- null: taken back
  name       text check (name <> ''),     -- null: as it is called anyhow
  changed_by text not null,
  reason     text not null check (reason <> ''),
  changed_at timestamptz not null default now()
);
create index number_name_word on number_name (kind, word, version);

create trigger number_name_changed after insert or update or delete on number_name
  for each row execute function laju_table_changed();
create trigger number_name_emptied after truncate on number_name
  for each statement execute function laju_table_changed();

-- What numbers are sold for on top of what they cost: rules of the house. A change is a new row and
-- nothing is edited, so the newest row of a scope is in force, all rows are the history, and the
-- rules of any version can be had again.
-- Locks: creates only.

create table number_markup (
  version    bigint generated always as identity primary key,
  level      smallint not null check (level between 0 and 99),  -- 0: everybody's
  service    text not null,               -- empty: all of them; so are country and operator
  country    text not null,
  operator   text not null,
  rule       jsonb,                       -- null: taken back
  changed_by text not null,
  reason     text not null check (reason <> ''),
  changed_at timestamptz not null default now()
);
create index number_markup_scope on number_markup (level, service, country, operator, version);

create trigger number_markup_changed after insert or update or delete on number_markup
  for each row execute function laju_table_changed();
create trigger number_markup_emptied after truncate on number_markup
  for each statement execute function laju_table_changed();

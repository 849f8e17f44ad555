-- Who is tried first, and who not at all: rules of the house for suppliers. A change is a new row
-- and nothing is edited, so the newest row of a (scope, target) is in force, all rows are the
-- history, and the rules of any version can be had again: an order's record names its version.
-- Locks: creates only.

create table routing_rule (
  version    bigint generated always as identity primary key,
  scope      text not null,               -- default | category | brand | product | client | supplier
  target     text not null,               -- empty for default; a client is named by its id
  rule       jsonb,                       -- null: taken back
  changed_by text not null,
  reason     text not null default '',
  changed_at timestamptz not null default now()
);
create index routing_rule_target on routing_rule (scope, target, version);

create trigger routing_rule_changed after insert or update or delete on routing_rule
  for each row execute function laju_table_changed();
create trigger routing_rule_emptied after truncate on routing_rule
  for each statement execute function laju_table_changed();

-- Where rented numbers come from, and what is to be had there. The catalogue is theirs and kept so
-- that a restart shows it at once, with its age; only what changed is written.
-- Locks: creates only.

create table number_supplier (
  code        text primary key check (code ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
  name        text not null,
  kind        text not null,                     -- the adapter; never changed
  base_url    text not null,
  credentials text not null,                     -- sealed, for number-supplier:<code>
  unit        text not null default '1',         -- one unit of their money in rupiah
  active      boolean not null default true,     -- inactive: nothing new is bought there
  terms       jsonb not null default '{}',       -- where its own terms differ from its kind's
  version     integer not null default 1,
  changed_by  text not null,
  reason      text not null check (reason <> ''),
  changed_at  timestamptz not null default now()
);

create trigger number_supplier_changed after insert or update or delete on number_supplier
  for each row execute function laju_table_changed();
create trigger number_supplier_emptied after truncate on number_supplier
  for each statement execute function laju_table_changed();

create table number_offer (
  supplier      text not null references number_supplier (code) on delete cascade,
  offer         text not null,                   -- what its adapter calls it
  service       text not null,                   -- our word for it, alike at every supplier
  service_name  text not null,
  country       text not null,
  country_name  text not null,
  their_service text not null,
  their_country text not null,
  operators     jsonb not null,                  -- [{id, name, theirs}], any first
  cost          bigint not null check (cost > 0),
  stock         bigint not null check (stock >= 0),
  success_rate  integer check (success_rate between 0 and 100),
  primary key (supplier, offer)
);

-- How fresh a supplier's offers are. What it did not answer for is as old as said here.
create table number_catalogue (
  supplier       text primary key references number_supplier (code) on delete cascade,
  refreshed_at   timestamptz not null,
  late_services  jsonb not null default '{}',    -- their code -> unix ms since when
  late_countries jsonb not null default '{}'
);

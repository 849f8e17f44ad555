-- What owners write down about suppliers who answer in prose: rule sets and request templates in
-- versions that never change, which of them is in use and since when, what a rule bench found, and
-- the replies that no rule could read.
-- Locks: callback_inbox, as long as its index is built.

create table parser_rule_set (
  supplier   text not null references supplier (code),
  version    integer not null,
  rules      jsonb not null,
  digest     text not null,          -- sha256 of the rules as text: a bench names what it ran
  note       text not null,
  made_by    text not null,
  made_at    timestamptz not null default now(),
  primary key (supplier, version)
);

-- The latest row of a supplier is in use; the others are its history.
create table parser_activation (
  id         bigint generated always as identity primary key,
  supplier   text not null,
  version    integer not null,
  bench      bigint not null,
  by_whom    text not null,
  at         timestamptz not null default now(),
  foreign key (supplier, version) references parser_rule_set (supplier, version)
);
create index parser_activation_latest on parser_activation (supplier, id desc);

create table parser_bench (
  id         bigint generated always as identity primary key,
  supplier   text not null,
  digest     text not null,
  against    text not null,          -- digest of the rules that were in use
  replies    bigint not null,
  changed    bigint not null,
  to_success bigint not null,        -- of these: not a success before, one now
  changes    jsonb not null,         -- the first ones, with before and after
  complete   boolean not null,       -- all stored replies were read
  ms         integer not null,
  by_whom    text not null,
  at         timestamptz not null default now()
);

-- How requests of the generic adapter are made; the latest version is in use.
create table supplier_template (
  supplier   text not null references supplier (code),
  version    integer not null,
  template   jsonb not null,
  made_by    text not null,
  made_at    timestamptz not null default now(),
  primary key (supplier, version)
);

-- One row per shape (digits collapsed) of what no rule could read.
create table parser_inbox (
  supplier   text not null,
  channel    text not null,
  shape      text not null,
  sample     text not null,          -- the latest reply of this shape
  count      bigint not null,
  first_at   timestamptz not null,
  last_at    timestamptz not null,
  primary key (supplier, channel, shape)
);

create trigger parser_activation_changed after insert on parser_activation
  for each row execute function laju_table_changed();
create trigger supplier_template_changed after insert on supplier_template
  for each row execute function laju_table_changed();

-- Reports that wait for a rule; few, and looked at by people.
create index callback_inbox_no_rule on callback_inbox (id) where verdict = 'garbled: no_rule';

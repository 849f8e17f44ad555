-- What keeps the number line from being misused, and what its staff hears: services that are not
-- offered, who asked for a number from where, clients whose behaviour a person shall look at, and
-- the staff's own stream of events. No number and no code is in here.
-- Locks: creates only; the positions read the journal's primary key.

create table number_denied (
  pattern  text primary key,              -- a service's id, or words of its name; small letters
  reason   text not null check (reason <> ''),
  by       text not null,
  at       timestamptz not null default now()
);
create trigger number_denied_changed after insert or update or delete on number_denied
  for each row execute function laju_table_changed();

-- One row per order that was let through; `how` comes from the journal.
create table number_rental (
  key      text primary key,              -- of the order's id
  user_id  uuid not null,
  address  text not null,
  service  text not null,
  country  text not null,
  at       timestamptz not null,
  how      text                           -- code | given_back | no_code | unbought; null: open
);
create index number_rental_user on number_rental (user_id, at);
create index number_rental_address on number_rental (address, at);

-- Who paid for whose deposits, as far as a gateway tells; the payer is hashed with a key of ours.
create table number_payer (
  payer    text not null,
  user_id  uuid not null,
  at       timestamptz not null,
  primary key (payer, user_id)
);

create table number_review (
  id           bigint generated always as identity primary key,
  user_id      uuid not null,
  why          text not null,
  value        bigint not null,
  threshold    bigint not null,
  opened_at    timestamptz not null,
  banned_until timestamptz,
  verdict      text,                      -- clear | ban
  reason       text,
  decided_by   text,
  decided_at   timestamptz
);
-- One open question per client.
create unique index number_review_open on number_review (user_id) where decided_at is null;

create table staff_event (
  id     bigint generated always as identity primary key,
  name   text not null,
  data   jsonb not null,
  at     timestamptz not null,
  shard  smallint,                        -- the journal line it was made of, when it was one
  seq    bigint,
  unique (shard, seq)
);

create table number_watch_position (
  shard smallint primary key,
  seq   bigint not null
);
-- There were no rented numbers before.
insert into number_watch_position (shard, seq) select shard, max(seq) from journal group by shard;

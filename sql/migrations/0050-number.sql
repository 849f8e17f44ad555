-- Rented numbers as people and reports read them: folded from the journal behind its back. Beside
-- them what is kept nowhere else: the keys that open the texts of messages, links without login, and
-- what was sent to suppliers who keep no reference of ours.
-- Locks: creates only; the positions read the journal's primary key.

create table number_position (
  shard smallint primary key,
  seq   bigint not null
);
-- There were no rented numbers before.
insert into number_position (shard, seq) select shard, max(seq) from journal group by shard;

create table number_view (
  id            uuid primary key,                -- UUIDv7: order by id is order by time
  seq           bigint not null,                 -- the line of its shard that it was last seen at
  user_id       uuid not null,
  ref           text not null,
  phase         text not null,                   -- the actor's
  status        text not null,                   -- as the wire says it
  money_effect  text not null,                   -- held | charged | refunded
  is_open       boolean not null,                -- something may still come of it
  service       text not null,
  service_name  text not null,
  country       text not null,
  country_name  text not null,
  operator      text not null,
  operator_name text not null,
  supplier      text not null,
  their_id      text,                            -- the supplier's own id
  number        text,
  price         bigint not null,
  cost          bigint not null,                 -- as quoted until it was bought
  why           text,
  messages      jsonb not null default '[]',     -- sealed: {sealed, at, code, late}
  codes         integer not null default 0,
  late          integer not null default 0,
  resends       integer not null default 0,
  bought_at     timestamptz,
  dies_at       timestamptz,
  wait_until    timestamptz not null,
  placed_at     timestamptz not null,
  updated_at    timestamptz not null
);
create index number_view_user on number_view (user_id, id);
create index number_view_open on number_view (id) where is_open;
create index number_view_watched on number_view (dies_at) where their_id is not null;
create index number_view_their_id on number_view (supplier, their_id) where their_id is not null;

-- What was earned, one row per fact of the journal: a code sold, a refund after it, a late cost.
create table number_profit (
  shard    smallint not null,
  seq      bigint not null,
  order_id uuid not null,
  user_id  uuid not null,
  what     text not null,                        -- sold | refunded | late_cost
  service  text not null,
  country  text not null,
  operator text not null,
  supplier text not null,
  selling  bigint not null,
  base     bigint not null,
  fee      bigint not null,
  profit   bigint not null check (profit = selling - base - fee),
  at       timestamptz not null,
  primary key (shard, seq)
);
create index number_profit_at on number_profit (at);
create index number_profit_order on number_profit (order_id);

-- What happened to whose order, and by whose hand.
create table number_activity (
  shard    smallint not null,
  seq      bigint not null,
  n        smallint not null,
  order_id uuid not null,
  user_id  uuid not null,
  what     text not null,                        -- order:created ... as the events are called
  details  jsonb not null,
  by       text not null,
  at       timestamptz not null,
  primary key (shard, seq, n)
);
create index number_activity_user on number_activity (user_id, at);
create index number_activity_order on number_activity (order_id);

-- The key that opens the messages of one order; without it they are noise for ever.
create table number_vault (
  order_id uuid primary key,
  key      text not null,                        -- sealed under the master key
  made_at  timestamptz not null default now()
);
create index number_vault_made on number_vault (made_at);

-- Links that open one order without login.
create table number_invoice (
  order_id   uuid primary key,
  generation integer not null,
  word_hash  bytea not null unique
);

-- Written before a purchase leaves. Their own id belongs to one order only.
create table number_flight (
  order_id       uuid primary key,
  supplier       text not null,
  lane           text not null,                  -- purchases in one lane look alike there
  balance_before bigint,
  taken_at       timestamptz not null,
  their_id       text,
  bought_nothing boolean not null default false  -- certainly; so there is no id that we miss
);
create unique index number_flight_their_id
  on number_flight (supplier, their_id) where their_id is not null;
create index number_flight_taken on number_flight (supplier, taken_at);

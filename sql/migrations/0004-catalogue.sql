-- What is sold, who supplies it, what it costs and what we ask for it.
-- Locks: creates only.

create table product (
  code             text primary key,
  name             text not null,
  category         text not null,
  brand            text not null,
  type             text not null default 'prepaid',     -- prepaid | postpaid
  destination_kind text not null default 'phone',       -- phone | meter | account
  active           boolean not null default true,
  cut_off_start    text,                                -- hh:mm in Asia/Jakarta; may wrap midnight
  cut_off_end      text,
  multi            boolean not null default false,      -- the same number may repeat
  twin_minutes     smallint not null default 10,
  pending_limit_s  integer not null default 3600,       -- after this a person is asked to look
  may_lose         boolean not null default false
);

create table supplier (
  code             text primary key,
  name             text not null,
  adapter          text not null,                       -- digiflazz
  base_url         text not null,
  credentials      text not null,                       -- sealed JSON
  timeout_ms       integer not null default 30000,
  max_in_flight    integer not null default 256,
  recheck_after_ms integer not null default 60000,      -- never ask about a purchase sooner
  active           boolean not null default true
);

create table mapping (
  product_code  text not null references product (code),
  supplier_code text not null references supplier (code),
  sku           text not null,                          -- the supplier's own code
  cost          bigint not null,
  priority      smallint not null default 100,          -- lower goes first
  active        boolean not null default true,
  primary key (product_code, supplier_code)
);

-- Markup over the dearest of the active costs; the most specific row wins: product, brand, default.
create table price_rule (
  level   smallint not null,
  scope   text not null,                                -- product | brand | default
  target  text not null default '',
  percent_bp integer not null default 0,                -- basis points of cost, rounded up
  fixed   bigint not null default 0,
  primary key (level, scope, target)
);

create table operator_prefix (
  prefix text primary key,
  brand  text not null
);

-- What outside parties told us, stored before it is understood.
create table callback_inbox (
  id          bigint generated always as identity primary key,
  party       text not null,
  received_at timestamptz not null default now(),
  headers     jsonb not null,
  body        bytea not null
);

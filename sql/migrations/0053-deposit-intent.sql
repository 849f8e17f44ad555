-- Deposits through payment gateways: the gateways themselves, what became of each deposit (folded
-- from the journal behind its back, droppable, rebuildable), what stands in suspense, and what
-- persons said about it. The money itself moves in the journal only.
-- Locks: creates only; the positions read the journal's primary key.

-- Who collects for us.
create table payment_gateway (
  code          text primary key,
  adapter       text not null,
  base_url      text not null,
  credentials   text not null,                           -- sealed, for gateway:<code>
  timeout_ms    integer not null default 20000,
  max_in_flight integer not null default 16,
  -- Where the gateway names no limits of its own.
  amount_min    bigint not null default 10000,
  amount_max    bigint not null default 10000000,
  active        boolean not null default true
);
create trigger payment_gateway_changed after insert or update or delete on payment_gateway
  for each statement execute function laju_table_changed();

create table deposit_intent_position (
  shard smallint primary key,
  seq   bigint not null
);
-- There were none before.
insert into deposit_intent_position (shard, seq) select shard, max(seq) from journal group by shard;

create table deposit_intent (
  id         uuid primary key,                           -- UUIDv7: by id is by time
  user_id    uuid not null,
  ref        text not null,
  method     text not null,
  gateway    text not null,
  reff_id    text not null,                              -- ours there
  their_id   text,                                       -- the gateway's own id
  status     text not null,
             -- asking doubt pending processing paid expired cancelled failed
  amount     bigint not null,                            -- as it was wished
  pays       bigint,                                     -- what the payer pays
  fee        bigint,
  received   bigint,                                     -- what reached the wallet, once it is paid
  pay        jsonb not null default '{}',                -- how it is paid
  expires_at timestamptz,
  paid_at    timestamptz,
  via        text,                                       -- who told us: webhook poll instant manual
  why        text,
  suspended  bigint not null default 0,                  -- rupiah in suspense that nobody resolved
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index deposit_intent_user on deposit_intent (user_id, id);
create index deposit_intent_theirs on deposit_intent (gateway, their_id) where their_id is not null;
create index deposit_intent_reff on deposit_intent (reff_id);
create index deposit_intent_suspended on deposit_intent (id) where suspended > 0;

create table deposit_suspense (
  intent_id   uuid not null,
  n           integer not null,
  user_id     uuid not null,
  gateway     text not null,
  why         text not null,                             -- AMOUNT LATE TWICE
  amount      bigint not null,
  payment     text not null,
  via         text not null,
  at          timestamptz not null,
  verdict     text,                                      -- credit | return; null: nobody decided
  resolved_by text,
  reason      text,
  resolved_at timestamptz,
  primary key (intent_id, n)
);
create index deposit_suspense_open on deposit_suspense (intent_id, n) where verdict is null;

-- Not folded: what persons want done with money, which may need another person's word.
create table deposit_verdict (
  id        bigint generated always as identity primary key,
  intent_id uuid not null,
  n         integer not null,                            -- of the suspense; 0: it was paid
  user_id   uuid not null,
  verdict   text not null check (verdict in ('credit', 'return', 'paid')),
  amount    bigint not null,
  reason    text not null,
  status    text not null check (status in ('waiting', 'approved', 'done', 'rejected')),
  asked_by  uuid not null,
  asked_at  timestamptz not null,
  second_by uuid,
  second_at timestamptz
);
create unique index deposit_verdict_live on deposit_verdict (intent_id, n)
  where status <> 'rejected';
create index deposit_verdict_open on deposit_verdict (id) where status in ('waiting', 'approved');
create index deposit_verdict_asked on deposit_verdict (asked_by, asked_at);

-- Not folded: the QR of a deposit, where the gateway draws it and does not spell it out.
create table deposit_picture (
  intent_id uuid primary key,
  image     text not null,
  kept_at   timestamptz not null
);

-- Not folded: what gateways told of our deposits by webhook, and what came of it. One row for each
-- verdict, however often it was told.
create table deposit_hint (
  intent_id uuid not null,
  verdict   text not null,
  times     integer not null default 1,
  first_at  timestamptz not null,
  last_at   timestamptz not null,
  primary key (intent_id, verdict)
);

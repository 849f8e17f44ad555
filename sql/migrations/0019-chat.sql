-- Orders by chat: gateways with sealed credentials, whose address belongs to whom, every message
-- that came and went, the orders that somebody must still hear the end of, and complaints.
-- A message is kept with its PINs masked. What came is kept sealed beside it until it is
-- understood, so that a crash in between loses nothing; then it is forgotten.
-- Locks: creates only.

create table chat_gateway (
  name        text primary key,
  kind        text not null,         -- plain | whatsapp | whatsapp_cloud | telegram
  base_url    text not null,         -- where we send to; empty for one that only answers
  credentials text not null,         -- sealed
  grammar     jsonb,                 -- its own words, null for the usual ones
  active      boolean not null default true,
  created_at  timestamptz not null default now()
);

create table chat_sender (
  id           bigint generated always as identity primary key,
  gateway      text not null references chat_gateway (name),
  address      text not null,        -- phone from 62, or chat id
  client_id    uuid not null references client (id),
  wrong_pins   smallint not null default 0,
  locked_until timestamptz,
  created_at   timestamptz not null default now(),
  unique (gateway, address)
);
create index chat_sender_client on chat_sender (client_id);

create table chat_inbox (
  id            bigint generated always as identity primary key,
  gateway       text not null references chat_gateway (name),
  message_id    text not null,
  address       text not null,
  text          text not null,       -- PINs masked
  sealed        text,                -- as it came, until it is understood
  state         text not null,       -- waiting | done | ignored
  tries         smallint not null default 0,
  claimed_until timestamptz not null,
  sent_at       timestamptz not null,
  received_at   timestamptz not null default now(),
  unique (gateway, message_id)
);
create index chat_inbox_waiting on chat_inbox (claimed_until) where state = 'waiting';
create index chat_inbox_told on chat_inbox (gateway, address, received_at) where state = 'done';

create table chat_outbox (
  id         bigint generated always as identity primary key,
  gateway    text not null references chat_gateway (name),
  address    text not null,
  text       text not null,
  about      text not null unique,   -- what it answers: it is said once
  state      text not null,          -- waiting | sent | failed | kept
  tries      smallint not null default 0,
  due_at     timestamptz not null default now(),
  remote_id  text,                   -- the channel's own id of it
  problem    text,
  created_at timestamptz not null default now(),
  ended_at   timestamptz
);
create index chat_outbox_waiting on chat_outbox (due_at) where state = 'waiting';
create index chat_outbox_line on chat_outbox (gateway, address, id) where state = 'waiting';
create index chat_outbox_remote on chat_outbox (gateway, remote_id) where remote_id is not null;

create table chat_order (
  id          bigint generated always as identity primary key,   -- the number that people type
  user_id     uuid not null,
  ref         text not null,
  trx_id      uuid,                  -- null until it was answered
  inbox_id    bigint not null references chat_inbox (id),
  gateway     text not null,
  address     text not null,
  destination text not null,
  told        text,                  -- the end that was told, or 'refused'
  created_at  timestamptz not null default now(),
  unique (user_id, ref)
);
create index chat_order_open on chat_order (id) where told is null and trx_id is not null;
create index chat_order_trx on chat_order (trx_id) where told is null and trx_id is not null;
create index chat_order_destination on chat_order (user_id, destination, id);

create table chat_complaint (
  id         bigint generated always as identity primary key,
  trx_id     uuid not null,
  user_id    uuid not null references client (id),
  inbox_id   bigint not null references chat_inbox (id),
  state      text not null default 'open',   -- open | closed
  answer     text,
  closed_by  text,
  created_at timestamptz not null default now(),
  closed_at  timestamptz
);
create unique index chat_complaint_open on chat_complaint (trx_id) where state = 'open';

create table chat_template (
  name       text primary key,
  text       text not null,
  updated_at timestamptz not null default now()
);
